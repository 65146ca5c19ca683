//! What both sides share: the policy, the registry of resources, the pages and the server functions.
//!
//! | module | duty |
//! |---|---|
//! | [`app`] | the document and the routes |
//! | [`policy`] | scopes, rights, callers: pure |
//! | [`resources`] | the registry: every right, endpoint and page, declared once |
//! | [`error`], [`fields`] | the one public error of both sides; which fields of a form are wrong |
//! | [`record`] | what every resource shares that is kept in a database: pure |
//! | [`items`] | the example resource: type, rights, server functions, pages |
//! | [`session`] | signing in and out in the browser |
//! | [`lazily`] | pages that are downloaded when they are opened |
//! | [`guard`] | which page a person sees; presentation only |
//! | [`pages`], [`ui`] | the other pages, and the parts they are made of |
//! | `ssr` | the ports that server functions call; the crate's only feature gate |

pub mod app;
mod boot;
pub mod error;
pub mod fields;
pub mod guard;
pub mod items;
pub mod lazily;
pub mod pages;
pub mod policy;
pub mod query;
pub mod record;
pub mod resources;
pub mod session;
#[cfg(feature = "ssr")]
pub mod ssr;
pub mod ui;
