//! Conditional requests: entity-tags, and what a request says of them (RFC 9110 §8.8.3 and §13.1).

use http::{HeaderMap, HeaderName, HeaderValue, header};
use portcullis::record::Expected;
use portcullis::{AppError, Code};

/// The strong entity-tag of something in `version`, which holds neither quotes nor anything beyond ASCII.
pub fn entity_tag(version: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("\"{version}\"")).ok()
}

/// What a change expects by its `If-Match`. The comparison is strong: a weak tag is met by nothing.
///
/// # Errors
/// 428 without the field, 400 for one that cannot be read.
pub fn if_match(headers: &HeaderMap) -> Result<Expected, AppError> {
    match tags(headers, header::IF_MATCH)? {
        None => Err(AppError::precondition_required()),
        Some(Tags::Any) => Ok(Expected::Any),
        Some(Tags::List(tags)) => {
            Ok(Expected::OneOf(tags.into_iter().filter(|tag| !tag.weak).map(|tag| tag.opaque).collect()))
        }
    }
}

/// Replaces the `error` of a change that names only weak tags in `expected`: these are why it failed, and not that the
/// resource has changed.
pub fn weak_etag_error(error: AppError, expected: &Expected) -> AppError {
    let is_weak = matches!(expected, Expected::OneOf(versions) if versions.is_empty());
    if is_weak && error.code == Code::PreconditionFailed { AppError::weak_precondition() } else { error }
}

/// Whether a read with `If-None-Match` can be answered with 304. The comparison is weak.
///
/// # Errors
/// 400 for a field that cannot be read.
pub fn is_known(headers: &HeaderMap, version: &str) -> Result<bool, AppError> {
    Ok(match tags(headers, header::IF_NONE_MATCH)? {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::List(tags)) => tags.iter().any(|tag| tag.opaque == version),
    })
}

/// The value of one of the two fields.
enum Tags {
    /// `*`.
    Any,
    /// Entity-tags.
    List(Vec<Tag>),
}

struct Tag {
    weak: bool,
    /// What stands between the quotes.
    opaque: String,
}

/// Reads the field `name`, over all its lines; none without one.
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
            // Empty elements of a list are passed over (RFC 9110 §5.6.1.2).
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

/// The entity-tag at the start of `text`, and what follows it.
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
