//! The browser's entry: it hydrates the page that the server rendered, and does nothing else.

use app::app::App;

/// Called by the script of the page once the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(App);
}
