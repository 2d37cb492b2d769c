//! The baseline: what everybody would write with axum and async-nats. A socket, a subscription for
//! whoever speaks on it, and what one says goes to the subject of the other. No accounts, no limits,
//! no refusals, no files apart from words, every default of the libraries.
//!
//!     naive PORT BROKER
//!
//! The first message is the id of whoever connects, 16 bytes; every other one is an id and a body.

use anyhow::{Context, Result};
use async_nats::Client;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use futures_util::stream::{SplitSink, SplitStream, StreamExt};
use futures_util::{SinkExt, TryStreamExt};
use tokio::net::TcpListener;

const ID_BYTES: usize = 16;

/// One thread: with two it needs a third more for each message.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().context("which port?")?.parse()?;
    let nats = async_nats::connect(arguments.next().context("which broker?")?).await?;
    let router = Router::new().route("/ws/", get(upgrade)).with_state(nats);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(
        axum::serve::ListenerExt::tap_io(listener, |stream| {
            drop(stream.set_nodelay(true));
        }),
        router,
    )
    .await?;
    Ok(())
}

async fn upgrade(upgrade: WebSocketUpgrade, State(nats): State<Client>) -> Response {
    upgrade.on_upgrade(async move |socket| {
        // A client that left is nobody's fault.
        drop(talk(socket, nats).await);
    })
}

async fn talk(socket: WebSocket, nats: Client) -> Result<()> {
    let (writing, mut reading) = socket.split();
    let hello = next(&mut reading).await?.context("left without a word")?;
    let subscription = nats.subscribe(subject(&hello)).await?;
    // Comes back to the client as its welcome once the broker knows the subscription.
    nats.publish(subject(&hello), Bytes::new()).await?;
    tokio::select! {
        ended = hear(subscription, writing) => ended,
        ended = say(reading, nats) => ended,
    }
}

/// What others said goes to the client.
async fn hear(
    mut subscription: async_nats::Subscriber,
    mut writing: SplitSink<WebSocket, Message>,
) -> Result<()> {
    while let Some(message) = subscription.next().await {
        writing.send(Message::Binary(message.payload)).await?;
    }
    Ok(())
}

/// What the client says goes to others.
async fn say(mut reading: SplitStream<WebSocket>, nats: Client) -> Result<()> {
    while let Some(message) = next(&mut reading).await? {
        if message.len() >= ID_BYTES {
            let to = subject(&message[..ID_BYTES]);
            nats.publish(to, message.slice(ID_BYTES..)).await?;
        }
    }
    Ok(())
}

async fn next(reading: &mut SplitStream<WebSocket>) -> Result<Option<Bytes>> {
    while let Some(message) = reading.try_next().await? {
        if let Message::Binary(bytes) = message {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

fn subject(id: &[u8]) -> String {
    format!("u.{}", hex::encode(&id[..ID_BYTES.min(id.len())]))
}
