//! The claims of a token, decoded for display and not verified.

use js_sys::{JSON, Object};
use leptos::wasm_bindgen::{JsCast, JsValue};
use portcullis_client::jwt_payload;

/// One claim: its name, its value for display, and its meaning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// The name in the token.
    pub name: String,
    /// The value. Times are formatted.
    pub value: String,
    /// The meaning, if a standard defines the claim.
    pub meaning: &'static str,
}

/// Returns the claims of `token` in their order, or `None` if it is not a readable JWT. Works in the browser only.
#[must_use]
pub fn claims(token: &str) -> Option<Vec<Claim>> {
    let object: Object = JSON::parse(&jwt_payload(token)?).ok()?.dyn_into().ok()?;
    let claim = |entry: JsValue| {
        let entry: js_sys::Array = entry.dyn_into().ok()?;
        let name = entry.get(0).as_string()?;
        let value = format_value(&name, &entry.get(1));
        Some(Claim { meaning: meaning(&name), name, value })
    };
    Object::entries(&object).iter().map(claim).collect()
}

fn format_value(name: &str, value: &JsValue) -> String {
    if let (true, Some(seconds)) = (is_time(name), value.as_f64()) {
        // NumericDate (RFC 7519 §2). `toISOString` throws if JavaScript can't represent the time.
        let time = js_sys::Date::new(&JsValue::from_f64(seconds * 1000.0));
        if time.get_time().is_finite() {
            return time.to_iso_string().as_string().map(|iso| format_time(&iso)).unwrap_or_default();
        }
    }
    let text = value.as_string().or_else(|| JSON::stringify(value).ok().and_then(|json| json.as_string()));
    text.unwrap_or_default()
}

/// Formats `2026-11-23T14:03:04.488Z` as `2026-11-23 14:03:04 UTC`.
fn format_time(iso: &str) -> String {
    let seconds = iso.split(['.', 'Z']).next().unwrap_or_default();
    format!("{} UTC", seconds.replace('T', " "))
}

fn is_time(name: &str) -> bool {
    matches!(name, "exp" | "iat" | "nbf" | "auth_time" | "updated_at")
}

/// Returns the meaning of a claim (RFC 7519 §4.1, RFC 9068 §2.2, OpenID Connect Core §2 and §5.1).
fn meaning(name: &str) -> &'static str {
    match name {
        "iss" => "Who issued the token. The gate trusts its configured issuers only.",
        "sub" => "Who it is about: your id at that issuer.",
        "aud" => "Whom it is meant for. Others must refuse it.",
        "exp" => "From then on it is refused.",
        "nbf" => "Before then it is refused.",
        "iat" => "When it was issued.",
        "jti" => "The token's own id.",
        "client_id" | "azp" => "The application that it was issued to.",
        "scope" | "scp" => "What it allows; the gate compares this with the right.",
        "permissions" | "roles" => "What you may do. The gate reads it only where it is configured to.",
        "nonce" => "Ties it to the sign-in that asked for it.",
        "auth_time" => "When you proved who you are.",
        "acr" => "How strictly you were asked to prove who you are.",
        "amr" => "By what you proved it.",
        "at_hash" | "c_hash" => "Ties it to what was issued along with it.",
        "sid" => "Your session at the provider.",
        "name" | "given_name" | "family_name" | "preferred_username" | "nickname" => "What you are called.",
        "email" => "Your e-mail address.",
        "email_verified" => "Whether the provider has checked that address.",
        "updated_at" => "When what is known of you last changed.",
        _ => "The provider's own.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_shown_in_utc_without_fractions() {
        assert_eq!(format_time("2026-11-23T14:03:04.488Z"), "2026-11-23 14:03:04 UTC");
        assert_eq!(format_time("2026-11-23T14:03:04Z"), "2026-11-23 14:03:04 UTC");
    }

    #[test]
    fn claims_of_an_access_token_are_all_explained() {
        for name in ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope"] {
            assert_ne!(meaning(name), meaning("x-of-its-own"), "{name}");
        }
    }
}
