//! A line to a server that can stall without closing, break, and be mended.

use std::io;
use std::net::Ipv4Addr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How much is passed on at once.
const CHUNK_BYTES: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Whole,
    /// Nothing passes, nothing is lost, and nobody is told.
    Stalled,
    /// Every connection is reset, and so is whoever tries again.
    Broken,
}

/// Passes on connections to a port of this machine.
pub(crate) struct Line {
    port: u16,
    state: watch::Sender<State>,
}

impl Line {
    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (state, follow) = watch::channel(State::Whole);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(pass(socket, server, follow.clone()));
            }
        });
        Self { port, state }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn stall(&self) {
        self.state.send(State::Stalled).unwrap();
    }

    pub(crate) fn break_off(&self) {
        self.state.send(State::Broken).unwrap();
    }

    pub(crate) fn mend(&self) {
        self.state.send(State::Whole).unwrap();
    }
}

async fn pass(socket: TcpStream, server: u16, mut state: watch::Receiver<State>) {
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await else { return };
    let mut socket = socket;
    for side in [&socket, &server] {
        drop(side.set_nodelay(true));
    }
    let follow = state.clone();
    let (from_client, to_client) = socket.split();
    let (from_server, to_server) = server.split();
    let both = async {
        tokio::join!(
            carry(from_client, to_server, follow.clone()),
            carry(from_server, to_client, follow.clone()),
        )
    };
    tokio::select! {
        _ = both => return,
        _ = state.wait_for(|state| *state == State::Broken) => {}
    }
    // Whoever is cut off hears nothing more, and what waited here goes nowhere.
    for side in [&socket, &server] {
        drop(side.set_zero_linger());
    }
}

/// Carries bytes one way until their end. What is read while the line is stalled goes on later.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut state: watch::Receiver<State>,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = from.read(&mut chunk).await?;
        drop(state.wait_for(|state| *state != State::Stalled).await);
        if read == 0 {
            return to.shutdown().await;
        }
        to.write_all(&chunk[..read]).await?;
    }
}
