//! A server function that nobody declared stops the start with its name, and makes the audit's listing fail. A binary of its own: Leptos's registry
//! of server functions is one for the whole process, so that the other tests could not start beside this.

use leptos::prelude::*;
use portcullis_cli::audit::listing;
use portcullis_cli::server::Server;
use portcullis_server::config::Config;

/// What somebody adds in a hurry.
#[server(prefix = "/rpc", endpoint = "leak_everything")]
pub async fn leak_everything() -> Result<String, ServerFnError> {
    Ok("every customer".into())
}

#[tokio::test]
async fn undeclared_route_stops_the_start_with_its_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = format!("redb:{}", folder.path().join("items.redb").display());
    let config = Config::read(server::PROGRAM.build(), &|name| {
        Ok(match name {
            "LEPTOS_SITE_ADDR" | "DEV_PROVIDER_ADDR" => Some("127.0.0.1:0".into()),
            "DATABASE_URL" => Some(database.clone()),
            _ => None,
        })
    })
    .expect("a good configuration");
    let error = Server::start(&server::PROGRAM, config).await.err().expect("it does not start").to_string();
    assert!(error.contains("/rpc/leak_everything") && error.contains("not declared"), "{error}");
}

#[tokio::test]
async fn undeclared_route_fails_the_audit_listing_with_its_name() {
    let (table, checked) =
        listing::checked(&server::PROGRAM, &portcullis_server::application::router::served(&server::APP));
    assert!(table.contains("POST /rpc/items/list") && !table.contains("leak_everything"), "{table}");
    let error = checked.expect_err("a difference").to_string();
    assert!(error.contains("/rpc/leak_everything") && error.contains("not declared"), "{error}");
}
