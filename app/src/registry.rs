//! The resources of this app. The router, the gate, the page guards, the navigation, the startup checks, the audit and
//! the tests read this list and no other.

use portcullis::{Registry, Resource};

use crate::pages;
use crate::records::AppResource;

/// The resources of this app with their pages, in the order of the navigation.
pub const RESOURCES: &[AppResource] = &[
    // A new resource is one line here.
    AppResource::new(&crate::items::RESOURCE, &crate::items::ROUTES),
];

/// How many resources [`declared`] adds.
pub const OTHER_RESOURCES: usize = 2;

/// Returns the declarations of `resources`, then those of the framework and of the other pages.
#[must_use]
pub const fn declared<const N: usize>(resources: &[AppResource]) -> [&'static Resource; N] {
    assert!(N == resources.len() + OTHER_RESOURCES, "each resource is declared once");
    let mut all = [&portcullis_client::RESOURCE; N];
    let mut n = 0;
    while n < resources.len() {
        all[n] = resources[n].resource;
        n += 1;
    }
    all[n + 1] = &pages::RESOURCE;
    all
}

static ALL: [&Resource; RESOURCES.len() + OTHER_RESOURCES] = declared(RESOURCES);

/// The declarations of this app.
pub static REGISTRY: Registry = Registry::new(&ALL);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoint_that_reads_requires_a_read_only_right() {
        for endpoint in REGISTRY.endpoints() {
            assert_eq!(endpoint.is_write(), !endpoint.right.is_read_only, "{}", endpoint.path);
        }
    }
}
