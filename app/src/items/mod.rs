//! Items, the example resource: what one is, its rights, its server functions and its pages.
//!
//! | file | duty |
//! |---|---|
//! | `draft` | what a person may say of an item, and the check of it: the declaration of the record |
//! | `item` | an item as it is stored |
//! | `merge` | what two changes of one item become together |
//! | `money` | prices as people write them |
//! | `api` | the server functions |
//! | `pages` | the pages |
//!
//! To add a resource of your own, copy this folder; README.md, "Add a protected resource", says the rest.

mod api;
mod draft;
mod item;
mod merge;
pub mod money;
mod pages;

pub use api::{create_item, delete_item, get_item, list_items, restore_item, update_item};
pub use draft::ItemDraft;
pub use item::{Item, ItemPage};
pub use pages::{Gone, item_page, items_page, new_item_page};

use crate::policy::{Access, Right, Scope};
use crate::resources::{DeclaredRight, Endpoint, Method, Page, Resource};

/// The right to read items.
pub struct ReadItems;
impl Right for ReadItems {
    const NAME: &'static str = "ReadItems";
    const ACCESS: Access = Access::Scopes(&[Scope("read:items")]);
    const IS_READ_ONLY: bool = true;
}

/// The right to add items, and to change one's own.
pub struct WriteItems;
impl Right for WriteItems {
    const NAME: &'static str = "WriteItems";
    const ACCESS: Access = Access::Scopes(&[Scope("write:items")]);
}

/// The right to delete one's own items, and to take that back.
pub struct DeleteItems;
impl Right for DeleteItems {
    const NAME: &'static str = "DeleteItems";
    const ACCESS: Access = Access::Scopes(&[Scope("delete:items")]);
}

/// The right to change and delete what belongs to others, together with the right to write or to delete. The stores
/// ask for it where an item is not the caller's own.
pub struct AdminItems;
impl Right for AdminItems {
    const NAME: &'static str = "AdminItems";
    const ACCESS: Access = Access::Scopes(&[Scope("admin:items")]);
}

/// `GET /api/item/single/{id}`: one item.
pub const GET_ITEM: Endpoint = Endpoint::rest::<ReadItems>(Method::Get, "/api/item/single/{id}");
/// `GET /api/items`: a page of items.
pub const LIST_ITEMS: Endpoint = Endpoint::rest::<ReadItems>(Method::Get, "/api/items");
/// `GET /api/items/{id}`: one item, where the others of its kind are.
pub const GET_ONE: Endpoint = Endpoint::rest::<ReadItems>(Method::Get, "/api/items/{id}");
/// `POST /api/items`: a new item.
pub const CREATE_ITEM: Endpoint = Endpoint::rest::<WriteItems>(Method::Post, "/api/items");
/// `PUT /api/items/{id}`: an item anew.
pub const UPDATE_ITEM: Endpoint = Endpoint::rest::<WriteItems>(Method::Put, "/api/items/{id}");
/// `DELETE /api/items/{id}`: an item goes, for a while into the trash.
pub const DELETE_ITEM: Endpoint = Endpoint::rest::<DeleteItems>(Method::Delete, "/api/items/{id}");
/// `POST /api/items/{id}/restore`: a deleted item comes back.
pub const RESTORE_ITEM: Endpoint = Endpoint::rest::<DeleteItems>(Method::Post, "/api/items/{id}/restore");

/// The list page.
pub const LIST_PAGE: Page = Page { path: "/items", title: "Items", access: ReadItems::ACCESS, in_navigation: true };
/// The page for a new item.
pub const NEW_PAGE: Page =
    Page { path: "/items/new", title: "New item", access: WriteItems::ACCESS, in_navigation: false };
/// The page of one item.
pub const ITEM_PAGE: Page = Page { path: "/item/{id}", title: "Item", access: ReadItems::ACCESS, in_navigation: false };

/// The declaration of this resource.
pub static RESOURCE: Resource = Resource {
    name: "items",
    rights: &[
        DeclaredRight::of::<ReadItems>(),
        DeclaredRight::of::<WriteItems>(),
        DeclaredRight::of::<DeleteItems>(),
        DeclaredRight::of::<AdminItems>(),
    ],
    endpoints: &[
        GET_ITEM,
        LIST_ITEMS,
        GET_ONE,
        CREATE_ITEM,
        UPDATE_ITEM,
        DELETE_ITEM,
        RESTORE_ITEM,
        Endpoint::server_fn::<ReadItems>("/rpc/items/get"),
        Endpoint::server_fn::<ReadItems>("/rpc/items/list"),
        Endpoint::server_fn::<WriteItems>("/rpc/items/create"),
        Endpoint::server_fn::<WriteItems>("/rpc/items/update"),
        Endpoint::server_fn::<DeleteItems>("/rpc/items/delete"),
        Endpoint::server_fn::<DeleteItems>("/rpc/items/restore"),
    ],
    pages: &[LIST_PAGE, NEW_PAGE, ITEM_PAGE],
};
