//! The development provider of this app, and its accounts: one for each combination of scopes that is worth a try.

use app::registry::REGISTRY;
use portcullis_dev_provider::{Account, DevProvider};
use portcullis_server::dev_provider::DevelopmentProvider;

/// The development provider.
pub const DEV_PROVIDER: Option<&'static dyn DevelopmentProvider> = {
    const PROVIDER: DevProvider = DevProvider::new(&REGISTRY, ACCOUNTS);
    Some(&PROVIDER)
};

const ACCOUNTS: &[Account] = &[
    Account {
        id: "ada",
        name: "Ada Lovelace",
        scopes: &["read:items", "write:items", "delete:items", "admin:items"],
        color: "#7c3aed",
    },
    Account { id: "ben", name: "Ben Franklin", scopes: &["read:items"], color: "#0e7490" },
    Account { id: "cy", name: "Cy Field", scopes: &["read:items", "write:items", "delete:items"], color: "#15803d" },
    Account { id: "eve", name: "Eve Moneypenny", scopes: &[], color: "#be185d" },
];
