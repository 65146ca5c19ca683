//! What must hold of the token check whatever it is given. The fuzz targets ask it of what libFuzzer makes up, and
//! `server/tests/it/seeds.rs` of the seeds.
//!
//! | module | holds |
//! |---|---|
//! | [`properties::bearer`] | what is taken came by one header, whole |
//! | [`properties::token`] | nothing is verified but the good tokens; header and claims are judged by their rules |
//! | [`properties::json`] | an object is read as any parser reads it, or names a member twice |
//! | [`properties::jwks`] | a key set holds what it was given, and nothing that may not sign |

// What the rest of the server takes of it, nobody takes here.
#[allow(unused_imports)]
#[path = "../../server/src/auth/mod.rs"]
pub mod auth;
#[path = "../../server/src/bucket.rs"]
pub mod bucket;
pub mod properties;
#[path = "../../server/src/supervise.rs"]
pub mod supervise;
#[path = "../../server/tests/it/support/tokens.rs"]
pub mod tokens;
