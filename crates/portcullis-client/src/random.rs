//! Random texts that nobody can guess, if the browser has a cryptographic generator.

use leptos::prelude::window;

/// Returns 128 random bits in hexadecimal digits.
#[must_use]
pub fn random() -> String {
    let mut bytes = [0; 16];
    let result = window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    if result.is_err() {
        // Not secret, but different each time.
        bytes.iter_mut().for_each(|byte| *byte = (js_sys::Math::random() * 256.0) as u8);
    }
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16);
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(digit).collect()
}
