use proptest::prelude::*;

use super::*;

fn read(typed: &str) -> Result<String, &'static str> {
    Target::parse(typed).map(|target| target.to_string()).map_err(TargetError::code)
}
