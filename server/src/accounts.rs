//! The accounts of the development provider: one for each way to be let in.

use portcullis_dev_provider::Account;

/// Every account.
pub const ACCOUNTS: &[Account] = &[
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
