//! The binary: the command line, and the house behind it.

use std::process::ExitCode;
use strowger::{cli, server};

fn main() -> ExitCode {
    cli::run(&cli::parse(), server::run, server::talk)
}
