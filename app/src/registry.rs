//! The resources of this app. The router, the gate, the page guards, the navigation, the startup checks, the audit and the
//! tests read this list and no other.

use portcullis::Registry;

use crate::items;
use crate::pages;

/// Every resource, in the order of the navigation. A new one is one line here.
pub static REGISTRY: Registry = Registry::new(&[&items::RESOURCE, &portcullis_client::RESOURCE, &pages::RESOURCE]);

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
