//! Revoking refresh tokens that must not be used again (RFC 7009).

use leptos::task::spawn_local;

use crate::embedded_config::provider_member;
use crate::fetch::{self, Request};

/// Asks the provider to revoke `refresh_token`, and returns whether it confirms that. The request continues when the
/// page is left.
pub async fn revoke(refresh_token: &str) -> bool {
    let (Some(url), Some(client_id)) = (provider_member("revocation_endpoint"), provider_member("client_id")) else {
        return false;
    };
    let token = js_sys::encode_uri_component(refresh_token);
    let client_id = js_sys::encode_uri_component(&client_id);
    let body = format!("token={token}&token_type_hint=refresh_token&client_id={client_id}");
    let response = fetch::send(Request {
        url: &url,
        method: "POST",
        headers: &[("content-type", "application/x-www-form-urlencoded")],
        body: Some(&body),
        keepalive: true,
        ..Request::default()
    });
    response.await.is_ok_and(|response| response.status == 200)
}

/// Revokes `refresh_token`, if there is one, without waiting for the response.
pub fn revoke_in_background(refresh_token: Option<String>) {
    if let Some(token) = refresh_token {
        spawn_local(async move { _ = revoke(&token).await });
    }
}
