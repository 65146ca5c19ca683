//! The session cookie of the development provider: it identifies the account that a browser is signed in with.

use http::{HeaderMap, HeaderValue, header};

use crate::Provider;
use crate::accounts::Account;

impl Provider {
    /// Returns the name of the cookie. Browsers share cookies between ports, so the name contains the port.
    fn cookie_name(&self) -> String {
        format!("portcullis_dev_{}", self.issuer.rsplit(':').next().unwrap_or_default())
    }

    fn session(&self, headers: &HeaderMap) -> Option<String> {
        let name = self.cookie_name();
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split("; ")).filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, session)| session.to_owned())
    }

    /// Returns the account that a request with these headers is signed in with.
    pub(crate) fn signed_in(&self, headers: &HeaderMap) -> Option<&'static Account> {
        self.grants.of_session(&self.session(headers)?)
    }

    /// Starts a session of `account` and returns the `Set-Cookie` header.
    pub(crate) fn begin_session(&self, account: &'static Account) -> Option<HeaderValue> {
        let session = self.grants.new_session(account);
        // Lax: the browser sends the cookie when the application redirects here.
        HeaderValue::from_str(&format!("{}={session}; HttpOnly; SameSite=Lax; Path=/", self.cookie_name())).ok()
    }

    /// Ends the session of the request and returns the `Set-Cookie` header that removes the cookie.
    pub(crate) fn end_session(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        if let Some(session) = self.session(headers) {
            self.grants.take_session(&session);
        }
        HeaderValue::from_str(&format!("{}=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0", self.cookie_name())).ok()
    }
}
