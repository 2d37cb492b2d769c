//! Somebody who goes on speaking until their socket closes.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;

use crate::person::{Socket, connect};
use crate::provision::Resident;
use crate::servers::DEADLINE;

/// How often a word is said to each listener.
const SAID_EVERY: Duration = Duration::from_millis(50);

/// One person, and a task that speaks for them.
pub(super) struct Speaker {
    resident: Resident,
    url: String,
    /// When each word was said.
    said: Arc<Mutex<Vec<Instant>>>,
    closed: watch::Receiver<Option<Instant>>,
}

impl Speaker {
    /// Signs in at this edge and speaks to all of these.
    pub(super) async fn start(url: &str, resident: Resident, to: &[&Resident]) -> Self {
        let socket = connect(url, &resident.token).await.expect("a socket");
        let said = Arc::new(Mutex::new(Vec::new()));
        let (close, closed) = watch::channel(None);
        let to = to.iter().map(|listener| listener.id.to_string()).collect();
        let speaks = speak(socket, to, Arc::clone(&said));
        tokio::spawn(async move {
            speaks.await;
            close.send_replace(Some(Instant::now()));
        });
        Self { resident, url: url.to_owned(), said, closed }
    }

    pub(super) fn resident(&self) -> &Resident {
        &self.resident
    }

    pub(super) fn id(&self) -> String {
        self.resident.id.to_string()
    }

    pub(super) fn is_at(&self, url: &str) -> bool {
        self.url == url
    }

    /// When a word was said.
    pub(super) fn said_at(&self, n: usize) -> Instant {
        self.said.lock().unwrap()[n]
    }

    /// When the socket closed.
    pub(super) async fn until_closed(&self) -> Instant {
        let mut closed = self.closed.clone();
        let waits = closed.wait_for(Option::is_some);
        let closed = tokio::time::timeout(DEADLINE, waits).await.expect("the socket closes");
        closed.unwrap().expect("it has closed")
    }
}

async fn speak(mut socket: Socket, to: Vec<String>, said: Arc<Mutex<Vec<Instant>>>) {
    let mut again = tokio::time::interval(SAID_EVERY);
    let mut waits = 0;
    loop {
        tokio::select! {
            heard = socket.next() => match heard {
                None | Some(Err(_) | Ok(Message::Close(_))) => return,
                Some(Ok(_)) => {}
            },
            _ = again.tick() => {
                let n = {
                    let mut said = said.lock().unwrap();
                    said.push(Instant::now());
                    said.len() - 1
                };
                for to in &to {
                    waits += 1;
                    let payload = json!({ "to": to, "message_id": format!("{n}-{waits}"), "ciphertext": "c", "nonce": "bm9uY2U=" });
                    let frame = json!({ "type": "message", "payload": payload });
                    if socket.send(Message::text(frame.to_string())).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}
