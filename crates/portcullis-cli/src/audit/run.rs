//! Sends the corpus to every route: few requests at a time, each with a timeout, without following redirects.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, header};
use portcullis::Registry;

use super::attack::{Attack, Expectation};
use super::attacker_key_server::AttackerKeyServer;
use super::outcome::Outcome;
use super::report::Report;
use super::routes::{self, Guard, Route};
use super::samples::Sample;
use super::target::Target;
use super::target_info::TargetInfo;
use super::verdict::{Cell, Observed, judge};
use super::{AuditError, NotTried, corpus, missing_samples};

/// The number of concurrent requests.
pub const MAX_CONCURRENT_REQUESTS: usize = 8;
/// The timeout of a request, from the connection to the last byte.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The number of requests without a response after which the rest is not sent to a route: each would take until its
/// timeout.
const MAX_UNANSWERED_REQUESTS: usize = 4;
/// The part of a response that is read.
const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

/// Tells an audit from a real attack in the log of the target.
const USER_AGENT: &str = concat!("portcullis-audit/", env!("CARGO_PKG_VERSION"));

/// The requests of an audit: each attack on each route.
pub struct Plan {
    target: Target,
    /// The routes.
    pub routes: Vec<Route>,
    /// The attacks. The first is the one without a token: responses of open routes are compared with the response to it.
    pub attacks: Vec<Attack>,
    not_tried: Vec<NotTried>,
    key_server: AttackerKeyServer,
}

impl Plan {
    /// Plans an audit of `target`, which serves the app with `registry`. `not_tried` lists what `info` could not tell.
    ///
    /// # Errors
    /// [`AuditError::Randomness`] if no keys can be generated, [`AuditError::Io`] if no port is free.
    pub async fn new(
        registry: &Registry,
        target: Target,
        info: &TargetInfo,
        samples: &[Sample],
        mut not_tried: Vec<NotTried>,
    ) -> Result<Self, AuditError> {
        let key_server =
            if target.is_local() { AttackerKeyServer::start().await? } else { AttackerKeyServer::unreachable() };
        let attacks = corpus::all(registry, info, samples, &key_server)?;
        not_tried.extend(missing_samples::missing(samples, &registry.scopes()));
        if !target.is_local() {
            let what = "whether the server fetches a key from a URL in a token (jku, x5u)".to_owned();
            let how = "its tokens have a URL that never resolves; run the audit on the machine of the server";
            not_tried.push(NotTried { what, how: how.to_owned() });
        }
        Ok(Self { target, routes: routes::all(registry), attacks, not_tried, key_server })
    }

    /// Returns the maximum number of requests. Fewer are sent if a route does not respond.
    #[must_use]
    pub fn max_requests(&self) -> usize {
        self.routes.len() * self.attacks.len()
    }

    /// Sends the requests and judges the responses.
    ///
    /// # Errors
    /// [`AuditError::Http`] if TLS cannot be set up.
    pub async fn run(self) -> Result<Report, AuditError> {
        let at = SystemTime::now();
        let client = client(&self.target)?;
        let mut observed: Vec<Vec<Observed>> = vec![Vec::new(); self.routes.len()];
        // Without a token first: responses of open routes are compared with these.
        let first = (0..self.routes.len()).map(|route| (route, 0)).collect();
        for (route, response) in self.send_all(&client, first).await {
            observed[route].push(response);
        }
        let responsive = (0..self.routes.len()).filter(|route| !is_silent(&observed[*route][0]));
        let rest = responsive.flat_map(|route| (1..self.attacks.len()).map(move |attack| (route, attack))).collect();
        for (route, response) in self.send_all(&client, rest).await {
            observed[route].push(response);
        }
        let sent = observed.iter().map(Vec::len).sum();
        let mut cells = Vec::new();
        for (route, observed) in self.routes.iter().zip(&observed) {
            let baseline = observed.first().and_then(status);
            let row = self.attacks.iter().enumerate().map(|(index, attack)| match observed.get(index) {
                Some(observed) => self.with_key_fetch(attack, judge(route, attack, observed, baseline)),
                None => judge(
                    route,
                    attack,
                    &Observed::NoResponse("not sent, because the route did not respond".into()),
                    None,
                ),
            });
            cells.push(row.collect());
        }
        let attacks = self.attacks.iter().map(|attack| (attack.family, attack.name.clone())).collect();
        Ok(Report {
            target: self.target.origin(),
            at,
            routes: self.routes,
            attacks,
            cells,
            sent,
            not_tried: self.not_tried,
        })
    }

