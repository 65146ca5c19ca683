//! The resources of this app. The router, the gate, the page guards, the navigation, the startup checks, the audit and the
//! tests read this list and no other.

use portcullis::{Registry, Resource};

use crate::records::AppResource;
use crate::{items, pages};

/// The resources of this app with their pages, in the order of the navigation. A new one is one line here.
pub static RESOURCES: [AppResource; 1] = [AppResource::new(&items::RESOURCE, &items::ROUTES)];

/// The resources of this app, then those of the framework and the other pages.
static ALL: [&Resource; RESOURCES.len() + 2] = {
    let mut all = [&portcullis_client::RESOURCE; RESOURCES.len() + 2];
    let mut n = 0;
    while n < RESOURCES.len() {
        all[n] = RESOURCES[n].resource;
        n += 1;
    }
    all[n + 1] = &pages::RESOURCE;
    all
};

/// Everything that this app declares.
pub static REGISTRY: Registry = Registry::new(&ALL);

#[cfg(test)]
mod tests {
    use portcullis::{Access, Surface};

    use super::*;

    #[test]
    fn every_path_is_declared_once_and_under_its_own_root() {
        let mut seen = std::collections::HashSet::new();
        for endpoint in REGISTRY.endpoints() {
            let root = match endpoint.surface {
                Surface::Rest => "/api/",
                Surface::ServerFn => "/rpc/",
            };
            assert!(endpoint.path.starts_with(root), "{} is not under {root}", endpoint.path);
            assert!(seen.insert((endpoint.path, format!("{:?}", endpoint.method))), "{} twice", endpoint.path);
        }
        for path in REGISTRY.pages().map(|page| page.path).chain(REGISTRY.open_paths().iter().map(|open| open.path)) {
            assert!(seen.insert((path, "open".into())), "{path} twice");
            assert!(!path.starts_with("/api") && !path.starts_with("/rpc"), "{path} is open and looks guarded");
        }
    }

    #[test]
    fn no_endpoint_is_open_to_everyone() {
        for endpoint in REGISTRY.endpoints() {
            assert_ne!(endpoint.right.access, Access::Public, "{} is open", endpoint.path);
        }
    }

    #[test]
    fn endpoint_that_writes_takes_a_right_that_can() {
        for endpoint in REGISTRY.endpoints() {
            assert_eq!(endpoint.is_write(), !endpoint.right.is_read_only, "{}", endpoint.path);
        }
        assert!(REGISTRY.endpoints().filter(|endpoint| endpoint.is_write()).count() >= 8);
        assert!(REGISTRY.endpoints().any(|endpoint| !endpoint.is_write()));
    }

    #[test]
    fn an_endpoint_takes_a_right_of_its_own_resource() {
        for resource in REGISTRY.resources() {
            for endpoint in resource.endpoints {
                assert!(resource.rights.contains(&endpoint.right), "{} of {}", endpoint.path, resource.name);
            }
        }
    }
}
