//! How long 256 bytes take to another thread and back over loopback.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::clock::Clock;
use crate::latency::Latency;
use crate::measure::Measure;

const BYTES: usize = 256;

/// Asks for so long; one question at a time.
pub(crate) fn run(lasts: Duration) -> Result<Measure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let echoing = thread::spawn(move || echo(&listener));
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let (clock, mut latency) = (Clock::start(), Latency::new()?);
    let (begun, mut bytes) = (Instant::now(), [7; BYTES]);
    while begun.elapsed() < lasts {
        let asked = clock.now();
        stream.write_all(&bytes)?;
        stream.read_exact(&mut bytes)?;
        latency.record(asked, clock.now());
    }
    drop(stream);
    echoing.join().map_err(|_| anyhow!("the echo panicked"))??;
    Ok(Measure::new("raw-echo-p50", "us", latency.quantile_us(0.5), latency.summary()))
}

fn echo(listener: &TcpListener) -> Result<()> {
    let (mut stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    let mut bytes = [0; BYTES];
    while stream.read_exact(&mut bytes).is_ok() {
        stream.write_all(&bytes)?;
    }
    Ok(())
}
