//! A file that may be a capture.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::captures::file(bytes));
