//! The app of these tests: the example app with notes. What an app changes for a new resource is one line in each of two
//! compositions.

use app::app::{Composed, document};
use app::records::AppResource;
use app::registry::{OTHER_RESOURCES, declared};
use leptos::prelude::*;
use portcullis::{Registry, Resource};
use portcullis_cli::Program;
use portcullis_dev_provider::{Account, DevProvider};
use portcullis_server::application::App;
use portcullis_server::application::ServerState;
use portcullis_store::RecordKinds;

use crate::notes;

// As in app/src/registry.rs.
const RESOURCES: &[AppResource] = &[
    // A new resource is one line here.
    AppResource::new(&app::items::RESOURCE, &app::items::ROUTES),
    AppResource::new(&notes::RESOURCE, &notes::ROUTES),
];

// As in server/src/records.rs.
pub fn records() -> RecordKinds<ServerState> {
    server::records::records()
        // A new resource is one line here.
        .with(notes::REST)
}

static ALL: [&Resource; RESOURCES.len() + OTHER_RESOURCES] = declared(RESOURCES);
static REGISTRY: Registry = Registry::new(&ALL);

const ACCOUNTS: &[Account] = &[Account {
    id: "cy",
    name: "Cy Field",
    scopes: &["read:items", "write:items", "delete:items", "read:notes", "write:notes", "delete:notes"],
    color: "#15803d",
}];

/// The development provider of the app.
pub static PROVIDER: DevProvider = DevProvider::new(&REGISTRY, ACCOUNTS);

/// The app with its command line.
pub static PROGRAM: Program =
    Program { app: APP, records: || records().registrations, dev_provider: Some(&PROVIDER), ..server::PROGRAM };

const APP: App = App {
    name: "Notes",
    registry: &REGISTRY,
    api: || records().api,
    view,
    shell: |options| document(options, view).into_any(),
    output_name: "portcullis",
};

fn view() -> AnyView {
    view! { <Composed registry=&REGISTRY resources=RESOURCES/> }.into_any()
}
