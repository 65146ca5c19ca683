//! Which tokens a request carries: those of the person whom the page shows, or none.

use leptos::prelude::*;

use super::Session;
use crate::clock;
use crate::fetch::FetchError;
use crate::token_store::{self, StoredSession};
use crate::tokens::Tokens;

impl Session {
    /// Returns the tokens to send with a request, refreshed if they have expired, or `None` if nobody is signed in.
    ///
    /// # Errors
    /// [`FetchError::AnotherPerson`] if the stored tokens are not of the person whom the page shows: another tab has
    /// signed in since, and nothing may be done in that person's name. The page is reloaded.
    pub(crate) async fn tokens_to_send(self) -> Result<Option<Tokens>, FetchError> {
        let Some(mut tokens) = self.tokens_of_page()? else { return Ok(None) };
        let is_uncertain = clock::is_uncertain();
        if is_uncertain {
            clock::synchronize().await;
        }
        let is_refreshed = !tokens.is_usable(clock::now()) && tokens.refresh_token.is_some();
        if is_refreshed {
            self.refresh(&tokens).await;
        }
        if is_uncertain || is_refreshed {
            // Another tab may have changed the session since then.
            let Some(now) = self.tokens_of_page()? else { return Ok(None) };
            tokens = now;
        }
        // Expired tokens that another app has overwritten can't be refreshed.
        let is_sendable = tokens.is_usable(clock::now()) || token_store::load() != StoredSession::Foreign;
        Ok(Some(tokens).filter(|_| is_sendable))
    }

    /// Returns the stored tokens, if they are of the person whom the page shows.
    pub(crate) fn tokens_of_page(self) -> Result<Option<Tokens>, FetchError> {
        let stored = match token_store::load() {
            StoredSession::Own(stored) => stored,
            // Another app has overwritten them. The page still has its own.
            StoredSession::Foreign => return Ok(self.shown_tokens()),
            StoredSession::Missing => return Ok(None),
        };
        if self.is_another_person(&stored) {
            self.reload();
            return Err(FetchError::AnotherPerson);
        }
        Ok(Some(stored))
    }

    /// Returns whether `tokens` are not of the person whom the page shows, or has shown last: a page whose session is over
    /// still has what they typed, and requests that they started.
    pub(super) fn is_another_person(self, tokens: &Tokens) -> bool {
        self.last_person.with_value(|shown| !shown.is_empty() && *shown != tokens.person_key())
    }
}
