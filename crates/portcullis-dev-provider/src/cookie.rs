//! Who is signed in at the development provider, in a browser: a cookie that says so until the session is ended.

use http::{HeaderMap, HeaderValue, header};

use crate::Provider;
use crate::accounts::Account;

impl Provider {
    /// The cookie's name. Cookies are not kept apart by port, so the name has it.
    fn cookie_name(&self) -> String {
        format!("portcullis_dev_{}", self.issuer.rsplit(':').next().unwrap_or_default())
    }

    fn session(&self, headers: &HeaderMap) -> Option<String> {
        let name = self.cookie_name();
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split("; ")).filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, session)| session.to_owned())
    }

    /// Who is signed in where a request with these headers comes from.
    pub(crate) fn signed_in(&self, headers: &HeaderMap) -> Option<&'static Account> {
        self.grants.of_session(&self.session(headers)?)
    }

    /// Begins a session of `account`: the header that sets its cookie.
    pub(crate) fn begin_session(&self, account: &'static Account) -> Option<HeaderValue> {
        let session = self.grants.new_session(account);
        // Lax: it comes along when the application sends the person here.
        HeaderValue::from_str(&format!("{}={session}; HttpOnly; SameSite=Lax; Path=/", self.cookie_name())).ok()
    }

    /// Ends the session that these headers name: the header that removes its cookie.
    pub(crate) fn end_session(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        if let Some(session) = self.session(headers) {
            self.grants.take_session(&session);
        }
        HeaderValue::from_str(&format!("{}=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0", self.cookie_name())).ok()
    }
}
