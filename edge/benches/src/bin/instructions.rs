//! Does one piece of the hot path so many times, for whoever counts its instructions from outside:
//! `instructions PIECE TIMES`. Without arguments it says which pieces there are.
//!
//! Whoever counts looks at the function `repeat` and what it calls, and at nothing around it: what a
//! piece needs is made before, and some of that takes longer on one day than on another.

use std::io::Write;
use std::process::ExitCode;

use hot_path::Piece;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, times] = arguments.as_slice() else {
        let names: Vec<&str> = Piece::ALL.iter().map(|piece| piece.name()).collect();
        let told = writeln!(std::io::stdout(), "{}", names.join("\n"));
        return if told.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    };
    let (Some(piece), Ok(times)) = (Piece::from_name(name), times.parse::<u32>()) else {
        return ExitCode::FAILURE;
    };
    repeat(&mut *piece.work(), times);
    ExitCode::SUCCESS
}

#[inline(never)]
fn repeat(work: &mut dyn FnMut(), times: u32) {
    for _ in 0..times {
        work();
    }
}
