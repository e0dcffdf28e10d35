//! Builds again whenever the page was built again: it is part of the program.

fn main() {
    println!("cargo:rerun-if-changed=../../ui/dist");
}
