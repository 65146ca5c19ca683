//! The scripts that start the client in the browser, and report a page that does not start (docs/decisions/0017).

use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// Reports a page that does not start.
const REPORT: &str = include_str!("boot/report.js");
/// Lets page translators work beside the client.
const TRANSLATION: &str = include_str!("boot/translation.js");
/// Downloads and starts the client.
const START: &str = include_str!("boot/start.js");

/// Returns the scripts of the document's head. `client` is the URL of the client's files, without the extension.
pub fn scripts(client: &str) -> impl IntoView + use<> {
    let (script, wasm) = (format!("{client}.js"), format!("{client}.wasm"));
    let start = format!("{}start({script:?}, {wasm:?})", without_comments(START));
    view! {
        <script nonce=use_nonce()>{without_comments(REPORT)}</script>
        <link rel="modulepreload" href=script/>
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin=""/>
        // Separate scripts: if one fails, the next still runs.
        <script type="module" nonce=use_nonce()>{without_comments(TRANSLATION)}</script>
        <script type="module" nonce=use_nonce()>{start}</script>
    }
}

/// Returns `script` as it is sent with every page. Comments in it must have lines of their own.
fn without_comments(script: &str) -> String {
    let lines = script.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_comments_stand_alone() {
        for script in [REPORT, TRANSLATION, START] {
            let sent = without_comments(script);
            assert!(!sent.contains("//"), "{sent}");
            // This would end the script element.
            assert!(!sent.contains("</"), "{sent}");
        }
    }
}
