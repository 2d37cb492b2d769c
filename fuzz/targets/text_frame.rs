//! Bytes as the text door reads them.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::frames::text(bytes));
