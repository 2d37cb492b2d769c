//! Access tokens, signed or not.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::tokens::token(bytes));
