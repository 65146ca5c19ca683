//! Sends the corpus to every way: few requests at once, each with a limit of time, no redirect followed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, header};

use super::attack::{Attack, Expect};
use super::lure::Lure;
use super::report::Report;
use super::samples::{self, Sample};
use super::target::{Known, Target};
use super::verdict::{Cell, Got, Outcome, judge};
use super::ways::{self, Guard, Way};
use super::{AuditError, NotTried, corpus};

/// How many requests are under way at once.
pub const AT_ONCE: usize = 8;
/// How long one may take, from connecting to the last byte.
pub const TIME_LIMIT: Duration = Duration::from_secs(10);
/// After how many requests without an answer a way is left alone: what has stopped answering would keep the audit for
/// hours.
const MOST_UNANSWERED: usize = 4;
/// How much of an answer is read, in bytes.
const READ_LIMIT: usize = 1024 * 1024;

/// Who the requests say that they are of, so that a log tells an audit from an attack.
const USER_AGENT: &str = concat!("portcullis-audit/", env!("CARGO_PKG_VERSION"));

/// Everything that will be sent: each attack to each way.
pub struct Plan {
    target: Target,
    /// What is attacked.
    pub ways: Vec<Way>,
    /// By what. The first is the one without a token, which open ways are measured by.
    pub attacks: Vec<Attack>,
    not_tried: Vec<NotTried>,
    lure: Lure,
}

impl Plan {
    /// The plan against `target`, with `samples` and what is `known`; `not_tried` holds what could not be known.
    ///
    /// # Errors
    /// When no keys can be made, or no port is to be had.
    pub async fn new(
        target: Target,
        known: &Known,
        samples: &[Sample],
        mut not_tried: Vec<NotTried>,
    ) -> Result<Self, AuditError> {
        let lure = if target.is_local() { Lure::listen().await? } else { Lure::nowhere() };
        let attacks = corpus::all(known, samples, &lure)?;
        not_tried.extend(samples::lacking(samples));
        if !target.is_local() {
            let what = "whether the server fetches a key from an address in a token (jku, x5u)".to_owned();
            let how = "its forgeries name an address that never resolves; run the audit on the server's own machine";
            not_tried.push(NotTried { what, how: how.to_owned() });
        }
        Ok(Self { target, ways: ways::all(), attacks, not_tried, lure })
    }

    /// How many requests it sends. A way that does not answer at all is not asked again, so that there may be fewer.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.ways.len() * self.attacks.len()
    }

    /// Sends everything and judges what comes back.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub async fn run(self) -> Result<Report, AuditError> {
        let at = SystemTime::now();
        let client = client(&self.target)?;
        let mut got: Vec<Vec<Got>> = vec![Vec::new(); self.ways.len()];
        // Without a token first: what an open way answers then is the measure of the rest.
        let first = (0..self.ways.len()).map(|way| (way, 0)).collect();
        for (way, answer) in self.send_all(&client, first).await {
            got[way].push(answer);
        }
        let answered = (0..self.ways.len()).filter(|way| !is_silent(&got[*way][0]));
        let rest = answered.flat_map(|way| (1..self.attacks.len()).map(move |attack| (way, attack))).collect();
        for (way, answer) in self.send_all(&client, rest).await {
            got[way].push(answer);
        }
        let sent = got.iter().map(Vec::len).sum();
        let mut cells = Vec::new();
        for (way, got) in self.ways.iter().zip(&got) {
            let usual = got.first().and_then(status);
            let row = self.attacks.iter().enumerate().map(|(place, attack)| match got.get(place) {
                Some(got) => self.lured(attack, judge(way, attack, got, usual)),
                None => judge(way, attack, &Got::Nothing("not sent, as the way did not answer at all".into()), None),
            });
            cells.push(row.collect());
        }
        let attacks = self.attacks.iter().map(|attack| (attack.family, attack.name.clone())).collect();
        Ok(Report {
            target: self.target.origin(),
            at,
            ways: self.ways,
            attacks,
            cells,
            sent,
            not_tried: self.not_tried,
        })
    }

    /// Sends each of `fields`, way and attack, a few at once; gives the answers in the order of `fields`.
    async fn send_all(&self, client: &reqwest::Client, fields: Vec<(usize, usize)>) -> Vec<(usize, Got)> {
        let unanswered: Vec<AtomicUsize> = self.ways.iter().map(|_| AtomicUsize::new(0)).collect();
        let answers = futures_util::stream::iter(fields).map(async |(way, attack)| {
            if unanswered[way].load(Ordering::Relaxed) >= MOST_UNANSWERED {
                return (way, Got::Nothing("not sent, as the way has stopped answering".into()));
            }
            let attack = &self.attacks[attack];
            let got = send(request(client, &self.target, &self.ways[way], attack), attack).await;
            if let Got::Nothing(_) = got {
                unanswered[way].fetch_add(1, Ordering::Relaxed);
            }
            (way, got)
        });
        answers.buffered(AT_ONCE).collect().await
    }

    /// `cell`, unless the server has fetched the address that the token of `attack` names: whoever writes a token
    /// could then make it ask for anything.
    fn lured(&self, attack: &Attack, cell: Cell) -> Cell {
        match attack.lure {
            Some(path) if cell.outcome == Outcome::Refused && self.lure.was_asked_for(path) => {
                let why = "refused, but the server has fetched the address that the token names".to_owned();
                Cell { outcome: Outcome::Finding, why, ..cell }
            }
            _ => cell,
        }
    }
}

