//! A client of the broker that writes its protocol by hand: whatever no client of ours would say.

use std::collections::VecDeque;
use std::fmt::Write;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than anything honest takes.
const WAIT: Duration = Duration::from_secs(20);

/// What was said on a subject that is listened to.
pub(crate) struct Heard {
    pub(crate) subject: String,
    pub(crate) reply: Option<String>,
}

/// A connection to the broker.
pub(crate) struct Nats {
    tcp: BufReader<TcpStream>,
    /// What is to be written.
    said: Vec<u8>,
    heard: VecDeque<Heard>,
    subscriptions: usize,
}

impl Nats {
    /// Connects to `nats://USER:PASSWORD@ADDRESS`.
    pub(crate) async fn open(url: &str) -> Self {
        let (who, address) = url.strip_prefix("nats://").unwrap().split_once('@').unwrap();
        let (user, password) = who.split_once(':').unwrap();
        let tcp = BufReader::new(TcpStream::connect(address).await.unwrap());
        let mut nats = Self { tcp, said: Vec::new(), heard: VecDeque::new(), subscriptions: 0 };
        let options = serde_json::json!({
            "verbose": false, "pedantic": false, "headers": true, "no_responders": true,
            "lang": "hostile", "version": "0", "user": user, "pass": password,
        });
        nats.said.extend(format!("CONNECT {options}\r\n").into_bytes());
        nats.flush().await;
        nats
    }

    /// Listens, as a member of a group or alone.
    pub(crate) fn listen(&mut self, subject: &str, group: Option<&str>) {
        self.subscriptions += 1;
        let (group, number) = (group.unwrap_or_default(), self.subscriptions);
        self.said.extend(format!("SUB {subject} {group} {number}\r\n").into_bytes());
    }

    /// Says something, with the next [`Nats::flush`].
    pub(crate) fn say(&mut self, subject: &str, reply: Option<&str>, payload: &[u8]) {
        let reply = reply.unwrap_or_default();
        self.said.extend(format!("PUB {subject} {reply} {}\r\n", payload.len()).into_bytes());
        self.said.extend(payload);
        self.said.extend(b"\r\n");
    }

    /// The same with headers that need not be any.
    pub(crate) fn say_with_headers(&mut self, subject: &str, headers: &[u8], payload: &[u8]) {
        let mut line = String::new();
        let whole = headers.len() + payload.len();
        write!(line, "HPUB {subject} {} {whole}\r\n", headers.len()).unwrap();
        self.said.extend(line.into_bytes());
        self.said.extend(headers);
        self.said.extend(payload);
        self.said.extend(b"\r\n");
    }

    /// Returns when the broker has taken everything. What is heard meanwhile is kept.
    pub(crate) async fn flush(&mut self) {
        self.said.extend(b"PING\r\n");
        let said = std::mem::take(&mut self.said);
        timeout(WAIT, self.tcp.get_mut().write_all(&said)).await.expect("it reads").unwrap();
        while !timeout(WAIT, self.read()).await.expect("a pong") {}
    }

    /// The next thing that is heard.
    pub(crate) async fn next(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return heard;
            }
            self.read().await;
        }
    }

    /// Reads one line and what belongs to it; whether it was a pong.
    async fn read(&mut self) -> bool {
        let mut line = String::new();
        let read = self.tcp.read_line(&mut line).await.unwrap();
        assert!(read > 0, "the broker has hung up");
        let mut words = line.split_whitespace();
        match words.next().unwrap_or_default() {
            "PONG" => return true,
            "PING" => self.tcp.get_mut().write_all(b"PONG\r\n").await.unwrap(),
            kind @ ("MSG" | "HMSG") => {
                let words: Vec<&str> = words.collect();
                let lengths = if kind == "HMSG" { 2 } else { 1 };
                let bytes: usize = words.last().unwrap().parse().unwrap();
                let reply = (words.len() > 2 + lengths).then(|| words[2].to_owned());
                let heard = Heard { subject: words[0].to_owned(), reply };
                let mut payload = vec![0; bytes + 2];
                self.tcp.read_exact(&mut payload).await.unwrap();
                self.heard.push_back(heard);
            }
            "-ERR" => panic!("the broker complains: {line}"),
            _ => {}
        }
        false
    }
}
