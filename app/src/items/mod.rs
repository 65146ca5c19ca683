//! Items, the example resource: their fields, rights, server functions and pages.
//!
//! | file | subject |
//! |---|---|
//! | `draft` | the fields of an item that people edit, and their check: the declaration of the record |
//! | `item` | an item as it is stored |
//! | `api` | the server functions |
//! | `pages` | the form, and how items look |
//!
//! README.md, "Add a protected resource", says how to add a resource of your own.

mod api;
mod draft;
mod item;
mod pages;

pub use api::{create_item, delete_item, get_item, list_items, restore_item, update_item};
pub use draft::ItemDraft;
pub use item::{Item, ItemPage};
pub use pages::ROUTES;

use portcullis::record::RecordEndpoints;
use portcullis::{Access, DeclaredRight, Endpoint, Page, Resource, Right, Scope, record_endpoints};
use server_fn::ServerFn;

/// The right to read items.
pub struct ReadItems;
impl Right for ReadItems {
    const NAME: &'static str = "ReadItems";
    const ACCESS: Access = Access::Scopes(&[Scope("read:items")]);
    const IS_READ_ONLY: bool = true;
}

/// The right to create items, and to change one's own.
pub struct WriteItems;
impl Right for WriteItems {
    const NAME: &'static str = "WriteItems";
    const ACCESS: Access = Access::Scopes(&[Scope("write:items")]);
}

/// The right to delete one's own items, and to restore them.
pub struct DeleteItems;
impl Right for DeleteItems {
    const NAME: &'static str = "DeleteItems";
    const ACCESS: Access = Access::Scopes(&[Scope("delete:items")]);
}

/// The right to change and delete the items of others, together with the right to write or to delete. The stores check
/// it if an item is not the caller's own.
pub struct AdminItems;
impl Right for AdminItems {
    const NAME: &'static str = "AdminItems";
    const ACCESS: Access = Access::Scopes(&[Scope("admin:items")]);
}

/// The REST endpoints.
pub const REST: RecordEndpoints<ItemDraft> = record_endpoints!("/api/items");
/// `GET /api/item/single/{id}`: one item, at the path that clients of the API already use.
pub const GET_SINGLE: Endpoint<ReadItems> = Endpoint::get("/api/item/single/{id}");

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
        &[GET_SINGLE.declared()],
        &REST.declared(),
        &[
            Endpoint::<ReadItems>::server_fn(api::GetItem::PATH).declared(),
            Endpoint::<ReadItems>::server_fn(api::ListItems::PATH).declared(),
            Endpoint::<WriteItems>::server_fn(api::CreateItem::PATH).declared(),
            Endpoint::<WriteItems>::server_fn(api::UpdateItem::PATH).declared(),
            Endpoint::<DeleteItems>::server_fn(api::DeleteItem::PATH).declared(),
            Endpoint::<DeleteItems>::server_fn(api::RestoreItem::PATH).declared(),
        ],
    ],
    pages: &[LIST_PAGE, NEW_PAGE, ITEM_PAGE],
};
