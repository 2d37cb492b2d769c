//! Ids, names, subjects, searches and whatever else is text.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::names::name(bytes));
