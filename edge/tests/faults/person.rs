//! Somebody on the text door, where every frame can be written by hand.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::deployment::Deployment;
use crate::provision::Resident;
use crate::servers::{DEADLINE, eventually};

const PASSWORD: &str = "correct horse 7";
/// How often a word is said again to a bus that has not noticed yet that it is away.
const SAID_EVERY: Duration = Duration::from_millis(100);

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) struct Person {
    id: String,
    token: String,
    url: String,
    socket: Socket,
}

impl Person {
    /// Registers and opens a socket at this edge.
    pub(crate) async fn arrives(deployment: &Deployment, edge: usize, name: &str) -> Self {
        let url = deployment.url(edge);
        let body = json!({ "username": name, "password": PASSWORD });
        let answer = post(&format!("{url}/api/auth/register"), &body).await;
        let token = answer["token"].as_str().expect("an access token").to_owned();
        let me: Value = reqwest::Client::new()
            .get(format!("{url}/api/chat/me"))
            .bearer_auth(&token)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let id = me["id"].as_str().expect("an id").to_owned();
        let socket = connect(&url, &token).await.expect("a socket");
        Self { id, token, url, socket }
    }

    /// Opens a socket for somebody who has an account.
    pub(crate) async fn of(resident: &Resident, url: &str) -> Self {
        let socket = connect(url, &resident.token).await.expect("a socket");
        Self {
            id: resident.id.to_string(),
            token: resident.token.clone(),
            url: url.to_owned(),
            socket,
        }
    }

    pub(crate) async fn says(&mut self, to: &Self, text: &str) {
        let payload =
            json!({ "to": to.id, "message_id": text, "ciphertext": text, "nonce": "bm9uY2U=" });
        let frame = json!({ "type": "message", "payload": payload });
        self.socket.send(Message::text(frame.to_string())).await.unwrap();
    }

    pub(crate) async fn hears(&mut self, from: &Self, text: &str) {
        let frame = self.next().await;
        assert_eq!(frame["type"], "message", "{frame}");
        assert_eq!(frame["payload"]["from"], from.id.as_str());
        assert_eq!(frame["payload"]["ciphertext"], text);
    }

    /// Speaks until a word is refused because the bus is away.
    pub(crate) async fn told_that_the_bus_is_away(&mut self, to: &Self) {
        let mut again = tokio::time::interval(SAID_EVERY);
        let mut n = 0;
        loop {
            tokio::select! {
                _ = again.tick() => {
                    n += 1;
                    self.says(to, &format!("lost {n}")).await;
                }
                frame = self.socket.next() => {
                    let frame = document(&frame.expect("an open socket").unwrap());
                    if frame["type"] == "error" {
                        assert_eq!(frame["payload"]["code"], "BUS_AWAY", "{frame}");
                        return;
                    }
                }
            }
        }
    }

    /// The code that the socket closes with.
    pub(crate) async fn closed(&mut self) -> u16 {
        let close = async {
            loop {
                let message = self.socket.next().await.expect("a close frame").unwrap();
                if let Message::Close(close) = message {
                    return close.expect("a close code").code.into();
                }
            }
        };
        tokio::time::timeout(DEADLINE, close).await.expect("the socket closes")
    }

    /// Tries to connect until it is let in, as the client does.
    pub(crate) async fn comes_back(mut self) -> Self {
        drop(self.socket.close(None).await);
        let (url, token) = (self.url.clone(), self.token.clone());
        self.socket =
            eventually("the client is let in again", async || connect(&url, &token).await).await;
        self
    }

    /// The next frame that another person's words could be. Pings are answered by the client.
    async fn next(&mut self) -> Value {
        loop {
            let frame = tokio::time::timeout(DEADLINE, self.socket.next()).await;
            let frame = frame.expect("a frame in time").expect("an open socket").unwrap();
            if !matches!(frame, Message::Ping(_)) {
                return document(&frame);
            }
        }
    }
}

/// A socket that has authenticated; `None` if the edge does not let it in.
pub(crate) async fn connect(url: &str, token: &str) -> Option<Socket> {
    let (mut socket, _) = connect_async(format!("{}/ws/", url.replace("http", "ws"))).await.ok()?;
    let auth = json!({ "type": "auth", "payload": { "token": token } });
    socket.send(Message::text(auth.to_string())).await.ok()?;
    let answer = document(&socket.next().await?.ok()?);
    (answer["payload"]["authenticated"] == true).then_some(socket)
}

async fn post(url: &str, body: &Value) -> Value {
    reqwest::Client::new().post(url).json(body).send().await.unwrap().json().await.unwrap()
}

/// The document in a message; others are named by what they are.
pub(crate) fn document(message: &Message) -> Value {
    let Message::Text(text) = message else { return json!({ "type": format!("{message:?}") }) };
    serde_json::from_str(text).unwrap()
}
