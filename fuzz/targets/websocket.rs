//! Frames of RFC 6455, deflated or not, cut anywhere.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::websocket::websocket(bytes));
