//! The files of the built client and of `public/`, with precompressed variants, entity-tags, dates and ranges. Hidden
//! files and files outside of the folder are not served.

mod cache;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Throttle;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use percent_encoding::percent_decode_str;
use portcullis::AppError;
use tower_http::services::ServeDir;

use crate::conditional;
use cache::{CachedFile, FileCache, MAX_KEPT_BYTES};

/// The precompressed variants of a file: the encoding and the file extension.
const PRECOMPRESSED: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];
/// The only served folder whose name starts with a dot (RFC 8615).
const WELL_KNOWN: &str = ".well-known";
/// The size of one read of an uncached file, per client.
const CHUNK_BYTES: usize = 16 * 1024;

/// The files below one folder.
#[derive(Clone)]
pub struct Files {
    root: Arc<Path>,
    service: ServeDir,
    cache: Arc<FileCache>,
    warning: Arc<Throttle>,
}

impl Files {
    /// Serves the files below `root`.
    #[must_use]
    pub fn new(root: &str) -> Self {
        let service = ServeDir::new(root).append_index_html_on_directories(false);
        let service = service.precompressed_br().precompressed_gzip();
        let service = service.with_buf_chunk_size(CHUNK_BYTES);
        let cache = Arc::new(FileCache::new(MAX_KEPT_BYTES));
        Self { root: Path::new(root).into(), service, cache, warning: Arc::default() }
    }

    /// Responds to a GET or HEAD request with these `parts`. Returns `None` if the file does not exist. A file that
    /// exists but cannot be read is an error: with a 404, a cache or a browser would believe that it is gone.
    pub async fn serve(&self, parts: &Parts) -> Option<Response> {
        match self.find(parts).await {
            Ok(response) => response,
            Err(error) if is_missing(&error) => None,
            Err(error) => {
                if let Some(suppressed) = self.warning.admit() {
                    tracing::warn!(%error, suppressed, "a file of the client cannot be read");
                }
                Some(AppError::file_unavailable().into_response())
            }
        }
    }

    async fn find(&self, parts: &Parts) -> io::Result<Option<Response>> {
        let Some(name) = file_name(parts.uri.path()) else { return Ok(None) };
        let path = self.root.join(&name);
        let root = self.root.clone();
        let is_served = tokio::task::spawn_blocking(move || is_served(&root, &name));
        if !is_served.await.map_err(io::Error::other)?? {
            return Ok(None);
        }

        // The variant is chosen before the conditions, because each variant has its own entity-tag.
        let accepted = parts.headers.get_all(header::ACCEPT_ENCODING).iter();
        let accepted = accepted.map(|value| (header::ACCEPT_ENCODING, value.clone())).collect();
        let chosen = self.ask(Method::HEAD, parts, accepted).await?;
        let encoding = chosen.headers().get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
        let end = PRECOMPRESSED.iter().find(|(name, _)| encoding == Some(name.as_bytes())).map_or("", |(_, end)| end);
        let CachedFile { tag, bytes, .. } = self.cache.get(with_end(&path, end)).await?;
        let mut response = match by_conditions(parts, &tag) {
            Ok(headers) => self.send(parts, headers, bytes).await?,
            Err(status) => status.into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.extend(conditional::entity_tag(&tag).map(|tag| (header::ETAG, tag)));
        set_charset(headers);
        Ok(Some(response))
    }

    async fn ask(&self, method: Method, parts: &Parts, headers: HeaderMap) -> io::Result<Response> {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method;
        *request.uri_mut() = parts.uri.clone();
        *request.headers_mut() = headers;
        Ok(self.service.clone().try_call(request).await?.map(Body::new))
    }

    /// Responds as `ask` does, but with `bytes` instead of reading the file, if they are known.
    async fn send(&self, parts: &Parts, headers: HeaderMap, bytes: Option<Bytes>) -> io::Result<Response> {
        let Some(bytes) = bytes.filter(|_| parts.method == Method::GET) else {
            return self.ask(parts.method.clone(), parts, headers).await;
        };
        let head = self.ask(Method::HEAD, parts, headers.clone()).await?;
        match part(&head, &bytes) {
            Some(part) => Ok(head.map(|_| part.into())),
            // The file has changed since.
            None if head.status().is_success() => self.ask(Method::GET, parts, headers).await,
            None => Ok(head),
        }
    }
}

/// Returns the part of `bytes` that `head` announces, if `bytes` are the content of the same file.
fn part(head: &Response, bytes: &Bytes) -> Option<Bytes> {
    let text = |name| head.headers().get(name)?.to_str().ok();
    let range = match head.status() {
        StatusCode::OK => 0..bytes.len(),
        StatusCode::PARTIAL_CONTENT => {
            let (range, length) = text(header::CONTENT_RANGE)?.strip_prefix("bytes ")?.split_once('/')?;
            let (first, last) = range.split_once('-')?;
            (length.parse() == Ok(bytes.len())).then_some(())?;
            first.parse().ok()?..last.parse::<usize>().ok()?.checked_add(1)?
        }
        _ => return None,
    };
    let is_announced = text(header::CONTENT_LENGTH)?.parse() == Ok(range.len());
    (is_announced && range.end <= bytes.len()).then(|| bytes.slice(range))
}

/// Returns the name of the file for a URL path, relative to the folder. Returns `None` for a hidden file and for one
/// outside of the folder. It allows less than `ServeDir`, which parses the path again.
fn file_name(path: &str) -> Option<PathBuf> {
    let decoded = path.strip_prefix('/')?.split('/').map(|part| percent_decode_str(part).decode_utf8().ok());
    let parts: Vec<_> = decoded.collect::<Option<_>>()?;
    let is_plain = |part: &str| !part.is_empty() && !part.contains(['/', '\\', '\0', ':']);
    (parts.iter().all(|part| is_plain(part)) && !is_hidden(parts.iter().map(|part| &**part)))
        .then(|| parts.iter().map(|part| &**part).collect())
}

/// Returns whether one of `parts` is hidden. This includes `.` and `..`.
fn is_hidden<'p>(mut parts: impl Iterator<Item = &'p str>) -> bool {
    let is_hidden = |part: &str| part.starts_with('.');
    parts.next().is_some_and(|first| is_hidden(first) && first != WELL_KNOWN) || parts.any(is_hidden)
}

