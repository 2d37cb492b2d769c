//! A file that is announced in the clear.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::files::announcement(bytes));
