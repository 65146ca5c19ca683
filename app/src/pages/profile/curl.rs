//! The curl command that calls the API with the person's own token.

use portcullis::{Method, Surface};

use crate::registry::REGISTRY;

/// Returns the path to try: that of the first declared REST endpoint with GET and without parameters.
#[must_use]
pub fn path() -> Option<&'static str> {
    let simple = |endpoint: &&portcullis::DeclaredEndpoint| {
        endpoint.surface == Surface::Rest && endpoint.method == Method::Get && !endpoint.path.contains('{')
    };
    REGISTRY.endpoints().find(simple).map(|endpoint| endpoint.path)
}

/// Returns the command for a POSIX shell.
#[must_use]
pub fn command(origin: &str, path: &str, token: &str) -> String {
    format!("curl -i {} -H {}", quoted(&format!("{origin}{path}")), quoted(&format!("Authorization: Bearer {token}")))
}

/// Returns `text` quoted as one word for the shell (POSIX.1-2017, Shell Command Language §2.2.2).
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curl_command_sends_the_token_to_a_registered_endpoint() {
        assert_eq!(path(), Some("/api/items"));
        assert_eq!(
            command("https://portcullis.example", "/api/items", "a.b.c"),
            "curl -i 'https://portcullis.example/api/items' -H 'Authorization: Bearer a.b.c'"
        );
    }

    #[test]
    fn curl_command_token_cannot_end_its_quotes() {
        let command = command("http://127.0.0.1:3000", "/", "x'; rm -rf ~; '");
        assert!(command.ends_with(r"Bearer x'\''; rm -rf ~; '\'''"), "{command}");
    }
}
