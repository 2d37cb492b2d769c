//! A line of some length between clients and edges: whatever is written at one end comes out at the
//! other a fixed time later, in its order and as fast as it came. It runs as a process of its own.
//!
//! TCP on either side of it is loopback and waits for nobody, so what is seen is what windows of the
//! protocol make of the distance.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::clock::Timer;
use crate::servers::{Process, Site, free_port, until_listens};

/// Bytes under way in one direction of a connection: four times what the widest window sends in one
/// go. Beyond that the line takes no more until some have come out.
const UNDER_WAY_MAX: usize = 16 * 1024 * 1024;
const READ_BYTES: usize = 64 * 1024;
/// Nothing is delayed for longer, whoever forgot it.
const LASTS_MAX: Duration = Duration::from_mins(5);

/// What the process is told: where it listens, where that leads, and how long the way takes.
#[derive(Debug, Deserialize, Serialize)]
struct Order {
    ways: Vec<(SocketAddr, SocketAddr)>,
    one_way: Duration,
}

/// A line to every edge of a site.
pub(crate) struct Line {
    /// The same edges at the far end of it.
    pub(crate) site: Site,
    process: Process,
}

impl Line {
    /// Returns when it can be used. There and back takes `round_trip`.
    pub(crate) async fn to(site: &Site, round_trip: Duration, folder: &Path) -> Result<Self> {
        let mut ends: Vec<SocketAddr> = Vec::new();
        for _ in &site.edges {
            ends.push(([127, 0, 0, 1], free_port()?).into());
        }
        let ways = ends.iter().copied().zip(site.edges.iter().copied()).collect();
        let order = Order { ways, one_way: round_trip / 2 };
        let file = folder.join("line.json");
        std::fs::write(&file, serde_json::to_vec(&order)?)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("delay").arg(&file);
        let mut process = Process::spawn("line", &mut command, folder)?;
        for end in &ends {
            until_listens(end.port(), &mut process).await?;
        }
        Ok(Self { site: Site { door: site.door, edges: ends }, process })
    }

    pub(crate) async fn stop(self) -> Result<()> {
        self.process.stop().await
    }
}

/// Delays by an order until it is stopped.
pub(crate) async fn delay(order: &Path) -> Result<()> {
    let order: Order = serde_json::from_slice(&std::fs::read(order)?)?;
    let mut doors = JoinSet::new();
    for (from, to) in order.ways {
        doors.spawn_local(serve(TcpListener::bind(from).await?, to, order.one_way));
    }
    match timeout(LASTS_MAX, doors.join_next()).await {
        Ok(Some(ended)) => Ok(ended??),
        Ok(None) => bail!("there is nowhere to go"),
        Err(_) => bail!("nobody stopped it"),
    }
}

async fn serve(listener: TcpListener, to: SocketAddr, one_way: Duration) -> io::Result<()> {
    let mut open = JoinSet::new();
    loop {
        let (near, _) = listener.accept().await?;
        open.spawn_local(async move {
            // A connection that breaks ends for both sides of it.
            drop(both_ways(near, to, one_way).await);
        });
        while open.try_join_next().is_some() {}
    }
}

async fn both_ways(near: TcpStream, to: SocketAddr, one_way: Duration) -> Result<()> {
    let far = TcpStream::connect(to).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let ((near_reads, near_writes), (far_reads, far_writes)) =
        (near.into_split(), far.into_split());
    tokio::try_join!(
        carry(near_reads, far_writes, one_way),
        carry(far_reads, near_writes, one_way)
    )?;
    Ok(())
}

/// What is under way in one direction, and when it is due at the end.
#[derive(Default)]
struct UnderWay {
    pieces: VecDeque<(Instant, Vec<u8>)>,
    bytes: usize,
}

impl UnderWay {
    fn enter(&mut self, due: Instant, piece: &[u8]) {
        if piece.is_empty() {
            return;
        }
        self.bytes += piece.len();
        self.pieces.push_back((due, piece.to_vec()));
    }

    fn has_room(&self) -> bool {
        self.bytes + READ_BYTES <= UNDER_WAY_MAX
    }

