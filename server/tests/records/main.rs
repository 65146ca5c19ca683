//! A second resource, written by hand as an app would: notes, with other types of fields than items have. A binary of its
//! own: Leptos's registry of server functions is one for the whole process, and the app of the other tests has no notes.

#![recursion_limit = "256"]

mod client;
mod composition;
mod form;
mod notes;
mod pages;
mod rest;
mod server_fns;
mod size;
