//! Somebody who reads, or does not, and comes back when the server has had enough.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, Interest};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::interval;

use crate::provision::Resident;
use crate::raw::{BINARY_DOOR, PONG, Raw, frame};
use crate::servers::DEADLINE;

/// What the system keeps on this side: little, so that what is not read stays with the server.
const OWN_BUFFER_BYTES: u32 = 16 * 1024;

/// How often a reader that does not read still says something.
const LIFE_EVERY: Duration = Duration::from_millis(500);

/// What readers are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Reads,
    Stalls,
    Goes,
}

/// How often a reader was cut, and how long after it had begun to stall.
#[derive(Debug, Default)]
pub(crate) struct Cuts(pub(crate) Vec<Duration>);

/// Reads or stalls as it is told, always with a socket open; the cuts of all readers are counted.
pub(crate) async fn read(
    address: SocketAddr,
    resident: Resident,
    mut mode: watch::Receiver<Mode>,
    all: Arc<AtomicUsize>,
) -> Cuts {
    let mut cuts = Cuts::default();
    let mut away = vec![0; 64 * 1024];
    'connections: loop {
        let mut tcp = until_let_in(address, &resident).await;
        loop {
            let now = *mode.borrow_and_update();
            match now {
                Mode::Goes => return cuts,
                Mode::Reads => tokio::select! {
                    // Pings are not answered: words are sent often enough.
                    read = tcp.read(&mut away) => if read.unwrap_or(0) == 0 {
                        continue 'connections;
                    },
                    _ = mode.changed() => {}
                },
                Mode::Stalls => {
                    let begun = Instant::now();
                    tokio::select! {
                        () = cut(&tcp) => {
                            cuts.0.push(begun.elapsed());
                            all.fetch_add(1, Ordering::Relaxed);
                            continue 'connections;
                        }
                        _ = mode.changed() => {}
                    }
                }
            }
        }
    }
}

/// Returns when the server has ended the connection. Whoever reads nothing hears nothing of that;
/// but it still says that it is there, and is told then.
async fn cut(tcp: &TcpStream) {
    let mut again = interval(LIFE_EVERY);
    loop {
        tokio::select! {
            _ = tcp.ready(Interest::ERROR) => return,
            _ = again.tick() => if tcp.try_write(&frame(PONG, b"")).is_err() {
                return;
            },
        }
    }
}

async fn until_let_in(address: SocketAddr, resident: &Resident) -> TcpStream {
    let begun = Instant::now();
    loop {
        if let Ok(tcp) = connect(address, resident).await {
            return tcp;
        }
        assert!(begun.elapsed() < DEADLINE, "the reader is let in");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn connect(address: SocketAddr, resident: &Resident) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(OWN_BUFFER_BYTES)?;
    let raw = Raw::over(socket.connect(address).await?, address, BINARY_DOOR).await;
    Ok(raw.says_who_in_binary(&resident.token).await.tcp)
}
