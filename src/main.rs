//! The program: everything is in the library, but for the allocator, which is a program's choice.

/// Rows and events are made on one thread and given back on another, thousands at a time: a seventh of an import's first pass was spent
/// in the C library's allocator. Without huge pages, which double the memory of an import and make it no quicker.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    chitra::cli::run()
}
