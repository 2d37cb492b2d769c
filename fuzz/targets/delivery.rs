//! An envelope between two Sessions.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::deliveries::delivery(bytes));
