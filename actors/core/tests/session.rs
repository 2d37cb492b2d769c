//! One test a rule: what a single Session does, as `SPEC.md` numbers it.

mod session {
    mod admission;
    mod budget;
    mod evict;
    mod files;
    mod harness;
    mod link;
    mod peers;
    mod relay;
    mod renewal;
    mod repeats;
    mod words;
}
