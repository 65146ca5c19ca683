//! The kinds of tokens that are missing among the samples, so that not every attack can be tried.

use super::NotTried;
use super::samples::{Sample, SampleKind, most_privileged};

/// Returns the kinds of tokens that are missing in `samples` of an app with `scopes`, and how to provide each.
#[must_use]
pub fn missing(samples: &[Sample], scopes: &[&str]) -> Vec<NotTried> {
    let mut missing = Vec::new();
    let mut add = |what: &str, token: &str| {
        missing.push(NotTried { what: what.to_owned(), how: format!("give {token} with --token") });
    };
    let has = |kind: SampleKind| samples.iter().any(|sample| sample.kind == kind);
    if most_privileged(samples, scopes).is_none() {
        add("a valid token that is tampered with, or is not in the header", "an access token");
    }
    if !has(SampleKind::Expired) {
        add("an expired token", "an expired access token");
    }
    if !has(SampleKind::IdToken) {
        add("an ID token", "the ID token of a sign-in");
    }
    if !has(SampleKind::OtherAudience) && !has(SampleKind::OtherIssuer) {
        add("a token for another audience", "an access token of the same issuer for another API, after a valid one");
    }
    let grants = |sample: &Sample, scope: &str| match &sample.kind {
        SampleKind::Access(scopes) => Some(scopes.iter().any(|granted| granted == scope)),
        _ => None,
    };
    for scope in scopes {
        if !samples.iter().any(|sample| grants(sample, scope) == Some(false)) {
            add(&format!("a token without {scope}"), &format!("an access token without {scope}"));
        }
    }
    let is_whole = |sample: &Sample| scopes.iter().all(|scope| grants(sample, scope) == Some(true));
    if !samples.iter().any(is_whole) {
        add("a token with access to every endpoint", "an access token with every scope of the registry");
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::Scopes;

    use crate::test_program::REGISTRY;

    #[test]
    fn missing_names_each_kind_that_is_not_given() {
        let scopes = REGISTRY.scopes();
        let of = |kind| Sample { name: "t".into(), token: "t".into(), kind };
        let mut samples = vec![
            of(SampleKind::Access(Scopes::parse(&scopes.join(" ")))),
            of(SampleKind::Access(Scopes::default())),
            of(SampleKind::Expired),
            of(SampleKind::IdToken),
            of(SampleKind::OtherAudience),
        ];
        assert_eq!(missing(&samples, &scopes), []);
        samples.remove(1);
        let what: Vec<_> = missing(&samples, &scopes).into_iter().map(|kind| kind.what).collect();
        let expected: Vec<_> = scopes.iter().map(|scope| format!("a token without {scope}")).collect();
        assert_eq!(what, expected);
        assert_eq!(missing(&[], &scopes).len(), 4 + scopes.len() + 1);
    }
}
