//! Somebody who listens, and remembers who was heard and whether it was after a certain moment.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;

use crate::person::{Socket, connect};
use crate::provision::Resident;
use crate::servers::{DEADLINE, eventually};

/// One word of somebody.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub(super) n: usize,
    pub(super) at: Instant,
    /// It came after this listener had heard everything that was passed on before the end.
    pub(super) is_late: bool,
}

/// One person, and a task that listens for them.
pub(super) struct Listener {
    resident: Resident,
    url: String,
    heard: Arc<Mutex<Heard>>,
    asks: mpsc::Sender<(Ask, oneshot::Sender<()>)>,
}

/// What was heard, and of whom nothing may come any more.
#[derive(Default)]
struct Heard {
    words: HashMap<String, Vec<Word>>,
    over: HashSet<String>,
}

/// How to find out that everything has been heard.
enum Ask {
    /// Say something to the edge: its answer comes last.
    Edge,
    /// Look whether anything waits.
    Look,
}

impl Listener {
    pub(super) async fn start(url: &str, resident: Resident) -> Self {
        let heard = Arc::new(Mutex::new(Heard::default()));
        let socket = connect(url, &resident.token).await.expect("a socket");
        let asks = listen(socket, &heard);
        Self { resident, url: url.to_owned(), heard, asks }
    }

    pub(super) fn resident(&self) -> &Resident {
        &self.resident
    }

    /// Signs in again if the socket has closed.
    pub(super) async fn comes_back_if_gone(&mut self) {
        if self.asks.is_closed() {
            let socket = eventually("a listener comes back", async || {
                connect(&self.url, &self.resident.token).await
            })
            .await;
            self.asks = listen(socket, &self.heard);
        }
    }

    pub(super) async fn until_heard(&self, from: String) {
        eventually("a word is heard", async || {
            self.heard.lock().unwrap().words.contains_key(&from).then_some(())
        })
        .await;
    }

    pub(super) fn heard_from(&self, from: &str) -> Vec<Word> {
        self.heard.lock().unwrap().words.get(from).cloned().unwrap_or_default()
    }

    /// Whatever comes of these from here on is late.
    pub(super) fn is_over_for(&self, from: impl IntoIterator<Item = String>) {
        self.heard.lock().unwrap().over.extend(from);
    }

    /// Returns when everything has been heard that was passed on before this call.
    pub(super) async fn asks(&self) {
        self.ask(Ask::Edge).await;
    }

    /// Returns when nothing waits to be heard.
    pub(super) async fn looks(&self) {
        self.ask(Ask::Look).await;
    }

    async fn ask(&self, ask: Ask) {
        let (tell, told) = oneshot::channel();
        // A socket that has closed brings nothing more.
        if self.asks.send((ask, tell)).await.is_ok() {
            drop(tokio::time::timeout(DEADLINE, told).await.expect("an answer in time"));
        }
    }
}

fn listen(socket: Socket, heard: &Arc<Mutex<Heard>>) -> mpsc::Sender<(Ask, oneshot::Sender<()>)> {
    let (asks, asked) = mpsc::channel(1);
    tokio::spawn(hear(socket, Arc::clone(heard), asked));
    asks
}

async fn hear(
    mut socket: Socket,
    heard: Arc<Mutex<Heard>>,
    mut asked: mpsc::Receiver<(Ask, oneshot::Sender<()>)>,
) {
    let mut waits = None;
    loop {
        tokio::select! {
            biased;
            message = socket.next() => {
                let Some(Ok(message)) = message else { return };
                let Message::Text(text) = message else { continue };
                let frame: Value = serde_json::from_str(&text).unwrap();
                match frame["type"].as_str() {
                    Some("message") => heard.lock().unwrap().take(&frame["payload"]),
                    // The edge knows no such frame, and says so behind everything before it.
                    Some("error") if frame["payload"]["code"] == "UNKNOWN_MESSAGE_TYPE" => {
                        drop(waits.take());
                    }
                    Some(_) | None => {}
                }
            }
            ask = asked.recv() => match ask {
                Some((Ask::Edge, tell)) => {
                    waits = Some(tell);
                    if socket.send(Message::text(r#"{"type":"answer me"}"#)).await.is_err() {
                        return;
                    }
                }
                Some((Ask::Look, tell)) => drop(tell),
                None => return,
            },
        }
    }
}

impl Heard {
    fn take(&mut self, payload: &Value) {
        let from = payload["from"].as_str().expect("who said it").to_owned();
        let id = payload["message_id"].as_str().expect("an id");
        let n = id.split('-').next().and_then(|n| n.parse().ok()).expect("a number");
        let is_late = self.over.contains(&from);
        self.words.entry(from).or_default().push(Word { n, at: Instant::now(), is_late });
    }
}
