//! What the environment may say, and what each slip is answered with.

mod dev_provider;
mod issuer;
mod site;
mod values;

use portcullis::{Access, DeclaredRight, Resource, Scope};

use super::*;

const READ: Access = Access::Scopes(&[Scope("read:items")]);

const WRITE: Access = Access::Scopes(&[Scope("write:items")]);

const DELETE: Access = Access::Scopes(&[Scope("delete:items")]);

const ADMIN: Access = Access::Scopes(&[Scope("admin:items")]);

static REGISTRY: Registry = Registry::new(&[&Resource {
    name: "items",
    rights: &[right(READ), right(WRITE), right(DELETE), right(ADMIN)],
    endpoints: &[],
    pages: &[],
}]);

const fn right(access: Access) -> DeclaredRight {
    DeclaredRight { name: "Right", access, is_read_only: false }
}

const BUILD: Build = Build { registry: &REGISTRY, has_dev_provider: true };

fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(BUILD, &|name| {
        Ok(variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    })
}

const GIVEN: [(&str, &str); 2] = [("AUTH_ISSUER", "https://i.example/"), ("AUTH_AUDIENCE", "api")];

fn given(more: &[(&str, &str)]) -> Result<AuthConfig, ConfigError> {
    match read(&[more, &GIVEN[..]].concat())?.issuer {
        IssuerConfig::Given(auth) => Ok(*auth),
        IssuerConfig::Development(_) => panic!("AUTH_ISSUER was given"),
    }
}

/// The one line that a person sees: it names the variable.
fn line(result: Result<impl std::fmt::Debug, ConfigError>) -> String {
    let line = result.expect_err("a wrong variable").to_string();
    assert!(!line.contains('\n'), "{line}");
    line
}