    /// The piece that comes out next, and how long that takes from now.
    fn next(&self, now: Instant) -> Option<(Duration, &[u8])> {
        let (due, piece) = self.pieces.front()?;
        Some((due.saturating_duration_since(now), piece))
    }

    /// So many bytes of the next piece have come out.
    fn leave(&mut self, count: usize) {
        let Some((_, piece)) = self.pieces.front_mut() else { return };
        self.bytes -= count;
        piece.drain(..count);
        if piece.is_empty() {
            self.pieces.pop_front();
        }
    }
}

/// One direction, until its beginning ends and everything has come out.
async fn carry(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    one_way: Duration,
) -> Result<()> {
    let (timer, mut line, mut buffer) = (Timer::new()?, UnderWay::default(), vec![0; READ_BYTES]);
    let mut is_open = true;
    while is_open || !line.pieces.is_empty() {
        let (wait, piece) = line.next(Instant::now()).unwrap_or((Duration::MAX, &[]));
        let (is_due, waits) = (wait.is_zero(), !wait.is_zero() && wait < Duration::MAX);
        tokio::select! {
            read = from.read(&mut buffer), if is_open && line.has_room() => {
                let count = read?;
                is_open = count > 0;
                line.enter(Instant::now() + one_way, &buffer[..count]);
            }
            written = to.write(piece), if is_due => line.leave(written?),
            rang = timer.wait(wait), if waits => rang?,
        }
    }
    Ok(to.shutdown().await?)
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    const ONE_WAY: Duration = Duration::from_millis(30);

    #[tokio::test]
    async fn what_goes_in_comes_out_in_order_and_no_sooner_than_the_way_takes() {
        let ((mut near, reads), (writes, mut far)) = (duplex(1 << 20), duplex(1 << 20));
        let sent: Vec<u8> = (0..=255).cycle().take(700_000).collect();
        let begun = Instant::now();
        let going = async {
            for piece in sent.chunks(7_001) {
                near.write_all(piece).await.unwrap();
            }
            drop(near);
        };
        let coming = async {
            let mut came = vec![0];
            far.read_exact(&mut came).await.unwrap();
            assert!(begun.elapsed() >= ONE_WAY, "{:?}", begun.elapsed());
            far.read_to_end(&mut came).await.unwrap();
            came
        };
        let ((), carried, came) = tokio::join!(going, carry(reads, writes, ONE_WAY), coming);
        carried.unwrap();
        assert!(came == sent);
    }

    #[tokio::test]
    async fn an_answer_takes_the_way_there_and_the_way_back() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = listener.local_addr().unwrap();
        let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = door.local_addr().unwrap();
        let echo = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut byte = [0];
            stream.read_exact(&mut byte).await.unwrap();
            stream.write_all(&byte).await.unwrap();
            stream
        };
        let ask = async {
            let mut stream = TcpStream::connect(near).await.unwrap();
            let begun = Instant::now();
            stream.write_all(&[7]).await.unwrap();
            assert_eq!(stream.read_u8().await.unwrap(), 7);
            begun.elapsed()
        };
        let line = async {
            let (near, _) = door.accept().await.unwrap();
            both_ways(near, to, ONE_WAY).await
        };
        let took = async { tokio::join!(echo, ask).1 };
        let took = tokio::select! {
            took = took => took,
            ended = line => panic!("{ended:?}"),
        };
        assert!(took >= 2 * ONE_WAY, "{took:?}");
    }

    #[test]
    fn a_line_takes_no_more_than_it_has_room_for() {
        let (now, mut line) = (Instant::now(), UnderWay::default());
        let piece = vec![0; READ_BYTES];
        while line.has_room() {
            line.enter(now, &piece);
        }
        assert_eq!(line.bytes, UNDER_WAY_MAX);
        line.leave(1);
        assert!(!line.has_room(), "a part of a piece has come out");
        line.leave(READ_BYTES - 1);
        assert!(line.has_room());
        assert_eq!(line.pieces.len(), UNDER_WAY_MAX / READ_BYTES - 1);
    }
}
