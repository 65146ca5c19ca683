//! The routes of pages, from their declarations: a path is written once.

use leptos::prelude::*;
use leptos::tachys::view::iterators::StaticVec;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::{NestedRoute, ParamSegment, PartialPathMatch, PathSegment, PossibleRouteMatch, StaticSegment};
use portcullis::{Page, Resource};

use crate::guard::Guarded;
use crate::lazily::Download;

/// A guarded page and its code.
#[derive(Clone, Copy)]
pub struct PageRoute {
    page: Page,
    code: Download,
}

impl PageRoute {
    /// Creates the route to `page`, whose code `code` downloads.
    #[must_use]
    pub const fn new(page: Page, code: Download) -> Self {
        Self { page, code }
    }
}

/// A resource and the routes to its guarded pages.
#[derive(Clone, Copy)]
pub struct AppResource {
    /// The declaration of the resource.
    pub resource: &'static Resource,
    /// The routes to its pages.
    pub routes: &'static [PageRoute],
}

impl AppResource {
    /// Creates the entry for `resource`, with the `routes` to its pages.
    #[must_use]
    pub const fn new(resource: &'static Resource, routes: &'static [PageRoute]) -> Self {
        Self { resource, routes }
    }
}

/// Returns the routes to the guarded pages of `resources`, for the router.
#[must_use]
pub fn routes_of(resources: &[AppResource]) -> AnyNestedRoute {
    let routes = resources.iter().flat_map(|resource| resource.routes).copied();
    let routes = routes.map(|PageRoute { page, code }| {
        NestedRoute::new(DeclaredPath(page.path), move || view! { <Guarded page code/> })
    });
    StaticVec::from(routes.collect::<Vec<_>>()).into_any_nested_route()
}

/// The path of a page as it is declared: `/item/{id}`.
#[derive(Clone, Copy)]
struct DeclaredPath(&'static str);

impl DeclaredPath {
    fn segments(self) -> impl Iterator<Item = PathSegment> {
        let segments = self.0.split('/').filter(|segment| !segment.is_empty());
        segments.map(|segment| match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => PathSegment::Param(name.into()),
            None => PathSegment::Static(segment.into()),
        })
    }
}

impl PossibleRouteMatch for DeclaredPath {
    fn optional(&self) -> bool {
        false
    }

    fn test<'a>(&self, path: &'a str) -> Option<PartialPathMatch<'a>> {
        let (mut remaining, mut params) = (path, Vec::new());
        for segment in self.0.split('/').filter(|segment| !segment.is_empty()) {
            let found = match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => ParamSegment(name).test(remaining)?,
                None => StaticSegment(segment).test(remaining)?,
            };
            remaining = found.remaining();
            params.extend(found.params());
        }
        Some(PartialPathMatch::new(remaining, params, &path[..path.len() - remaining.len()]))
    }

    fn generate_path(&self, path: &mut Vec<PathSegment>) {
        path.extend(self.segments());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(declared: &'static str, path: &str) -> Option<Vec<String>> {
        let found = DeclaredPath(declared).test(path).filter(PartialPathMatch::is_complete)?;
        Some(found.params().into_iter().map(|(name, value)| format!("{name}={value}")).collect())
    }

    #[test]
    fn declared_path_matches_itself_and_no_other() {
        assert_eq!(found("/items/new", "/items/new"), Some(vec![]));
        assert_eq!(found("/item/{id}", "/item/7"), Some(vec!["id=7".into()]));
        for other in ["/items", "/items/new/more", "/items/newer", "/item/new", "/", ""] {
            assert_eq!(found("/items/new", other), None, "{other}");
        }
        for other in ["/item", "/item/", "/item/7/8", "/items/7"] {
            assert_eq!(found("/item/{id}", other), None, "{other}");
        }
    }

    #[test]
    fn declared_path_generates_its_segments() {
        let segments: Vec<_> = DeclaredPath("/item/{id}").segments().collect();
        assert_eq!(segments, [PathSegment::Static("item".into()), PathSegment::Param("id".into())]);
    }
}
