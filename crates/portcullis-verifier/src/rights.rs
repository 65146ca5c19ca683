//! The claims of an access token that carry rights, and the scopes of each role. Pure.

use std::collections::BTreeMap;

use super::json::{Object, Value};

/// The standard claims for scopes: `scope` (RFC 9068 §2.2.3) and `scp` (Entra, Okta).
pub const SCOPE_CLAIMS: [&str; 2] = ["scope", "scp"];

/// The claims that carry rights, and the scopes of each role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    claims: Vec<String>,
    roles: BTreeMap<String, Vec<String>>,
}

impl Default for Rights {
    fn default() -> Self {
        Self::new(SCOPE_CLAIMS.map(str::to_owned).to_vec(), BTreeMap::new())
    }
}

impl Rights {
    /// Reads rights from `claims`: names, or paths with dots. `roles` maps a role to its scopes.
    #[must_use]
    pub fn new(claims: Vec<String>, roles: BTreeMap<String, Vec<String>>) -> Self {
        Self { claims, roles }
    }

    /// Returns the names and paths of the claims that carry rights.
    #[must_use]
    pub fn claims(&self) -> &[String] {
        &self.claims
    }

    /// Returns the scopes that the claims `token` grant.
    #[must_use]
    pub fn scopes<'a>(&'a self, token: &'a Object<'_>) -> Vec<&'a str> {
        let mut scopes = Vec::new();
        for path in &self.claims {
            let Some(value) = find_claim(token, path) else { continue };
            if SCOPE_CLAIMS.contains(&path.as_str()) {
                // A client may request any scope, even one with the name of a role, so roles do not apply here.
                scopes.extend(texts(value).iter().filter_map(Value::as_text).flat_map(|text| text.split(' ')));
            } else {
                self.add_roles(value, &mut scopes);
            }
        }
        scopes
    }

    fn add_roles<'a>(&'a self, value: &'a Value<'_>, scopes: &mut Vec<&'a str>) {
        // In a list, the name of a role may contain spaces. In a string, spaces separate the roles.
        let is_list = matches!(value, Value::List(_));
        for text in texts(value).iter().filter_map(Value::as_text) {
            let names: Vec<&str> = if is_list { vec![text] } else { text.split(' ').collect() };
            for name in names {
                match self.roles.get(name) {
                    Some(granted) => scopes.extend(granted.iter().map(String::as_str)),
                    None => scopes.push(name),
                }
            }
        }
    }
}

/// Returns the values of a claim that is a single value or a list.
fn texts<'v, 'a>(value: &'v Value<'a>) -> &'v [Value<'a>] {
    match value {
        Value::List(list) => list,
        single => std::slice::from_ref(single),
    }
}

/// Returns the claim at `path`. A name may contain dots, such as `https://example.com/roles`, so the complete path is
/// tried before its parts.
pub fn find_claim<'v, 'a>(object: &'v Object<'a>, path: &str) -> Option<&'v Value<'a>> {
    if let Some(value) = object.get(path) {
        return Some(value);
    }
    path.match_indices('.').find_map(|(dot, _)| match object.get(&path[..dot]) {
        Some(Value::Object(inner)) => find_claim(inner, &path[dot + 1..]),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scopes(claims: &[&str], roles: &[(&str, &[&str])], token: serde_json::Value) -> Vec<String> {
        let roles = roles
            .iter()
            .map(|(role, scopes)| ((*role).to_owned(), scopes.iter().map(|scope| (*scope).to_owned()).collect()));
        let rights = Rights::new(claims.iter().map(|claim| (*claim).to_owned()).collect(), roles.collect());
        let text = token.to_string();
        let token = Object::read(text.as_bytes()).expect("an object");
        rights.scopes(&token).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn rights_by_default_come_from_scope_and_scp_only() {
        let of = |token: serde_json::Value| {
            let text = token.to_string();
            let token = Object::read(text.as_bytes()).expect("an object");
            Rights::default().scopes(&token).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(of(json!({"scope": "a b"})), ["a", "b"]);
        assert_eq!(of(json!({"scope": ["a", "b"], "scp": ["c"]})), ["a", "b", "c"]);
        assert_eq!(of(json!({"scp": "a b"})), ["a", "b"]);
        assert_eq!(of(json!({"scope": 1, "scp": {"a": true}})), [""; 0]);
        assert_eq!(of(json!({"permissions": ["a"], "roles": ["a"], "realm_access": {"roles": ["a"]}})), [""; 0]);
    }

    #[test]
    fn rights_come_from_the_claims_that_are_set() {
        let token = json!({
            "scope": "openid",
            "permissions": ["read:items"],
            "realm_access": {"roles": ["write:items", 7]},
            "https://example.com/roles": ["delete:items"],
            "resource_access": {"my.api": {"roles": ["admin:items"]}},
        });
        for (claims, expected) in [
            (&["permissions"][..], &["read:items"][..]),
            (&["realm_access.roles"], &["write:items"]),
            (&["https://example.com/roles"], &["delete:items"]),
            (&["resource_access.my.api.roles"], &["admin:items"]),
            (&["scope", "permissions"], &["openid", "read:items"]),
            (&["realm_access", "realm_access.groups", "https://example.org/roles", "scope.x"], &[]),
        ] {
            assert_eq!(scopes(claims, &[], token.clone()), expected, "{claims:?}");
        }
    }

    #[test]
    fn rights_claim_is_looked_up_whole_before_its_parts() {
        let token = json!({"a.b": ["whole"], "a": {"b": ["parts"]}});
        assert_eq!(scopes(&["a.b"], &[], token), ["whole"]);
    }

    #[test]
    fn role_grants_its_scopes_and_others_stand_for_themselves() {
        let roles: &[(&str, &[&str])] = &[("Item editor", &["read:items", "write:items"]), ("viewer", &["read:items"])];
        let of = |token| scopes(&["scope", "roles"], roles, token);
        assert_eq!(of(json!({"roles": ["Item editor"]})), ["read:items", "write:items"]);
        assert_eq!(of(json!({"roles": "viewer delete:items"})), ["read:items", "delete:items"]);
        assert_eq!(of(json!({"roles": ["viewer write:items"]})), ["viewer write:items"], "one role, not two");
        assert_eq!(of(json!({"roles": ["Viewer"]})), ["Viewer"], "compared to the letter");
        assert_eq!(of(json!({"scope": "viewer"})), ["viewer"], "a scope that a client asked for is no role");
    }
}
