//! What brings a page to life in the browser, and says so when it does not (docs/decisions/0017).

use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// Reports a page that does not start.
const REPORT: &str = include_str!("boot/report.js");
/// Lets page translators work beside the client.
const TRANSLATION: &str = include_str!("boot/translation.js");
/// Downloads and starts the client.
const START: &str = include_str!("boot/start.js");

/// The scripts of the document's head; `client` is the address of the client's files, without the ending.
pub fn scripts(client: &str) -> impl IntoView + use<> {
    let (script, wasm) = (format!("{client}.js"), format!("{client}.wasm"));
    let start = format!("{}start({script:?}, {wasm:?})", without_comments(START));
    view! {
        <script nonce=use_nonce()>{without_comments(REPORT)}</script>
        <link rel="modulepreload" href=script/>
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin=""/>
        // Each by itself: one that fails does not take the next with it.
        <script type="module" nonce=use_nonce()>{without_comments(TRANSLATION)}</script>
        <script type="module" nonce=use_nonce()>{start}</script>
    }
}

/// `script` as it is sent with every page. Its comments have lines of their own.
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
            // It would end the element.
            assert!(!sent.contains("</"), "{sent}");
        }
    }
}
