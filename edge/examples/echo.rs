//! Sends back whatever it hears, over the handshake and the codec of the doors: what the Autobahn
//! cases are told to. A program of its own, so that no server has such a route.
//!
//! `echo FRAME_BYTES_MAX` listens on a free port of loopback and says which.

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use edge::config::PublicUrl;
use edge::lifecycle::Lifecycle;
use edge::server;
use edge::ws::bare::Bare;
use edge::ws::upgrade::Handshake;
use hyper::upgrade::OnUpgrade;
use tokio::net::TcpListener;
use tokio::task::LocalSet;

fn main() -> anyhow::Result<()> {
    let frame_bytes_max = std::env::args().nth(1).context("echo FRAME_BYTES_MAX")?.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, serve(frame_bytes_max))
}

async fn serve(frame_bytes_max: usize) -> anyhow::Result<()> {
    let listener = server::listen(([127, 0, 0, 1], 0).into(), 1)?.pop().context("no listener")?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    let lifecycle = Lifecycle::default();
    let shared = Arc::new(Echo {
        public: PublicUrl::parse("http://localhost:8080").map_err(anyhow::Error::msg)?,
        frame_bytes_max,
        lifecycle: lifecycle.clone(),
    });
    let router = Router::new().route("/ws/", get(upgrade)).with_state(shared);
    server::serve(TcpListener::from_std(listener)?, router, lifecycle).await;
    Ok(())
}

struct Echo {
    public: PublicUrl,
    frame_bytes_max: usize,
    lifecycle: Lifecycle,
}

async fn upgrade(State(shared): State<Arc<Echo>>, mut request: Request) -> Response {
    let Ok(handshake) = Handshake::read(request.headers(), &shared.public) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let upgraded = hyper::upgrade::on(&mut request);
    let answer = handshake.answer();
    shared.lifecycle.spawn_local(Box::pin(echo(upgraded, handshake, shared.frame_bytes_max)));
    answer
}

async fn echo(upgraded: OnUpgrade, handshake: Handshake, frame_bytes_max: usize) {
    let Some(mut socket) = Bare::open(upgraded, &handshake, frame_bytes_max).await else { return };
    while let Some((kind, bytes)) = socket.hear().await {
        if socket.say(kind, bytes).await.is_err() {
            return;
        }
    }
}
