//! A Session, to which anything happens in any order.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::sessions::session(bytes));
