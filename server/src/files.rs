//! The files of the built client and of `public/`, as a web server serves them: compressed ones where the client takes
//! them, entity-tags, dates and ranges. What is hidden, or leads out of the folder, is not there.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use percent_encoding::percent_decode_str;
use tower::ServiceExt;
use tower_http::services::ServeDir;

use crate::rest::conditional;

/// The precompressed variants of a file, by the encoding and the end of their name.
const PRECOMPRESSED: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];
/// The one folder whose name starts with a dot and that is served (RFC 8615).
const WELL_KNOWN: &str = ".well-known";
/// How many bytes of the hash of a file its entity-tag has.
const TAG_BYTES: usize = 16;

/// The files below one folder.
#[derive(Clone)]
pub struct Files {
    root: Arc<Path>,
    service: ServeDir,
    tags: Arc<Mutex<HashMap<PathBuf, Tag>>>,
}

/// The entity-tag of a file, as long as it has this date and length.
#[derive(Clone)]
struct Tag {
    modified: SystemTime,
    length: u64,
    opaque: String,
}

impl Files {
    /// The files below `root`.
    #[must_use]
    pub fn new(root: &str) -> Self {
        let service = ServeDir::new(root).append_index_html_on_directories(false);
        let service = service.precompressed_br().precompressed_gzip();
        Self { root: Path::new(root).into(), service, tags: Arc::default() }
    }

    /// Answers a GET or HEAD request with these `parts`; none if it names no file.
    pub async fn serve(&self, parts: &Parts) -> Option<Response> {
        let name = file_name(parts.uri.path())?;
        let path = self.root.join(&name);
        let root = self.root.clone();
        tokio::task::spawn_blocking(move || is_served(&root, &name)).await.ok().filter(|is_served| *is_served)?;

        // The variant is chosen before any condition: an entity-tag belongs to one variant.
        let accepted = parts.headers.get_all(header::ACCEPT_ENCODING).iter();
        let accepted = accepted.map(|value| (header::ACCEPT_ENCODING, value.clone())).collect();
        let chosen = self.ask(Method::HEAD, parts, accepted).await;
        let encoding = chosen.headers().get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
        let end = PRECOMPRESSED.iter().find(|(name, _)| encoding == Some(name.as_bytes())).map_or("", |(_, end)| end);
        let tag = self.tag(with_end(&path, end)).await.ok()?;
        let mut response = match by_conditions(parts, &tag) {
            Ok(headers) => self.ask(parts.method.clone(), parts, headers).await,
            Err(status) => status.into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.extend(conditional::entity_tag(&tag).map(|tag| (header::ETAG, tag)));
        set_charset(headers);
        Some(response)
    }

    async fn ask(&self, method: Method, parts: &Parts, headers: HeaderMap) -> Response {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method;
        *request.uri_mut() = parts.uri.clone();
        *request.headers_mut() = headers;
        let Ok(response) = self.service.clone().oneshot(request).await;
        response.map(Body::new)
    }

    /// The entity-tag of the file at `path`: a hash of its content. Dates and lengths alone would not do: where files come
    /// from a reproducible build, all have the same date.
    async fn tag(&self, path: PathBuf) -> io::Result<String> {
        let tags = self.tags.clone();
        let read = tokio::task::spawn_blocking(move || {
            let metadata = fs::metadata(&path)?;
            let (modified, length) = (metadata.modified()?, metadata.len());
            let known = tags.lock().unwrap_or_else(PoisonError::into_inner).get(&path).cloned();
            if let Some(known) = known.filter(|known| known.modified == modified && known.length == length) {
                return Ok(known.opaque);
            }
            let hash = digest(&SHA256, &fs::read(&path)?);
            let opaque: String = hash.as_ref().iter().take(TAG_BYTES).map(|byte| format!("{byte:02x}")).collect();
            let tag = Tag { modified, length, opaque: opaque.clone() };
            tags.lock().unwrap_or_else(PoisonError::into_inner).insert(path, tag);
            Ok(opaque)
        });
        read.await.map_err(io::Error::other)?
    }
}

/// The name of the file, relative to the folder, that the path of an address stands for; none for what is hidden or leads
/// elsewhere. It allows less than `ServeDir`, which reads the path once more.
fn file_name(path: &str) -> Option<PathBuf> {
    let decoded = path.strip_prefix('/')?.split('/').map(|part| percent_decode_str(part).decode_utf8().ok());
    let parts: Vec<_> = decoded.collect::<Option<_>>()?;
    let is_plain = |part: &str| !part.is_empty() && !part.contains(['/', '\\', '\0', ':']);
    (parts.iter().all(|part| is_plain(part)) && !is_hidden(parts.iter().map(|part| &**part)))
        .then(|| parts.iter().map(|part| &**part).collect())
}

/// Whether one of `parts` is hidden. Those of `.` and `..` are too.
fn is_hidden<'p>(mut parts: impl Iterator<Item = &'p str>) -> bool {
    let is_hidden = |part: &str| part.starts_with('.');
    parts.next().is_some_and(|first| is_hidden(first) && first != WELL_KNOWN) || parts.any(is_hidden)
}

