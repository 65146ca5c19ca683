//! Leaving: the end of the provider's session (OpenID Connect RP-Initiated Logout §2).

use leptos::prelude::*;
use oauth2::url::Url;

use super::provider::SignIn;

/// Goes to the provider's end-session endpoint where there is one, else to the home page.
pub(super) fn leave(how: &SignIn, id_token: Option<&str>) {
    let home = location().origin().map(|origin| format!("{origin}/")).unwrap_or_else(|_| "/".to_owned());
    let address = match how {
        SignIn::At(provider) => provider.end_session_endpoint.as_deref().and_then(|endpoint| {
            let mut url = Url::parse(endpoint).ok()?;
            let mut query = url.query_pairs_mut();
            query.append_pair("client_id", &provider.client_id);
            query.append_pair("post_logout_redirect_uri", &home);
            if let Some(id_token) = id_token {
                query.append_pair("id_token_hint", id_token);
            }
            drop(query);
            Some(url.to_string())
        }),
        SignIn::Unavailable | SignIn::NotConfigured => None,
    };
    let _ = location().assign(&address.unwrap_or(home));
}