fn status(got: &Got) -> Option<u16> {
    match got {
        Got::Answer { status, .. } => Some(*status),
        Got::Nothing(_) => None,
    }
}

/// Whether there is no point in asking again: nobody is there, or asks to be left alone.
fn is_silent(got: &Got) -> bool {
    status(got).is_none_or(|status| status == 429)
}

fn client(target: &Target) -> Result<reqwest::Client, AuditError> {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(TIME_LIMIT);
    let builder = builder.user_agent(USER_AGENT);
    // A proxy of the environment could answer in this machine's place.
    Ok(if target.is_local() { builder.no_proxy() } else { builder }.build()?)
}

/// The content type of forms, and of the body that nothing can read.
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// A body that is neither UTF-8, JSON nor CBOR: whoever lets a request through that should be refused cannot make
/// anything of it.
const UNREADABLE: &[u8] = b"\xff";
/// A form with a token besides the one in the header. The gate refuses it before anything behind it is run
/// (RFC 6750 §2), and it cannot be read either.
const REFUSED_AFTER_THE_GATE: &[u8] = b"access_token=\xff&\xff";

/// The request of `attack` to `way`. None of them changes anything: ids name nothing, and bodies cannot be read.
fn request(client: &reqwest::Client, target: &Target, way: &Way, attack: &Attack) -> reqwest::RequestBuilder {
    let sends = &attack.sends;
    let query = sends.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let method = Method::from_bytes(way.method.as_bytes()).unwrap_or(Method::GET);
    let is_safe = method.is_safe();
    let authorization = sends.headers.iter().map(|value| (header::AUTHORIZATION, value.as_slice()));
    let cookie = sends.cookie.iter().map(|cookie| (header::COOKIE, cookie.as_bytes()));
    let mut headers = HeaderMap::new();
    for (name, value) in authorization.chain(cookie) {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    let request = client.request(method, target.at(&format!("{}{query}", way.address()))).headers(headers);
    let is_let_in = match (&attack.expect, way.guard) {
        (Expect::ByScopes(granted), Guard::Gate(access)) => access.missing_from(granted).is_empty(),
        _ => false,
    };
    match &sends.form {
        Some(form) => request.header(header::CONTENT_TYPE, FORM).body(form.clone()),
        None if is_safe => request,
        None if is_let_in => request.header(header::CONTENT_TYPE, FORM).body(REFUSED_AFTER_THE_GATE),
        None => request.header(header::CONTENT_TYPE, FORM).body(UNREADABLE),
    }
}

/// Sends `request`, and tells of the answer only what the verdict needs.
async fn send(request: reqwest::RequestBuilder, attack: &Attack) -> Got {
    let nothing = |error: reqwest::Error| {
        let why = if error.is_timeout() { "no answer in time" } else { "no answer" };
        Got::Nothing(why.to_owned())
    };
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => return nothing(error),
    };
    let status = response.status().as_u16();
    let challenge = response.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let mut answer: Vec<u8> =
        response.headers().values().flat_map(|value| [value.as_bytes(), b"\n"].concat()).collect();
    let end = answer.len() + READ_LIMIT;
    while answer.len() < end {
        match response.chunk().await {
            Ok(Some(chunk)) => answer.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => return nothing(error),
        }
    }
    let answer = String::from_utf8_lossy(&answer);
    let echoes = attack.secrets().any(|secret| answer.contains(secret));
    let lacks_key =
        [r#""code":"keys_unavailable""#, r#""code":"key_not_yet_known""#].iter().any(|code| answer.contains(code));
    Got::Answer { status, challenge, echoes, lacks_key }
}
