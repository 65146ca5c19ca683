//! Settings for the claims of access tokens: audiences, clocks, and the claims that carry rights.

use std::collections::BTreeMap;

use portcullis::Registry;
use portcullis_verifier::audiences::Audiences;
use portcullis_verifier::claims::{DEFAULT_LEEWAY, MAX_LEEWAY};
use portcullis_verifier::rights::{Rights, SCOPE_CLAIMS};

use super::variable::{ConfigError, Lookup, variable};

/// The prefix of an entry of `AUTH_AUDIENCE` for a client whose tokens have no audience.
const CLIENT: &str = "client_id=";

/// Reads the audiences of one issuer: its entry in `AUTH_AUDIENCE`, with `|` between several.
pub(super) fn audiences(entry: &str) -> Result<Audiences, ConfigError> {
    let words: Vec<&str> = entry.split('|').collect();
    let (clients, names): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.starts_with(CLIENT));
    let clients: Vec<&str> = clients.into_iter().filter_map(|word| word.strip_prefix(CLIENT)).collect();
    if names.iter().chain(&clients).any(|word| word.is_empty()) {
        let expected = "expected audiences with | between them, such as api|api2, each of at least one letter";
        return Err(ConfigError::wrong("AUTH_AUDIENCE", entry, expected));
    }
    Ok(Audiences::new(&names, &clients))
}

/// Reads `AUTH_LEEWAY_SECONDS`: the allowed difference between clocks, in seconds.
///
/// # Errors
/// [`ConfigError`] if it is not a whole number of seconds, or too large.
pub fn leeway(lookup: Lookup<'_>) -> Result<f64, ConfigError> {
    let name = "AUTH_LEEWAY_SECONDS";
    let Some(value) = variable(lookup, name)? else { return Ok(DEFAULT_LEEWAY) };
    let seconds = value.parse::<u8>().ok().map(f64::from).filter(|seconds| *seconds <= MAX_LEEWAY);
    seconds.ok_or_else(|| {
        let expected =
            format!("expected a whole number of seconds from 0 to {MAX_LEEWAY}; keep the clock right by NTP");
        ConfigError::wrong(name, &value, expected)
    })
}

/// Reads `AUTH_RIGHTS_CLAIMS` and `AUTH_ROLE_SCOPES`: which claims carry rights, and which scopes a role grants.
///
/// # Errors
/// [`ConfigError`] if one of them is not valid, or names a scope that the server does not have.
pub fn rights(registry: &Registry, lookup: Lookup<'_>) -> Result<Rights, ConfigError> {
    let claims = variable(lookup, "AUTH_RIGHTS_CLAIMS")?;
    let claims: Vec<String> = match &claims {
        Some(list) => list.split_whitespace().map(str::to_owned).collect(),
        None => SCOPE_CLAIMS.map(str::to_owned).to_vec(),
    };
    if let Some(list) = claims.iter().find(|claim| claim.contains(',')) {
        let expected = "expected claims separated by spaces, not by commas";
        return Err(ConfigError::wrong("AUTH_RIGHTS_CLAIMS", list, expected));
    }
    let Some(map) = variable(lookup, "AUTH_ROLE_SCOPES")? else { return Ok(Rights::new(claims, BTreeMap::new())) };
    if claims.iter().all(|claim| SCOPE_CLAIMS.contains(&claim.as_str())) {
        let expected =
            "expected the claim that holds the roles, such as realm_access.roles, since AUTH_ROLE_SCOPES is set";
        return Err(ConfigError::missing("AUTH_RIGHTS_CLAIMS", expected));
    }
    Ok(Rights::new(claims, roles(registry, &map)?))
}

/// Reads `ROLE=SCOPE,SCOPE;ROLE=SCOPE`. The names of roles may contain spaces.
fn roles(registry: &Registry, map: &str) -> Result<BTreeMap<String, Vec<String>>, ConfigError> {
    let name = "AUTH_ROLE_SCOPES";
    let known = registry.scopes();
    let mut roles = BTreeMap::new();
    for entry in map.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
        let wrong = |expected: &str| ConfigError::wrong(name, entry, expected);
        let (role, scopes) = entry
            .split_once('=')
            .map(|(role, scopes)| (role.trim(), scopes))
            .filter(|(role, _)| !role.is_empty())
            .ok_or_else(|| wrong("expected ROLE=SCOPE,SCOPE with ; between several roles"))?;
        let scopes: Vec<String> =
            scopes.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
        if scopes.is_empty() || scopes.iter().any(|scope| !known.contains(&scope.as_str())) {
            return Err(wrong(&format!("expected scopes of this server: {}", known.join(", "))));
        }
        if roles.insert(role.to_owned(), scopes).is_some() {
            return Err(wrong("expected each role once"));
        }
    }
    Ok(roles)
}
