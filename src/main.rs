//! The program: everything is in the library.

fn main() -> std::process::ExitCode {
    chitra::cli::run()
}
