//! The bearer header, from any bytes.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_verifier::test_support::properties::bearer::holds(data));
