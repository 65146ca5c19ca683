//! The entry point in the browser: mounts the app.

use app::app::App;
use leptos::web_sys::HtmlElement;

/// Mounts the app in `parent`. The script `app/src/boot/start.js` calls it once the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn mount(parent: HtmlElement) {
    if cfg!(debug_assertions) {
        console_error_panic_hook::set_once();
    }
    leptos::mount::mount_to(parent, App).forget();
}

/// Space for the tool that splits the client. It aligns the constants of each split part again, which makes them
/// longer. If they are then longer than before in total, the tool leaves all of them in the first download. Nothing
/// refers to these bytes, so no download contains them.
#[used]
static SPLIT_PADDING: [u8; 65536] = [0; 65536];
