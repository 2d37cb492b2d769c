//! What a relayed frame may cost, by counts that are the same on any machine: blocks of the heap
//! and calls of the system. Nothing here is held to a time.
//!
//! The rules are PERF of `edge/SPEC.md`. Run by `scripts/gates.sh`, each test as a process of its
//! own: both kinds count all that their process does.

// `cfg(test)` tells clippy that helpers are tests as well and may unwrap.
#[cfg(test)]
#[path = "gates/blocks.rs"]
mod blocks;
#[cfg(test)]
#[path = "gates/calls.rs"]
mod calls;
#[cfg(test)]
#[path = "gates/figure.rs"]
mod figure;
#[cfg(test)]
#[path = "gates/idle.rs"]
mod idle;
#[cfg(test)]
#[path = "gates/stages.rs"]
mod stages;
#[cfg(test)]
#[expect(dead_code, unused_imports, unused_macros, reason = "the stories use the rest of it")]
mod support;
#[cfg(test)]
#[path = "gates/talk.rs"]
mod talk;

/// Counts blocks while a profiler runs, and otherwise hands through.
#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;
