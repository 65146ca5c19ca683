//! Whose tokens go with a call: those of the person whom the page shows, or none at all.

use leptos::prelude::*;

use crate::fetch::FetchError;
use crate::token_store::{self, Stored};
use crate::tokens::Tokens;
use crate::{Session, SessionState, clock};

impl Session {
    /// The tokens to send with a call: refreshed first, where they have run out. None if nobody is signed in.
    ///
    /// # Errors
    /// [`FetchError::AnotherPerson`] if they are not those of the person whom the page shows: another tab has signed in
    /// since, and nothing may be done in that person's name. The page is loaded again.
    pub(crate) async fn tokens_to_send(self) -> Result<Option<Tokens>, FetchError> {
        let Some(tokens) = self.tokens_of_page()? else { return Ok(None) };
        if clock::is_doubtful() {
            clock::ask().await;
        }
        if !tokens.is_good(clock::now()) && tokens.refresh_token.is_some() {
            self.renew(&tokens).await;
        }
        // Time has passed since the first look. What this page alone still has cannot be refreshed.
        let is_sent = |tokens: &Tokens| tokens.is_good(clock::now()) || token_store::load() != Stored::Foreign;
        Ok(self.tokens_of_page()?.filter(is_sent))
    }

    /// The tokens that are kept, if they are those of the person whom the page shows.
    pub(crate) fn tokens_of_page(self) -> Result<Option<Tokens>, FetchError> {
        let kept = match token_store::load() {
            Stored::Ours(kept) => kept,
            // Another app has written over them: this page still has its own.
            Stored::Foreign => return Ok(self.shown_tokens()),
            Stored::Nothing => return Ok(None),
        };
        if self.is_another_person(&kept) {
            self.load_again();
            return Err(FetchError::AnotherPerson);
        }
        Ok(Some(kept))
    }

    /// Whether `tokens` are not those of the person whom the page shows.
    pub(crate) fn is_another_person(self, tokens: &Tokens) -> bool {
        self.state.with_untracked(|state| match state {
            SessionState::SignedIn(shown) => shown.whose() != tokens.whose(),
            SessionState::Unknown | SessionState::SignedOut => false,
        })
    }
}
