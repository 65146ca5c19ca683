//! Declared and served: each difference is named.

use portcullis::{Access, DeclaredRight, Endpoint, Page, Resource, Right};

use super::*;

struct Read;
impl Right for Read {
    const NAME: &'static str = "Read";
    const ACCESS: Access = Access::SignedIn;
    const IS_READ_ONLY: bool = true;
}

static REGISTRY: Registry = Registry::new(&[&Resource {
    name: "notes",
    rights: &[DeclaredRight::of::<Read>()],
    endpoints: &[&[
        Endpoint::<Read>::get("/api/notes").declared(),
        Endpoint::<Read>::server_fn("/rpc/notes/list").declared(),
    ]],
    pages: &[Page { path: "/notes", title: "Notes", access: Read::ACCESS, in_navigation: true }],
}]);

fn complete() -> Served {
    let named = |surface| REGISTRY.endpoints().filter(move |e| e.surface == surface).map(name).collect();
    Served {
        rest: REGISTRY.endpoints().filter(|endpoint| endpoint.surface == Surface::Rest).copied().collect(),
        server_fns: named(Surface::ServerFn),
        pages: REGISTRY.pages().map(|page| page.path.to_owned()).collect(),
        open: REGISTRY.open_paths().iter().map(|open| open.path.to_owned()).collect(),
    }
}

#[test]
fn declared_routes_may_be_served() {
    assert_eq!(check(&REGISTRY, &complete()), Ok(()));
}

#[test]
fn undeclared_route_is_named() {
    let with = |add: fn(&mut Served)| {
        let mut served = complete();
        add(&mut served);
        check(&REGISTRY, &served).expect_err("a difference")
    };
    assert_eq!(
        with(|s| _ = s.server_fns.insert("POST /rpc/leak".into())),
        RegistryError::UndeclaredServerFn("POST /rpc/leak".into())
    );
    assert_eq!(
        with(|s| s.rest.push(Endpoint::<Read>::get("/api/leak").declared())),
        RegistryError::UndeclaredEndpoint("GET /api/leak".into())
    );
    assert_eq!(with(|s| _ = s.pages.insert("/leak".into())), RegistryError::UndeclaredPage("/leak".into()));
    assert_eq!(with(|s| _ = s.open.insert("/leak".into())), RegistryError::UndeclaredOpenPath("/leak".into()));
}

#[test]
fn endpoint_served_for_another_right_is_refused() {
    /// Everyone who is signed in holds it, as [`Read`], but it is another right.
    struct Other;
    impl Right for Other {
        const NAME: &'static str = "Other";
        const ACCESS: Access = Access::SignedIn;
        const IS_READ_ONLY: bool = true;
    }
    let served = Served { rest: vec![Endpoint::<Other>::get("/api/notes").declared()], ..complete() };
    let refused = RegistryError::ServedForOtherRight("GET /api/notes".into(), "Other", "Read");
    assert_eq!(check(&REGISTRY, &served), Err(refused));
}

#[test]
fn endpoint_served_twice_is_refused() {
    let endpoint = Endpoint::<Read>::get("/api/notes").declared();
    let served = Served { rest: vec![endpoint, endpoint], ..complete() };
    assert_eq!(check(&REGISTRY, &served), Err(RegistryError::ServedTwice("GET /api/notes".into())));
}

#[test]
fn missing_route_is_named() {
    let without = |remove: fn(&mut Served) -> Option<String>| {
        let mut served = complete();
        let name = remove(&mut served).expect("something to remove");
        (check(&REGISTRY, &served).expect_err("a difference"), name)
    };
    let (error, name) = without(|s| s.server_fns.pop_first());
    assert_eq!(error, RegistryError::MissingServerFn(name));
    let (error, name) = without(|s| s.rest.pop().as_ref().map(super::name));
    assert_eq!(error, RegistryError::MissingEndpoint(name));
    let (error, name) = without(|s| s.pages.pop_first());
    assert_eq!(error, RegistryError::MissingPage(name));
    let (error, name) = without(|s| s.open.pop_first());
    assert_eq!(error, RegistryError::MissingOpenPath(name));
}
