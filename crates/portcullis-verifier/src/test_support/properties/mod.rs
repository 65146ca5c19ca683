//! Properties of the parsers. Each takes any bytes, and panics if the property does not hold.

pub mod bearer;
pub mod json;
pub mod jwks;
pub mod token;
