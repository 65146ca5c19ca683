//! Items, the example resource: what one is, its rights, its server functions and its pages.
//!
//! To add a resource of your own, copy this folder; README.md, "Add a protected resource", says the rest.

mod api;
mod item;
mod pages;

pub use api::{get_item, list_items};
pub use item::{Item, ItemDraft, ItemId, ItemPage, Owner, PageRequest};
pub use pages::{item_page, items_page};

use crate::policy::{Access, Right, Scope};
use crate::resources::{DeclaredRight, Endpoint, Method, Page, Resource};

/// The right to read items.
pub struct ReadItems;
impl Right for ReadItems {
    const NAME: &'static str = "ReadItems";
    const ACCESS: Access = Access::Scopes(&[Scope("read:items")]);
}

/// The right to add and change items.
pub struct WriteItems;
impl Right for WriteItems {
    const NAME: &'static str = "WriteItems";
    const ACCESS: Access = Access::Scopes(&[Scope("write:items")]);
}

/// The right to delete items.
pub struct DeleteItems;
impl Right for DeleteItems {
    const NAME: &'static str = "DeleteItems";
    const ACCESS: Access = Access::Scopes(&[Scope("delete:items")]);
}

/// `GET /api/item/single/{id}`: one item.
pub const GET_ITEM: Endpoint = Endpoint::rest::<ReadItems>(Method::Get, "/api/item/single/{id}");
/// `GET /api/items`: a page of items.
pub const LIST_ITEMS: Endpoint = Endpoint::rest::<ReadItems>(Method::Get, "/api/items");

/// The list page.
pub const LIST_PAGE: Page = Page { path: "/items", title: "Items", access: ReadItems::ACCESS, in_navigation: true };
/// The page of one item.
pub const ITEM_PAGE: Page = Page { path: "/item/{id}", title: "Item", access: ReadItems::ACCESS, in_navigation: false };

/// The declaration of this resource.
pub static RESOURCE: Resource = Resource {
    name: "items",
    rights: &[DeclaredRight::of::<ReadItems>(), DeclaredRight::of::<WriteItems>(), DeclaredRight::of::<DeleteItems>()],
    endpoints: &[
        GET_ITEM,
        LIST_ITEMS,
        Endpoint::server_fn::<ReadItems>("/rpc/items/get"),
        Endpoint::server_fn::<ReadItems>("/rpc/items/list"),
    ],
    pages: &[LIST_PAGE, ITEM_PAGE],
};
