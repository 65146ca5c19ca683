//! Checks of the declaration itself.

use std::collections::HashSet;

use portcullis::{Access, DeclaredEndpoint, Registry, Resource, Surface};

use super::{RegistryError, name};

/// Checks what `registry` declares.
///
/// # Errors
/// The first error, with the name of the declaration.
pub(super) fn check(registry: &Registry) -> Result<(), RegistryError> {
    for resource in registry.resources() {
        resource.endpoints().try_for_each(|endpoint| check_endpoint(resource, endpoint))?;
    }
    let mut seen = HashSet::new();
    for name in registry.endpoints().map(name) {
        if !seen.insert(name.clone()) {
            return Err(RegistryError::DeclaredTwice(name));
        }
    }
    let pages = registry.pages().map(|page| page.path);
    for path in pages.chain(registry.open_paths().iter().map(|open| open.path)) {
        let is_under =
            |root| path.strip_prefix(root).is_some_and(|rest: &str| rest.is_empty() || rest.starts_with('/'));
        if is_under("/api") || is_under("/rpc") {
            return Err(RegistryError::PageBehindGate(path.to_owned()));
        }
        if !seen.insert(path.to_owned()) {
            return Err(RegistryError::DeclaredTwice(path.to_owned()));
        }
    }
    Ok(())
}

fn check_endpoint(resource: &Resource, endpoint: &DeclaredEndpoint) -> Result<(), RegistryError> {
    let root = match endpoint.surface {
        Surface::Rest => "/api/",
        Surface::ServerFn => "/rpc/",
    };
    let right = endpoint.right;
    if !endpoint.path.starts_with(root) {
        return Err(RegistryError::OutsideOfRoot(name(endpoint), root));
    }
    if right.access == Access::Public {
        return Err(RegistryError::OpenEndpoint(name(endpoint)));
    }
    if !resource.rights.contains(&right) {
        return Err(RegistryError::UndeclaredRight(name(endpoint), right.name));
    }
    if endpoint.is_write() && right.is_read_only {
        return Err(RegistryError::WriteWithReadOnlyRight(name(endpoint), right.name));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use portcullis::{DeclaredRight, Endpoint, Method, Page, Right};

    use super::*;

    struct Read;
    impl Right for Read {
        const NAME: &'static str = "Read";
        const ACCESS: Access = Access::SignedIn;
        const IS_READ_ONLY: bool = true;
    }

    struct Write;
    impl Right for Write {
        const NAME: &'static str = "Write";
        const ACCESS: Access = Access::SignedIn;
    }

    const LIST: DeclaredEndpoint = Endpoint::<Read>::get("/api/notes").declared();
    const CREATE: DeclaredEndpoint = Endpoint::<Write>::post("/api/notes").declared();
    const SERVER_FN: DeclaredEndpoint = Endpoint::<Read>::server_fn("/rpc/notes/list").declared();
    const RIGHTS: &[DeclaredRight] = &[DeclaredRight::of::<Read>(), DeclaredRight::of::<Write>()];
    const NOTES: Page = Page { path: "/notes", title: "Notes", access: Read::ACCESS, in_navigation: true };

    /// Checks a registry with one resource.
    macro_rules! check_resource {
        ($rights:expr, [$($endpoint:expr),*], [$($page:expr),*]) => {{
            static RESOURCE: Resource =
                Resource { name: "notes", rights: $rights, endpoints: &[&[$($endpoint),*]], pages: &[$($page),*] };
            static REGISTRY: Registry = Registry::new(&[&RESOURCE]);
            check(&REGISTRY)
        }};
    }

    #[test]
    fn sound_declaration_is_accepted() {
        assert_eq!(check_resource!(RIGHTS, [LIST, CREATE, SERVER_FN], [NOTES]), Ok(()));
    }

    #[test]
    fn path_declared_twice_is_refused() {
        let twice = |name: &str| Err(RegistryError::DeclaredTwice(name.into()));
        assert_eq!(check_resource!(RIGHTS, [LIST, LIST], []), twice("GET /api/notes"));
        assert_eq!(check_resource!(RIGHTS, [], [NOTES, NOTES]), twice("/notes"));
        assert_eq!(check_resource!(RIGHTS, [], [Page { path: "/healthz", ..NOTES }]), twice("/healthz"));
    }

    #[test]
    fn endpoint_outside_of_its_root_is_refused() {
        let outside = |name: &str, root| Err(RegistryError::OutsideOfRoot(name.into(), root));
        assert_eq!(
            check_resource!(RIGHTS, [DeclaredEndpoint { path: "/notes", ..LIST }], []),
            outside("GET /notes", "/api/")
        );
        assert_eq!(
            check_resource!(RIGHTS, [DeclaredEndpoint { path: "/api/notes", ..SERVER_FN }], []),
            outside("POST /api/notes", "/rpc/")
        );
    }

    #[test]
    fn page_behind_the_gate_is_refused() {
        assert_eq!(
            check_resource!(RIGHTS, [], [Page { path: "/api/notes", ..NOTES }]),
            Err(RegistryError::PageBehindGate("/api/notes".into()))
        );
        assert_eq!(
            check_resource!(RIGHTS, [], [Page { path: "/rpc", ..NOTES }]),
            Err(RegistryError::PageBehindGate("/rpc".into()))
        );
        assert_eq!(check_resource!(RIGHTS, [], [Page { path: "/apiary", ..NOTES }]), Ok(()));
    }

    #[test]
    fn endpoint_open_to_everyone_is_refused() {
        const OPEN: DeclaredRight = DeclaredRight { name: "Open", access: Access::Public, is_read_only: true };
        assert_eq!(
            check_resource!(&[OPEN], [DeclaredEndpoint { right: OPEN, ..LIST }], []),
            Err(RegistryError::OpenEndpoint("GET /api/notes".into()))
        );
    }

    #[test]
    fn right_of_another_resource_is_refused() {
        assert_eq!(
            check_resource!(&[DeclaredRight::of::<Write>()], [LIST], []),
            Err(RegistryError::UndeclaredRight("GET /api/notes".into(), "Read"))
        );
    }

    #[test]
    fn write_with_read_only_right_is_refused() {
        assert_eq!(
            check_resource!(RIGHTS, [DeclaredEndpoint { method: Method::Put, ..LIST }], []),
            Err(RegistryError::WriteWithReadOnlyRight("PUT /api/notes".into(), "Read"))
        );
    }
}
