//! The JSON of a token's parts, from any bytes.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_verifier::test_support::properties::json::holds(data));
