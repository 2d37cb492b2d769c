//! A record of a capture: written, told in words, replayed.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::captures::record(bytes));
