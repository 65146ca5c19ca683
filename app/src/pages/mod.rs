//! The pages that belong to no resource: home, callback, profile, access, not found.

mod access;
mod callback;
mod home;
mod not_found;
mod profile;

pub use access::access_page;
pub use callback::CallbackView;
pub use home::HomeView;
pub use not_found::NotFoundView;
pub use profile::profile_page;

use portcullis::{Access, Page, Resource};

/// The home page, which needs no sign-in.
pub const HOME_PAGE: Page = Page { path: "/", title: "Home", access: Access::Public, in_navigation: false };
/// The page that the provider redirects to. Its URL is the redirect URI to register.
pub const CALLBACK_PAGE: Page =
    Page { path: "/callback", title: "Signing in", access: Access::Public, in_navigation: false };
/// The profile of the signed-in person.
pub const PROFILE_PAGE: Page =
    Page { path: "/profile", title: "Profile", access: Access::SignedIn, in_navigation: true };
/// The pages and endpoints that the person's scopes allow.
pub const ACCESS_PAGE: Page = Page { path: "/access", title: "Access", access: Access::SignedIn, in_navigation: true };

/// The declaration of these pages.
pub static RESOURCE: Resource = Resource {
    name: "site",
    rights: &[],
    endpoints: &[],
    pages: &[HOME_PAGE, CALLBACK_PAGE, PROFILE_PAGE, ACCESS_PAGE],
};
