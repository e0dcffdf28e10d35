//! The desktop program. Everything is in the library.
#![cfg_attr(all(not(debug_assertions), target_os = "windows"), windows_subsystem = "windows")]

fn main() {
    if let Err(error) = maru_desktop::run() {
        // Without a window there is nowhere else to say it.
        #[allow(clippy::print_stderr, reason = "the last words of a program that could not start")]
        {
            eprintln!("Maru could not start: {error}");
        }
        std::process::exit(1);
    }
}
