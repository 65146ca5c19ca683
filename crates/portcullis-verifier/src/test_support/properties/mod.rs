//! Each property takes any bytes, and panics where it does not hold.

pub mod bearer;
pub mod json;
pub mod jwks;
pub mod token;
