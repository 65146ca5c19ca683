//! The server of the example app.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis_cli::run(&server::PROGRAM)
}