/// Returns whether `error` says that the file does not exist, and not that it cannot be read.
fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename)
}

/// Returns whether the file `name` in `root` may be served: it is a file in the folder, and not hidden, also after
/// following links. The same holds for its precompressed variants, which are not served under their own names.
fn is_served(root: &Path, name: &Path) -> io::Result<bool> {
    let root = root.canonicalize()?;
    let is_within = |path: &Path| {
        let real = path.canonicalize()?;
        let Ok(parts) = real.strip_prefix(&root) else { return Ok(false) };
        let is_hidden = is_hidden(parts.iter().map(|part| part.to_str().unwrap_or(".")));
        Ok::<_, io::Error>(!is_hidden && real.metadata()?.is_file())
    };
    let path = root.join(name);
    let is_variant = PRECOMPRESSED.iter().any(|(_, end)| {
        let plain = path.to_str().and_then(|path| path.strip_suffix(end));
        plain.is_some_and(|plain| Path::new(plain).is_file())
    });
    if is_variant || !is_within(&path)? {
        return Ok(false);
    }
    for (_, end) in PRECOMPRESSED {
        match is_within(&with_end(&path, end)) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(error) if is_missing(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Evaluates the conditions that `ServeDir` does not know, in the order of RFC 9110 §13.2.2. Returns the remaining
/// headers, or the status if a condition fails.
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
        // A malformed value matches nothing that the client has.
        if conditional::is_known(&headers, tag).unwrap_or(false) {
            return Err(StatusCode::NOT_MODIFIED);
        }
    }
    // A date is not a strong validator, unless the file did not change twice within its second. So a range with a date
    // is ignored.
    let if_range = headers.get(header::IF_RANGE);
    let is_same = if_range.is_none_or(|value| value.as_bytes() == format!("\"{tag}\"").as_bytes());
    let is_range = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).is_some_and(is_single_range);
    if parts.method != Method::GET || !is_same || !is_range {
        headers.remove(header::RANGE);
    }
    Ok(headers)
}

/// Returns whether `range` is a single byte range. Several ranges or an invalid one may be ignored (RFC 9110 §14.2),
/// but `ServeDir` would respond with 416.
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

/// Adds the charset. All our text files are UTF-8, and a browser that opens one directly would guess another.
fn set_charset(headers: &mut HeaderMap) {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let Some(kind) = kind.filter(|kind| kind.starts_with("text/") && !kind.contains(';')) else { return };
    if let Ok(kind) = HeaderValue::try_from(format!("{kind}; charset=utf-8")) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
}

#[cfg(test)]
mod tests;
