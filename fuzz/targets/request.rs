//! A request to any route.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::requests::request(bytes));
