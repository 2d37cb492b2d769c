//! A WebSocket client that is not ours.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Longer than anything honest takes.
const WAIT: Duration = Duration::from_secs(10);

/// An open socket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// With more headers than the plain handshake.
    pub(crate) async fn open(doors: SocketAddr, headers: &[(&str, &str)]) -> Result<Self, Error> {
        let mut request = format!("ws://{doors}/ws/").into_client_request()?;
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        }
        Ok(Self(connect_async(request).await?.0))
    }

    /// The text door.
    pub(crate) async fn text(doors: SocketAddr) -> Self {
        Self::open(doors, &[]).await.unwrap()
    }

    /// The text door, authenticated.
    pub(crate) async fn text_as(doors: SocketAddr, token: &str) -> Self {
        let mut socket = Self::text(doors).await;
        socket.say(&json!({ "type": "auth", "payload": { "token": token } })).await;
        let answer = socket.hear().await;
        assert_eq!(answer, json!({ "type": "auth", "payload": { "authenticated": true } }));
        socket
    }

    /// The binary door.
    pub(crate) async fn binary(doors: SocketAddr) -> Self {
        let headers = [("sec-websocket-protocol", "dhchat.2"), ("origin", "http://localhost:8080")];
        Self::open(doors, &headers).await.unwrap()
    }

    pub(crate) async fn say(&mut self, document: &Value) {
        self.say_text(&document.to_string()).await;
    }

    pub(crate) async fn say_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn say_bytes(&mut self, bytes: Vec<u8>) {
        self.0.send(Message::binary(bytes)).await.unwrap();
    }

    /// A text frame that need not be text.
    pub(crate) async fn say_broken_text(&mut self, bytes: &'static [u8]) {
        let frame = Frame::message(bytes, OpCode::Data(Data::Text), true);
        self.0.send(Message::Frame(frame)).await.unwrap();
    }

    /// The next document.
    pub(crate) async fn hear(&mut self) -> Value {
        serde_json::from_str(&self.hear_text().await).unwrap()
    }

    /// The same as it is written.
    pub(crate) async fn hear_text(&mut self) -> String {
        let message = self.next().await;
        let Message::Text(text) = message else { panic!("expected a document, got {message:?}") };
        text.to_string()
    }

    /// The next frame of bytes.
    pub(crate) async fn hear_bytes(&mut self) -> Vec<u8> {
        let message = self.next().await;
        let Message::Binary(bytes) = message else { panic!("expected bytes, got {message:?}") };
        bytes.to_vec()
    }

    /// The close that comes after whatever else comes.
    pub(crate) async fn hear_close(&mut self) -> (u16, String) {
        loop {
            if let Message::Close(frame) = self.next().await {
                let frame = frame.expect("a close says why");
                return (frame.code.into(), frame.reason.to_string());
            }
        }
    }

    pub(crate) async fn close(mut self) {
        self.0.close(None).await.unwrap();
        while let Ok(Some(Ok(_))) = timeout(WAIT, self.0.next()).await {}
    }

    async fn next(&mut self) -> Message {
        loop {
            let next = timeout(WAIT, self.0.next()).await.expect("nothing came");
            let message = next.expect("the socket ended").unwrap();
            if !matches!(message, Message::Ping(_) | Message::Pong(_)) {
                return message;
            }
        }
    }
}
