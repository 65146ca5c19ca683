//! A provider that does as it is told: it counts what it is asked, fails, rotates, lies and dawdles.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, options, post};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::Key;

/// How the provider answers when it is asked for its keys.
#[derive(Clone)]
pub enum Mood {
    /// With these keys.
    Keys(Vec<Value>),
    /// With status 500.
    Down,
    /// With a redirect to somewhere else that has the keys.
    Redirect(String),
    /// With these bytes.
    Bytes(Vec<u8>),
    /// With these bytes, said to be in this `Content-Encoding`.
    Encoded(&'static str, Vec<u8>),
    /// With a first byte, and then nothing more.
    Drip,
    /// With this many megabytes, as long as somebody reads them.
    Endless(usize),
}

/// How the provider answers an authorization request.
#[derive(Clone)]
pub enum Welcome {
    /// With a redirect to the redirect URI of the request, and this error.
    Back(&'static str, &'static str),
    /// With a redirect to there.
    Elsewhere(String),
    /// With this status and page.
    Page(u16, &'static str),
}

/// What else may be set, for those who ask as a browser does.
#[derive(Clone)]
struct Manners {
    /// Members of the discovery document that replace the usual ones; null takes one out.
    document: Value,
    /// The `Date` of the discovery document; the usual one if there is none.
    date: Option<String>,
    /// The origin that may read its answers.
    allows_origin: Option<String>,
    welcome: Welcome,
    /// How it answers who signs out.
    farewell: Welcome,
    /// What a wrong code is answered with.
    refusal: Value,
    /// The queries of the authorization requests, and the forms of the token requests.
    heard: Vec<String>,
    /// The `Accept-Encoding` of the requests for keys and documents.
    encodings: Vec<String>,
    /// Bytes that stand in for the discovery document.
    document_bytes: Option<Vec<u8>>,
}

struct Shared {
    manners: Mutex<Manners>,
    mood: Mutex<Mood>,
    asked: AtomicUsize,
    /// How often its discovery document was asked for.
    discovered: AtomicUsize,
    /// How many megabytes of an endless answer were read.
    read: Arc<AtomicUsize>,
    url: String,
    /// What the discovery document says the issuer is.
    claims_to_be: Mutex<String>,
}

/// A running provider; it ends with this value.
pub struct Issuer {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Issuer {
    /// Starts a provider that serves `keys`.
    pub async fn start(keys: &[&Key]) -> Self {
        Self::start_at(TcpListener::bind("127.0.0.1:0").await.expect("a free port"), keys)
    }

    /// Starts it behind a listener that is already there.
    pub fn start_at(listener: TcpListener, keys: &[&Key]) -> Self {
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let manners = Manners {
            document: json!({}),
            date: None,
            allows_origin: None,
            welcome: Welcome::Back("login_required", ""),
            farewell: Welcome::Page(200, "Do you want to sign out?"),
            refusal: json!({"error": "invalid_grant"}),
            heard: Vec::new(),
            encodings: Vec::new(),
            document_bytes: None,
        };
        let shared = Arc::new(Shared {
            manners: Mutex::new(manners),
            mood: Mutex::new(Mood::Keys(keys.iter().map(|key| key.jwk.clone()).collect())),
            asked: AtomicUsize::new(0),
            discovered: AtomicUsize::new(0),
            read: Arc::default(),
            claims_to_be: Mutex::new(url.clone()),
            url,
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/realms/main/.well-known/openid-configuration", get(discovery))
            .route("/.well-known/oauth-authorization-server/moved", get(discovery))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/oauth/token", post(token))
            .route("/userinfo", options(userinfo))
            .route("/logout", get(logout))
            .with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("serving") });
        Self { shared, task }
    }

    /// Its issuer identifier.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// How often it was asked for its keys.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// How often it was asked for its discovery document.
    pub fn discovered(&self) -> usize {
        self.shared.discovered.load(Ordering::SeqCst)
    }

    /// How many megabytes of its endless answer were read.
    pub fn megabytes_read(&self) -> usize {
        self.shared.read.load(Ordering::SeqCst)
    }

    /// How it answers from now on.
    pub fn becomes(&self, mood: Mood) {
        *self.shared.mood.lock().expect("a mood") = mood;
    }

    /// Serves `keys` from now on.
    pub fn rotates_to(&self, keys: &[&Key]) {
        self.becomes(Mood::Keys(keys.iter().map(|key| key.jwk.clone()).collect()));
    }

    fn mind(&self, change: impl FnOnce(&mut Manners)) {
        change(&mut self.shared.manners.lock().expect("manners"));
    }

    /// Sets members of its discovery document; null takes one out.
    pub fn document(&self, members: Value) {
        self.mind(|manners| manners.document = members);
    }

    /// Sets the `Date` of its discovery document.
    pub fn date(&self, date: String) {
        self.mind(|manners| manners.date = Some(date));
    }

    /// Lets pages of `origin` read its answers.
    pub fn allows_origin(&self, origin: &str) {
        self.mind(|manners| manners.allows_origin = Some(origin.to_owned()));
    }

    /// How it answers authorization requests.
    pub fn welcomes(&self, welcome: Welcome) {
        self.mind(|manners| manners.welcome = welcome);
    }

    /// How it answers who signs out.
    pub fn says_farewell_with(&self, farewell: Welcome) {
        self.mind(|manners| manners.farewell = farewell);
    }