    /// Sends a request for each of `cells`, route and attack, and returns the responses in the order of `cells`.
    async fn send_all(&self, client: &reqwest::Client, cells: Vec<(usize, usize)>) -> Vec<(usize, Observed)> {
        let unanswered: Vec<AtomicUsize> = self.routes.iter().map(|_| AtomicUsize::new(0)).collect();
        let responses = futures_util::stream::iter(cells).map(async |(route, attack)| {
            if unanswered[route].load(Ordering::Relaxed) >= MAX_UNANSWERED_REQUESTS {
                return (route, Observed::NoResponse("not sent, because the route stopped responding".into()));
            }
            let attack = &self.attacks[attack];
            let observed = send(request(client, &self.target, &self.routes[route], attack), attack).await;
            if let Observed::NoResponse(_) = observed {
                unanswered[route].fetch_add(1, Ordering::Relaxed);
            }
            (route, observed)
        });
        responses.buffered(MAX_CONCURRENT_REQUESTS).collect().await
    }

    /// Turns `cell` into a finding if the server has fetched the URL that the token of `attack` names: an attacker could
    /// make it send requests anywhere.
    fn with_key_fetch(&self, attack: &Attack, cell: Cell) -> Cell {
        match attack.key_path {
            Some(path) if cell.outcome == Outcome::Refused && self.key_server.has_served(path) => {
                let why = "refused, but the server fetched the URL in the token".to_owned();
                Cell { outcome: Outcome::Finding, why, ..cell }
            }
            _ => cell,
        }
    }
}

fn status(observed: &Observed) -> Option<u16> {
    match observed {
        Observed::Response { status, .. } => Some(*status),
        Observed::NoResponse(_) => None,
    }
}

/// Returns whether no more requests should be sent: there was no response, or 429.
fn is_silent(observed: &Observed) -> bool {
    status(observed).is_none_or(|status| status == 429)
}

fn client(target: &Target) -> Result<reqwest::Client, AuditError> {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(REQUEST_TIMEOUT);
    let builder = builder.user_agent(USER_AGENT);
    // A proxy in the environment could respond instead of this machine.
    Ok(if target.is_local() { builder.no_proxy() } else { builder }.build()?)
}

/// The content type of forms, and of the malformed bodies.
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// A body that is neither UTF-8, JSON nor CBOR, so that a handler that should not have been reached changes nothing.
const MALFORMED_BODY: &[u8] = b"\xff";
/// A form with a second token besides the one in the header. The gate rejects it before the handler runs (RFC 6750 §2),
/// and it is malformed, too.
const BODY_WITH_SECOND_TOKEN: &[u8] = b"access_token=\xff&\xff";

/// Returns the request of `attack` on `route`. No request changes anything: ids are unused, and bodies are malformed.
fn request(client: &reqwest::Client, target: &Target, route: &Route, attack: &Attack) -> reqwest::RequestBuilder {
    let credentials = &attack.credentials;
    let query = credentials.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let method = Method::from_bytes(route.method.as_bytes()).unwrap_or(Method::GET);
    let is_safe = method.is_safe();
    let authorization = credentials.headers.iter().map(|value| (header::AUTHORIZATION, value.as_slice()));
    let cookie = credentials.cookie.iter().map(|cookie| (header::COOKIE, cookie.as_bytes()));
    let mut headers = HeaderMap::new();
    for (name, value) in authorization.chain(cookie) {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    let request = client.request(method, target.url(&format!("{}{query}", route.request_path()))).headers(headers);
    let has_access = match (&attack.expectation, route.guard) {
        (Expectation::ByScopes(granted), Guard::Gate(access)) => access.missing_from(granted).is_empty(),
        _ => false,
    };
    match &credentials.form {
        Some(form) => request.header(header::CONTENT_TYPE, FORM).body(form.clone()),
        None if is_safe => request,
        None if has_access => request.header(header::CONTENT_TYPE, FORM).body(BODY_WITH_SECOND_TOKEN),
        None => request.header(header::CONTENT_TYPE, FORM).body(MALFORMED_BODY),
    }
}

/// Sends `request`, and returns only what the verdict needs of the response.
async fn send(request: reqwest::RequestBuilder, attack: &Attack) -> Observed {
    let no_response = |error: reqwest::Error| {
        let why = if error.is_timeout() { "no response in time" } else { "no response" };
        Observed::NoResponse(why.to_owned())
    };
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => return no_response(error),
    };
    let status = response.status().as_u16();
    let challenge = response.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let mut content: Vec<u8> =
        response.headers().values().flat_map(|value| [value.as_bytes(), b"\n"].concat()).collect();
    let end = content.len() + MAX_RESPONSE_BYTES;
    while content.len() < end {
        match response.chunk().await {
            Ok(Some(chunk)) => content.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => return no_response(error),
        }
    }
    let content = String::from_utf8_lossy(&content);
    let has_token = attack.secrets().any(|secret| content.contains(secret));
    let is_key_pending =
        [r#""code":"keys_unavailable""#, r#""code":"key_not_yet_known""#].iter().any(|code| content.contains(code));
    Observed::Response { status, challenge, has_token, is_key_pending }
}
