//! Cookies, forwarded addresses, handshakes.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::headers::headers(bytes));
