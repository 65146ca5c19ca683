//! The request handlers of the provider.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{Manners, Mood, Shared, Welcome};

pub(super) fn usual_document(shared: &Shared) -> Value {
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

/// Records the requested encodings.
fn note_encodings(shared: &Shared, headers: &HeaderMap) {
    let asked = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    shared.manners.lock().expect("manners").encodings.push(asked.to_owned());
}

pub(super) async fn discovery(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
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

pub(super) async fn authorize(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let mut manners = shared.manners.lock().expect("manners");
    manners.heard.push(query.clone());
    answered(manners.welcome.clone(), &query, "redirect_uri")
}

pub(super) async fn logout(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let mut manners = shared.manners.lock().expect("manners");
    manners.heard.push(query.clone());
    answered(manners.farewell.clone(), &query, "post_logout_redirect_uri")
}

/// Returns the response to `query`, whose parameter `back` has the URL to return to.
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

pub(super) async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, form: String) -> Response {
    let mut manners = shared.manners.lock().expect("manners");
    manners.heard.push(form);
    let refusal = (StatusCode::BAD_REQUEST, axum::Json(manners.refusal.clone())).into_response();
    allowing(&manners, &headers, refusal)
}

pub(super) async fn userinfo(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let manners = shared.manners.lock().expect("manners");
    let words = [(header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type")];
    allowing(&manners, &headers, (StatusCode::NO_CONTENT, words).into_response())
}

/// Lets the origin of the request read the response, if it is the allowed one.
fn allowing(manners: &Manners, headers: &HeaderMap, mut answer: Response) -> Response {
    let origin = headers.get(header::ORIGIN);
    let allowed = origin.filter(|origin| manners.allows_origin.as_deref().is_some_and(|allowed| allowed == *origin));
    if let Some(origin) = allowed {
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    answer
}

pub(super) async fn jwks(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
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