/// Whether the file `name` of `root` is there to be served: it is a file, within the folder and not hidden even where
/// links lead; and so are its precompressed variants, of which none is a file of its own.
fn is_served(root: &Path, name: &Path) -> bool {
    let Ok(root) = root.canonicalize() else { return false };
    let is_within = |path: &Path| {
        let real = path.canonicalize()?;
        let parts = real.strip_prefix(&root).map_err(io::Error::other)?;
        let is_hidden = is_hidden(parts.iter().map(|part| part.to_str().unwrap_or(".")));
        Ok::<_, io::Error>(!is_hidden && real.is_file())
    };
    let path = root.join(name);
    let is_variant = PRECOMPRESSED.iter().any(|(_, end)| {
        let plain = path.to_str().and_then(|path| path.strip_suffix(end));
        plain.is_some_and(|plain| Path::new(plain).is_file())
    });
    let are_variants_within = PRECOMPRESSED.iter().all(|(_, end)| match is_within(&with_end(&path, end)) {
        Ok(is_within) => is_within,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    });
    !is_variant && are_variants_within && is_within(&path).unwrap_or(false)
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// The headers that are left for `ServeDir` once the conditions that it does not know are met, in the order of RFC 9110
/// §13.2.2; or the status where they are not.
fn by_conditions(parts: &Parts, tag: &str) -> Result<HeaderMap, StatusCode> {
    let mut headers = parts.headers.clone();
    if headers.contains_key(header::IF_MATCH) {
        headers.remove(header::IF_UNMODIFIED_SINCE);
        if !conditional::if_match(&headers).is_ok_and(|expected| expected.is_met_by(tag)) {
            return Err(StatusCode::PRECONDITION_FAILED);
        }
    }
    if headers.contains_key(header::IF_NONE_MATCH) {
        headers.remove(header::IF_MODIFIED_SINCE);
        // One that cannot be read names nothing that the client has.
        if conditional::is_known(&headers, tag).unwrap_or(false) {
            return Err(StatusCode::NOT_MODIFIED);
        }
    }
    // A date is no strong validator, unless nothing changed twice within its second: so a range with one is not honored.
    let if_range = headers.get(header::IF_RANGE);
    let is_same = if_range.is_none_or(|value| value.as_bytes() == format!("\"{tag}\"").as_bytes());
    let is_range = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).is_some_and(is_single_range);
    if parts.method != Method::GET || !is_same || !is_range {
        headers.remove(header::RANGE);
    }
    Ok(headers)
}

/// Whether `range` is one range of bytes. Several, or what is none, may be ignored (RFC 9110 §14.2); `ServeDir` would
/// answer 416.
fn is_single_range(range: &str) -> bool {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return false;
    };
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    match (number(first), number(last)) {
        (Some(first), Some(last)) => first <= last,
        (Some(_), None) => last.is_empty(),
        (None, Some(last)) => first.is_empty() && last > 0,
        (None, None) => false,
    }
}

/// Our texts are UTF-8. Without a word of it, a browser would guess another for one that it is shown by itself.
fn set_charset(headers: &mut HeaderMap) {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let Some(kind) = kind.filter(|kind| kind.starts_with("text/") && !kind.contains(';')) else { return };
    if let Ok(kind) = HeaderValue::try_from(format!("{kind}; charset=utf-8")) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
}

#[cfg(test)]
mod tests;
