//! The app, for client and server: the registry of resources, the pages and the server functions.
//!
//! | module | subject |
//! |---|---|
//! | [`app`] | the document and the routes |
//! | [`registry`] | the resources: every right, endpoint and page, declared once |
//! | [`items`] | the example resource: type, rights, server functions, pages |
//! | [`records`] | the pages of a record: list, form, detail |
//! | [`lazily`] | pages that are downloaded when they are opened |
//! | [`guard`] | guards of pages; presentation only |
//! | [`pages`], [`ui`] | the other pages, and the components |

pub mod app;
mod boot;
pub mod guard;
pub mod items;
pub mod lazily;
pub mod pages;
pub mod query;
pub mod records;
pub mod registry;
pub mod ui;
