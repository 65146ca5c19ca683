//! Revoking refresh tokens that nobody is to use again (RFC 7009).

use std::time::Duration;

use js_sys::futures::{JsFuture, future_to_promise};
use js_sys::{Array, Promise};
use leptos::wasm_bindgen::JsValue;

use super::fetch::{self, Ask};
use super::lock::pause;
use super::provider::member;

/// Asks the provider to revoke `refresh_token`. The request goes on when the page is left. Whether the provider has
/// confirmed it.
pub async fn send(refresh_token: &str) -> bool {
    let (Some(url), Some(client_id)) = (member("revocation_endpoint"), member("client_id")) else { return false };
    let token = js_sys::encode_uri_component(refresh_token);
    let client_id = js_sys::encode_uri_component(&client_id);
    let body = format!("token={token}&token_type_hint=refresh_token&client_id={client_id}");
    let answer = fetch::send(Ask {
        url: &url,
        method: "POST",
        headers: &[("content-type", "application/x-www-form-urlencoded")],
        body: Some(&body),
        outlives_page: true,
        ..Ask::default()
    });
    answer.await.is_ok_and(|answer| answer.status == 200)
}

/// Does as [`send`], and waits no longer than `patience` for the provider, which is asked all the same.
pub async fn send_within(refresh_token: String, patience: Duration) -> bool {
    let sent = future_to_promise(async move { Ok(JsValue::from_bool(send(&refresh_token).await)) });
    let late = future_to_promise(async move {
        pause(patience).await;
        Ok(JsValue::FALSE)
    });
    JsFuture::from(Promise::race(&Array::of2(&sent, &late))).await.is_ok_and(|confirmed| confirmed.is_truthy())
}