    /// What it answers a wrong code with.
    pub fn refuses_codes_with(&self, refusal: Value) {
        self.mind(|manners| manners.refusal = refusal);
    }

    /// The queries and forms that it was sent.
    pub fn heard(&self) -> Vec<String> {
        self.shared.manners.lock().expect("manners").heard.clone()
    }

    /// The `Accept-Encoding` of every request for keys and documents.
    pub fn encodings(&self) -> Vec<String> {
        self.shared.manners.lock().expect("manners").encodings.clone()
    }

    /// Makes something of the bytes of its discovery document, as it is now.
    pub fn document_becomes(&self, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        let document = usual_document(&self.shared).to_string().into_bytes();
        self.mind(|manners| manners.document_bytes = Some(change(document)));
    }

    /// What its discovery document says it is.
    pub fn claims_to_be(&self, issuer: &str) {
        *self.shared.claims_to_be.lock().expect("an issuer") = issuer.to_owned();
    }
}

fn usual_document(shared: &Shared) -> Value {
    let issuer = shared.claims_to_be.lock().expect("an issuer").clone();
    let at = |path: &str| format!("{}{path}", shared.url);
    let mut document = json!({
        "issuer": issuer, "jwks_uri": at("/jwks"),
        "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
    });
    let manners = shared.manners.lock().expect("manners");
    for (name, value) in manners.document.as_object().expect("members") {
        if value.is_null() {
            document.as_object_mut().expect("an object").remove(name);
        } else {
            document[name] = value.clone();
        }
    }
    document
}

/// Remembers which encodings were asked for.
fn note_encodings(shared: &Shared, headers: &HeaderMap) {
    let asked = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    shared.manners.lock().expect("manners").encodings.push(asked.to_owned());
}

async fn discovery(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    shared.discovered.fetch_add(1, Ordering::SeqCst);
    note_encodings(&shared, &headers);
    let document = usual_document(&shared);
    let manners = shared.manners.lock().expect("manners").clone();
    if let Some(bytes) = manners.document_bytes {
        return bytes.into_response();
    }
    let date = manners.date.map(|date| [(header::DATE, date)]);
    match date {
        Some(date) => (date, axum::Json(document)).into_response(),
        None => axum::Json(document).into_response(),
    }
}

async fn authorize(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let mut manners = shared.manners.lock().expect("manners");
    manners.heard.push(query.clone());
    answered(manners.welcome.clone(), &query, "redirect_uri")
}

async fn logout(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let mut manners = shared.manners.lock().expect("manners");
    manners.heard.push(query.clone());
    answered(manners.farewell.clone(), &query, "post_logout_redirect_uri")
}

/// The answer to `query`, whose parameter `back` says where it came from.
fn answered(welcome: Welcome, query: &str, back: &str) -> Response {
    match welcome {
        Welcome::Back(error, description) => {
            let parameters = url::form_urlencoded::parse(query.as_bytes());
            let to = parameters.into_iter().find(|(name, _)| name == back).expect("a redirect URI").1;
            let mut to = url::Url::parse(&to).expect("a URL");
            to.query_pairs_mut().append_pair("error", error).append_pair("error_description", description);
            Redirect::to(to.as_str()).into_response()
        }
        Welcome::Elsewhere(to) => Redirect::to(&to).into_response(),
        Welcome::Page(status, page) => (StatusCode::from_u16(status).expect("a status"), page).into_response(),
    }
}

async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, form: String) -> Response {
    let mut manners = shared.manners.lock().expect("manners");
    manners.heard.push(form);
    let refusal = (StatusCode::BAD_REQUEST, axum::Json(manners.refusal.clone())).into_response();
    allowing(&manners, &headers, refusal)
}

async fn userinfo(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let manners = shared.manners.lock().expect("manners");
    let words = [(header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type")];
    allowing(&manners, &headers, (StatusCode::NO_CONTENT, words).into_response())
}

/// Lets the origin of the request read the answer, if it is the one that may.
fn allowing(manners: &Manners, headers: &HeaderMap, mut answer: Response) -> Response {
    let origin = headers.get(header::ORIGIN);
    let allowed = origin.filter(|origin| manners.allows_origin.as_deref().is_some_and(|allowed| allowed == *origin));
    if let Some(origin) = allowed {
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    answer
}

async fn jwks(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    shared.asked.fetch_add(1, Ordering::SeqCst);
    note_encodings(&shared, &headers);
    let mood = shared.mood.lock().expect("a mood").clone();
    match mood {
        Mood::Keys(keys) => axum::Json(json!({ "keys": keys })).into_response(),
        Mood::Down => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Redirect(to) => Redirect::temporary(&to).into_response(),
        Mood::Bytes(bytes) => bytes.into_response(),
        Mood::Encoded(encoding, bytes) => ([(header::CONTENT_ENCODING, encoding)], bytes).into_response(),
        Mood::Endless(megabytes) => {
            let read = shared.read.clone();
            let chunks = (0..megabytes).map(move |_| {
                read.fetch_add(1, Ordering::SeqCst);
                Ok::<_, std::convert::Infallible>(" ".repeat(1024 * 1024))
            });
            Body::from_stream(futures_util::stream::iter(chunks)).into_response()
        }
        Mood::Drip => {
            let first = futures_util::stream::once(async { Ok::<_, std::convert::Infallible>("{") });
            let never = futures_util::stream::pending();
            Body::from_stream(futures_util::StreamExt::chain(first, never)).into_response()
        }
    }
}
