//! Revoking refresh tokens that nobody is to use again (RFC 7009).

use leptos::task::spawn_local;

use crate::fetch::{self, Ask};
use crate::provider::member;

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

/// Revokes `refresh_token`, if there is one, and waits for nothing.
pub fn revoke(refresh_token: Option<String>) {
    if let Some(token) = refresh_token {
        spawn_local(async move { _ = send(&token).await });
    }
}
