//! The browser's entry: it makes the page, and does nothing else.

use app::app::App;
use leptos::web_sys::HtmlElement;

/// Makes the page within `parent`. The script `app/src/boot/start.js` calls it once the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn mount(parent: HtmlElement) {
    if cfg!(debug_assertions) {
        console_error_panic_hook::set_once();
    }
    leptos::mount::mount_to(parent, App).forget();
}

/// Room for the tool that splits the client. Constants that leave with a lazily loaded part are aligned anew, and when
/// all of them together become longer by that, the tool leaves every one in the first download. Nothing refers to these
/// bytes, so they are in no download.
#[used]
static ROOM: [u8; 65536] = [0; 65536];
