//! The server of the example app.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis_cli::run(&server::PROGRAM)
}

#[cfg(test)]
mod tests {
    #[test]
    fn build_without_dev_provider_needs_an_issuer() {
        let config = portcullis_server::config::Config::read(server::PROGRAM.build(), &|_| Ok(None));
        assert_eq!(config.is_ok(), cfg!(feature = "dev-provider"));
    }
}
