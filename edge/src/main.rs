//! The process `dhchat`.

fn main() {}
