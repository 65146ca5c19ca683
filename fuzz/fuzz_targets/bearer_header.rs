//! The bearer header, from any bytes.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_fuzz::properties::bearer::holds(data));
