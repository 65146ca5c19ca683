//! The test fixtures: an application on free ports, and an identity provider that tests control.

pub mod app;
pub mod front;
pub mod gate;
pub mod issuer;
pub mod process;
pub mod raw;
pub mod weak;

pub use app::{Answer, App};
pub use issuer::Issuer;
pub use portcullis_verifier::test_support::{Key, claims};
pub use weak::WeakKey;

use std::sync::LazyLock;

/// The keys of the test provider and a foreign one. Generated once, because RSA keys are slow to generate.
pub static OURS: LazyLock<Key> = LazyLock::new(|| Key::rsa("ours"));
/// A key that the provider does not know.
pub static FOREIGN: LazyLock<Key> = LazyLock::new(|| Key::rsa("foreign"));
/// The key that the provider rotates to.
pub static NEXT: LazyLock<Key> = LazyLock::new(|| Key::rsa("next"));
