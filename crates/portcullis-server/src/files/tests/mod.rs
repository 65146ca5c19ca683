//! Files of a folder as clients and attackers ask for them.

mod conditions;
mod encodings;
mod paths;
mod ranges;

use std::fs;

use super::*;

const PLAIN: &str = "console.log('plain: \u{e9}');\n";

/// No real brotli and gzip: what is sent is what lies there.
const BROTLI: &[u8] = b"brotli";

const GZIP: &[u8] = b"gzip";

struct Site {
    folder: tempfile::TempDir,
    files: Files,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("site");
        fs::create_dir_all(root.join("pkg")).expect("a folder");
        fs::create_dir_all(root.join(".git")).expect("a folder");
        fs::create_dir_all(root.join(".well-known")).expect("a folder");
        fs::write(folder.path().join("secret"), "secret").expect("a file");
        let files = Files::new(root.to_str().expect("UTF-8"));
        let site = Self { folder, files };
        for (name, content) in [
            ("theme.js", PLAIN.as_bytes()),
            ("theme.js.br", BROTLI),
            ("theme.js.gz", GZIP),
            ("robots.txt", b"0123456789"),
            ("icon.svg", b"<svg/>"),
            ("pkg/portcullis.wasm", b"\0asm"),
            (".env", b"secret"),
            (".git/config", b"secret"),
            (".well-known/security.txt", b"Contact: x"),
        ] {
            site.write(name, content);
        }
        site
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.root().join(name), content).expect("a file");
    }

    /// Status, headers and body; 404 if it is no file.
    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        let Some(response) = self.files.serve(&parts).await else { return (404, HeaderMap::new(), Vec::new()) };
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 10_000).await.expect("a body");
        (parts.status.as_u16(), parts.headers, body.to_vec())
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
        self.ask(Method::GET, path, headers).await
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
}
