//! The configuration of the process.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::settings::settings(bytes));
