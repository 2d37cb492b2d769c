//! What the broker says.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::broker::broker(bytes));
