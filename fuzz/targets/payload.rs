//! What is said on each subject of the bus but those of deliveries.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::payloads::payload(bytes));
