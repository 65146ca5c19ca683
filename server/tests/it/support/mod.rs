//! What the tests start from: an application on free ports, and a provider that does as it is told.

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

/// The keys of the tests' provider, and of somebody who is not; made once, as RSA keys take a while.
pub static OURS: LazyLock<Key> = LazyLock::new(|| Key::rsa("ours"));
/// A key that the provider does not know.
pub static FOREIGN: LazyLock<Key> = LazyLock::new(|| Key::rsa("foreign"));
/// The key that the provider rotates to.
pub static NEXT: LazyLock<Key> = LazyLock::new(|| Key::rsa("next"));
