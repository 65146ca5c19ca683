//! A refresh token for fresh tokens of the same person (RFC 6749 §6).

use oauth2::RefreshToken;
use portcullis::sign_in::{AudienceParameter, SignIn};

use super::{GrantFault, check, client, refused, timed};
use crate::http;
use crate::id_token::Answers;
use crate::provider::given_with_the_page;
use crate::token_answer::TokenAnswer;
use crate::tokens::{Principal, Tokens, person_of};
use crate::whoami::{self, Whoami};

/// How long our server may take, in milliseconds: other tabs wait for the lock.
const WHOAMI_PATIENCE: u32 = 4_000;

/// Sends the refresh token of `before`. With any answer it is spent (RFC 9700 §4.14.2): see [`rotated`].
///
/// # Errors
/// Why there is no answer.
pub async fn refresh(before: &Tokens) -> Result<TokenAnswer, GrantFault> {
    let SignIn::At(provider) = given_with_the_page() else { return Err(GrantFault::NoProvider) };
    let client = client(&provider).ok_or(GrantFault::Unreadable)?;
    let token = RefreshToken::new(before.refresh_token.clone().ok_or(GrantFault::NoRefreshToken)?);
    let mut request = client.exchange_refresh_token(&token);
    if provider.audience_parameter == AudienceParameter::Resource {
        request = request.add_extra_param("resource", provider.audience.clone());
    }
    request.request_async(&http::send).await.map_err(refused)
}

/// Returns `before` with the refresh token that is good after `answer`: the new one; without one, the old one if the
/// answer is in order otherwise (RFC 6749 §6), else none.
pub fn rotated(before: &Tokens, answer: &TokenAnswer) -> Tokens {
    let fresh = answer.fresh_refresh_token();
    let refresh_token = fresh.or_else(|| answer.bearer().ok().and(before.refresh_token.clone()));
    Tokens { refresh_token, ..before.clone() }
}

/// Returns `before` with what the refresh has brought: tokens of the same person (OpenID Connect Core §12).
///
/// # Errors
/// Why the answer is not used.
pub async fn refreshed(before: &Tokens, answer: &TokenAnswer) -> Result<Tokens, GrantFault> {
    let SignIn::At(provider) = given_with_the_page() else { return Err(GrantFault::NoProvider) };
    let access_token = answer.bearer().map_err(GrantFault::Answer)?;
    let Principal { id_subject, nonce, subject, .. } = &*before.principal;
    // An ID token that cannot be compared with the sign-in's own is left out.
    let id_token = answer.id_token().zip(id_subject.as_deref());
    if let Some((token, subject)) = id_token {
        check(&provider, token, Answers::Refresh { subject, nonce: nonce.as_deref() })?;
    }
    match (person_of(&before.access_token), person_of(access_token)) {
        (Some(first), Some(now)) if first != now => return Err(GrantFault::AnotherPerson),
        _ => {}
    }
    let mut fresh = timed(answer, Tokens { access_token: access_token.to_owned(), ..before.clone() });
    let id_token = id_token.map(|(token, _)| token);
    // What the server cannot check now stays as it was: the scopes, and the ID token of before.
    if let Ok(Whoami { identity, refused_id_token }) = whoami::ask(access_token, id_token, None, WHOAMI_PATIENCE).await
    {
        if subject.is_some() && identity.subject != *subject {
            return Err(GrantFault::AnotherPerson);
        }
        if let Some(why) = refused_id_token {
            return Err(GrantFault::IdTokenRefused(why));
        }
        fresh.scopes = identity.scopes;
        fresh.id_token = id_token.map(str::to_owned).or(fresh.id_token);
    }
    Ok(fresh)
}
