//! The bearer header: a token is accepted only from a single `Authorization` header, and only as a whole.

use http::{HeaderMap, HeaderValue, header};

use crate::{AuthError, bearer};

/// Checks the property. The first line of `data` is the query if it begins with `?`. Every other line is an
/// `Authorization` header.
pub fn holds(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n').peekable();
    let query = lines.next_if(|line| line.starts_with(b"?")).and_then(|line| std::str::from_utf8(&line[1..]).ok());
    let mut headers = HeaderMap::new();
    for value in lines.filter_map(|line| HeaderValue::from_bytes(line).ok()) {
        headers.append(header::AUTHORIZATION, value);
    }
    let values: Vec<&HeaderValue> = headers.get_all(header::AUTHORIZATION).iter().collect();
    let in_query = query.map_or(0, tokens_in);
    assert_eq!(bearer::count_tokens(query.unwrap_or_default().as_bytes()), in_query);
    let ways = values.len() + in_query;
    let expected = match values.as_slice() {
        _ if ways > 1 => Err(AuthError::Ambiguous),
        [value] => word_after_bearer(value.as_bytes()),
        _ => Err(AuthError::CredentialsRequired),
    };
    let found = bearer::token(&headers, query);
    match (&found, &expected) {
        (Ok(token), Ok(expected)) => {
            assert_eq!(token.as_bytes(), *expected);
            assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()), "{token:?}");
        }
        (Err(found), Err(expected)) => assert_eq!(found, expected),
        _ => panic!("{found:?}, expected {expected:?}"),
    }
}

/// Returns the single word after the scheme, by the grammar of RFC 6750 §2.1, with spaces around each word.
fn word_after_bearer(value: &[u8]) -> Result<&[u8], AuthError> {
    if !value.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(AuthError::BadFormat);
    }
    let words: Vec<&[u8]> = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [] => Err(AuthError::CredentialsRequired),
        [scheme, word] if scheme.eq_ignore_ascii_case(b"bearer") => Ok(word),
        [_, _] => Err(AuthError::BadScheme),
        _ => Err(AuthError::BadFormat),
    }
}

/// Returns the number of parameters of `query` with the name `access_token`, percent-encoded or not.
fn tokens_in(query: &str) -> usize {
    let name = |pair: &str| decoded(pair.split('=').next().unwrap_or_default());
    query.split('&').filter(|pair| name(pair) == b"access_token").count()
}

/// Decodes the form encoding of `text`.
fn decoded(text: &str) -> Vec<u8> {
    let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let (bytes, mut out, mut at) = (text.as_bytes(), Vec::new(), 0);
    while let Some(byte) = bytes.get(at) {
        match (byte, hex(bytes.get(at + 1)), hex(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', ..) => out.push(b' '),
            _ => out.push(*byte),
        }
        at += 1;
    }
    out
}
