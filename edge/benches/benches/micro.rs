//! How long each piece of the hot path takes on this machine, and what it allocates: for whoever
//! works on one. `make bench-micro`; nothing is held to these times.

use divan::{AllocProfiler, Bencher};
use hot_path::Piece;

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// What is done once a sample, so that making what it needs is not counted.
const TIMES: u32 = 500;

#[divan::bench(args = Piece::ALL.iter().copied())]
fn five_hundred_times(bencher: Bencher, piece: Piece) {
    bencher
        .counter(divan::counter::ItemsCount::new(TIMES))
        .with_inputs(|| piece.work())
        .bench_local_values(|mut work| {
            for _ in 0..TIMES {
                work();
            }
        });
}
