//! Conditional requests: entity-tags, `If-Match` and `If-None-Match` (RFC 9110 §8.8.3 and §13.1).

use http::{HeaderMap, HeaderName, HeaderValue, header};
use portcullis::record::Expected;
use portcullis::{AppError, Code};

/// Returns the strong entity-tag of `version`, or `None` if `version` contains quotes or non-ASCII characters.
pub fn entity_tag(version: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("\"{version}\"")).ok()
}

/// Reads the versions that a change expects from `If-Match`. The comparison is strong: a weak tag never matches.
///
/// # Errors
/// 428 without the header, 400 if it is not valid.
pub fn if_match(headers: &HeaderMap) -> Result<Expected, AppError> {
    match tags(headers, header::IF_MATCH)? {
        None => Err(AppError::precondition_required()),
        Some(Tags::Any) => Ok(Expected::Any),
        Some(Tags::List(tags)) => {
            Ok(Expected::OneOf(tags.into_iter().filter(|tag| !tag.weak).map(|tag| tag.opaque).collect()))
        }
    }
}

/// Replaces the `error` of a failed change if `expected` has only weak tags: then these caused the failure, and not a
/// newer version.
pub fn weak_etag_error(error: AppError, expected: &Expected) -> AppError {
    let is_weak = matches!(expected, Expected::OneOf(versions) if versions.is_empty());
    if is_weak && error.code == Code::PreconditionFailed { AppError::weak_precondition() } else { error }
}

/// Returns whether a read with `If-None-Match` can be answered with 304. The comparison is weak.
///
/// # Errors
/// 400 if the header is not valid.
pub fn is_known(headers: &HeaderMap, version: &str) -> Result<bool, AppError> {
    Ok(match tags(headers, header::IF_NONE_MATCH)? {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::List(tags)) => tags.iter().any(|tag| tag.opaque == version),
    })
}

/// The value of `If-Match` or `If-None-Match`.
enum Tags {
    /// `*`.
    Any,
    /// Entity-tags.
    List(Vec<Tag>),
}

struct Tag {
    weak: bool,
    /// The text between the quotes.
    opaque: String,
}

/// Reads all lines of the header `name`. Returns `None` without the header.
fn tags(headers: &HeaderMap, name: HeaderName) -> Result<Option<Tags>, AppError> {
    let malformed = || AppError::invalid_request(format!("{name} must be * or a list of entity-tags in quotes"));
    let mut list = Vec::new();
    let mut any = false;
    for value in headers.get_all(&name) {
        let mut rest = value.to_str().map_err(|_| malformed())?.trim_matches(BLANK);
        if rest == "*" {
            any = true;
            continue;
        }
        loop {
            // Empty list elements are ignored (RFC 9110 §5.6.1.2).
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                break;
            }
            let (tag, after) = tag(rest).ok_or_else(malformed)?;
            list.push(tag);
            rest = after.trim_start_matches(BLANK);
            if !rest.is_empty() && !rest.starts_with(',') {
                return Err(malformed());
            }
        }
    }
    match (any, list.is_empty()) {
        (true, true) => Ok(Some(Tags::Any)),
        (false, false) => Ok(Some(Tags::List(list))),
        (false, true) if !headers.contains_key(&name) => Ok(None),
        _ => Err(malformed()),
    }
}

const BLANK: [char; 2] = [' ', '\t'];

/// Parses the entity-tag at the start of `text`, and returns it with the rest.
fn tag(text: &str) -> Option<(Tag, &str)> {
    let (weak, text) = text.strip_prefix("W/").map_or((false, text), |text| (true, text));
    let (opaque, rest) = text.strip_prefix('"')?.split_once('"')?;
    let is_tag = opaque.bytes().all(|byte| byte.is_ascii_graphic());
    is_tag.then(|| (Tag { weak, opaque: opaque.to_owned() }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(name: HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), value.parse().expect("a value"))).collect()
    }

    fn expected(values: &[&str]) -> Result<Expected, u16> {
        if_match(&sent(header::IF_MATCH, values)).map_err(|error| error.status)
    }

    #[test]
    fn if_match_is_required_and_a_star_or_a_list() {
        let list = |tags: &[&str]| Ok(Expected::OneOf(tags.iter().map(|tag| (*tag).to_owned()).collect()));
        assert_eq!(expected(&[]), Err(428));
        assert_eq!(expected(&["*"]), Ok(Expected::Any));
        assert_eq!(expected(&[" * "]), Ok(Expected::Any));
        assert_eq!(expected(&[r#""a""#]), list(&["a"]));
        assert_eq!(expected(&[r#""a", "b" ,, "c,d""#]), list(&["a", "b", "c,d"]));
        assert_eq!(expected(&[r#""a""#, r#""b""#]), list(&["a", "b"]));
        assert_eq!(expected(&[r#""""#]), list(&[""]));
    }

    #[test]
    fn if_match_with_a_weak_tag_never_matches() {
        assert_eq!(expected(&[r#"W/"a""#]), Ok(Expected::OneOf(vec![])));
        assert_eq!(expected(&[r#"W/"a", "b""#]), Ok(Expected::OneOf(vec!["b".into()])));
    }

    #[test]
    fn if_match_that_is_no_list_of_tags_is_rejected() {
        for bad in
            ["", ",", "a", r#""a"#, r#"a""#, r#""a" "b""#, r#""a b""#, r#"*, "a""#, r#""a", *"#, r#"w/"a""#, "**"]
        {
            assert_eq!(expected(&[bad]), Err(400), "{bad:?}");
        }
        assert_eq!(expected(&["*", r#""a""#]), Err(400));
    }

    #[test]
    fn if_none_match_compares_weakly() {
        let known = |values: &[&str]| is_known(&sent(header::IF_NONE_MATCH, values), "a").map_err(|error| error.status);
        assert_eq!(known(&[]), Ok(false));
        for yes in ["*", r#""a""#, r#"W/"a""#, r#""b", "a""#] {
            assert_eq!(known(&[yes]), Ok(true), "{yes}");
        }
        assert_eq!(known(&[r#""b""#]), Ok(false));
        assert_eq!(known(&["a"]), Err(400));
    }
}
