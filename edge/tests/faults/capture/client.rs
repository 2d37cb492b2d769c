//! Somebody on the binary door, whose frames are written by hand.

use bus_schemas::codec;
use bus_schemas::frame::binary::{self, AuthFields, SUBPROTOCOL, control};
use bus_schemas::frame::{Label, Part, PeerFrame, ServerFrame};
use bus_schemas::id::{FrameId, Instance, UserId};
use bus_schemas::secret::Secret;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::secrets::Account;
use crate::deployment::Deployment;
use crate::person::Socket;
use crate::servers::DEADLINE;

/// What is said, as if it were sealed.
pub(super) const WORD: &[u8] = b"stands for a sealed record of some length: 0123456789abcdef";
/// Somebody who has no account.
pub(super) const NOBODY: UserId = UserId::from_bytes([0x99; 16]);
/// Everybody's first page.
const PAGE: Instance = Instance::from_bytes([7; 16]);
const OTHER_PAGE: Instance = Instance::from_bytes([8; 16]);

pub(super) struct Client {
    pub(super) id: UserId,
    socket: Socket,
}

impl Client {
    /// Opens a socket at this edge.
    pub(super) async fn arrives(deployment: &Deployment, edge: usize, who: &Account) -> Self {
        Self::arrives_on(PAGE, deployment, edge, who).await
    }

    /// The same person on another page.
    pub(super) async fn arrives_on_another_page(
        deployment: &Deployment,
        edge: usize,
        who: &Account,
    ) -> Self {
        Self::arrives_on(OTHER_PAGE, deployment, edge, who).await
    }

    async fn arrives_on(
        instance: Instance,
        deployment: &Deployment,
        edge: usize,
        who: &Account,
    ) -> Self {
        let mut request =
            format!("ws://{}/ws/", deployment.address(edge)).into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
        headers.insert("origin", deployment.url(edge).parse().unwrap());
        let (mut socket, _) = connect_async(request).await.unwrap();
        let auth = AuthFields { token: Secret::new(who.token.clone()), instance, attach: 1 };
        let frame = codec::encode(&(control::AUTH, auth)).unwrap();
        socket.send(Message::binary(frame)).await.unwrap();
        let mut client = Self { id: who.id, socket };
        assert_eq!(client.next().await[1], control::AUTH);
        client
    }

    pub(super) async fn says(&mut self, label: Label, to: UserId, n: u8, body: &[u8]) {
        self.says_part(label, to, n, Part::default(), body).await;
    }

    /// A whole file of one chunk.
    pub(super) async fn says_chunk(&mut self, to: UserId, n: u8, body: &[u8]) {
        self.says_part(Label::FileChunk, to, n, Part { index: 0, count: 1 }, body).await;
    }

    async fn says_part(&mut self, label: Label, peer: UserId, n: u8, part: Part, body: &[u8]) {
        let id = FrameId::new(Bytes::copy_from_slice(&[n; 16])).unwrap();
        let body = Bytes::copy_from_slice(body);
        let frame = PeerFrame { label, attempt: 0, peer, id, part, body };
        // A peer frame has the same bytes in both directions.
        let bytes = binary::encode(&ServerFrame::Peer(frame));
        self.socket.send(Message::binary(bytes)).await.unwrap();
    }

    /// Says that it is there, and hears that somebody is.
    pub(super) async fn pings(&mut self) {
        self.socket.send(Message::binary(vec![0x92, control::PING, 0x80])).await.unwrap();
        assert_eq!(self.next().await[1], control::PONG);
    }

    pub(super) async fn hears(&mut self, label: Label, n: u8) -> Vec<u8> {
        let frame = self.next().await;
        assert_eq!(frame[1], label.code(), "{frame:?}");
        assert!(frame.windows(16).any(|part| part == [n; 16]));
        frame
    }

    pub(super) async fn hears_of_length(&mut self, label: Label, n: u8, bytes: usize) {
        let frame = self.hears(label, n).await;
        let body = frame.len() - bytes;
        assert_eq!(frame[body - 1], u8::try_from(bytes).unwrap(), "a body of this length");
    }

    pub(super) async fn is_told_that_nobody_is_there(&mut self) {
        assert_eq!(self.next().await[1], control::PEER_OFFLINE);
    }

    pub(super) async fn is_told_that_somebody_went(&mut self) {
        assert_eq!(self.next().await[1], control::PEER_DISCONNECTED);
    }

    pub(super) async fn leaves(&mut self) {
        self.socket.close(None).await.unwrap();
        let rest = async { while let Some(Ok(_)) = self.socket.next().await {} };
        tokio::time::timeout(DEADLINE, rest).await.expect("the socket ends");
    }

    /// Returns when the socket ends.
    pub(super) async fn closes(&mut self) {
        let rest = async { while let Some(Ok(_)) = self.socket.next().await {} };
        tokio::time::timeout(DEADLINE, rest).await.expect("the socket ends");
    }

    async fn next(&mut self) -> Vec<u8> {
        let next = async {
            loop {
                let message = self.socket.next().await.expect("an open socket").unwrap();
                if let Message::Binary(bytes) = message {
                    return bytes.to_vec();
                }
            }
        };
        tokio::time::timeout(DEADLINE, next).await.expect("a frame in time")
    }
}
