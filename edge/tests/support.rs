//! A running house, people who live in it, and sockets to it.

pub(crate) mod asking;
pub(crate) mod binary;
pub(crate) mod broker;
#[path = "../../actors/tests/bus_support/certificates.rs"]
pub(crate) mod certificates;
pub(crate) mod chance;
pub(crate) mod child;
pub(crate) mod mint;
pub(crate) mod nats;
pub(crate) mod place;
pub(crate) mod processes;
pub(crate) mod raw;
pub(crate) mod series;
pub(crate) mod socket;
pub(crate) mod stories;

use std::collections::HashMap;
use std::net::SocketAddr;

use edge::compose::Running;
use edge::config::{Command, Config};
use reqwest::header::{HeaderMap, SET_COOKIE};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use asking::Request;
use place::{Database, Kind, Place};

pub(crate) const PASSWORD: &str = "correct horse 1 battery";
/// 44 bytes of an SPKI Ed25519 key, more or less.
pub(crate) const PUBLIC_KEY: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

/// `dhchat serve` or `dhchat edge`, in this process.
pub(crate) struct House {
    pub(crate) running: Running,
    pub(crate) doors: SocketAddr,
    http: Client,
    /// Removed with the house.
    folder: TempDir,
    database: Option<Database>,
}

impl House {
    /// Everything generous, on SQLite.
    pub(crate) async fn open() -> Self {
        Place(Kind::Sqlite).house().await
    }

    /// Everything generous but for these variables, on SQLite.
    pub(crate) async fn open_with(given: &[(&str, &str)]) -> Self {
        Place(Kind::Sqlite).house_with(given).await
    }

    /// With a configuration of its own; the folder is removed with the house.
    pub(crate) async fn start(config: Config, folder: TempDir) -> Self {
        Self::start_on(config, folder, None).await
    }

    async fn start_on(config: Config, folder: TempDir, database: Option<Database>) -> Self {
        let running = Running::start(config).await.unwrap();
        let doors = running.doors.unwrap();
        let house = Self { running, doors, http: Client::new(), folder, database };
        house.until_ready().await;
        house
    }

    /// Where its store is.
    pub(crate) fn database_url(&self) -> &str {
        &self.database.as_ref().unwrap().url
    }

    /// The secret that its keys come from.
    pub(crate) fn root_key(&self) -> [u8; 32] {
        let path = self.folder.path().join("data/root.key");
        std::fs::read(path).unwrap().try_into().unwrap()
    }

    pub(crate) async fn until_ready(&self) {
        until("the house is ready", async || {
            self.get("/health/ready").send().await.unwrap().status() == StatusCode::OK
        })
        .await;
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.doors)
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    pub(crate) fn post(&self, path: &str) -> Request {
        self.request("POST", path)
    }

    pub(crate) fn delete(&self, path: &str) -> Request {
        self.request("DELETE", path)
    }

    pub(crate) fn request(&self, verb: &str, path: &str) -> Request {
        Request::new(&self.http, verb, &self.url(), path)
    }

    /// The figures of this process.
    pub(crate) async fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.running.pages);
        self.http.get(url).send().await.unwrap().text().await.unwrap()
    }

    /// Registers somebody with a key.
    pub(crate) async fn person(&self, username: &str) -> Person {
        let person = self.stranger(username).await;
        let me = self.get("/api/chat/me").bearer(&person.token);
        let id = text(&given(me, 200).await, "id");
        Person { id, ..person }
    }

    /// Registers somebody with a key, whose id nobody asks for.
    pub(crate) async fn stranger(&self, username: &str) -> Person {
        let body = json!({
            "username": username, "password": PASSWORD, "identity_pub_key": PUBLIC_KEY,
        });
        let answer = self.post("/api/auth/register").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        let cookie = cookie(answer.headers());
        Person { id: String::new(), token: text(&answer.json().await.unwrap(), "token"), cookie }
    }
}

/// Cheap hashes, high limits, free ports; and these variables.
pub(crate) fn generous(command: Command, given: &[(&str, &str)]) -> Config {
    const GENEROUS: &[(&str, &str)] = &[
        ("DHCHAT_LISTEN", "127.0.0.1:0"),
        ("CHAT_HTTP_PORT", "0"),
        ("AUTH_HTTP_PORT", "0"),
        ("DHCHAT_ARBITERS", "2"),
        ("DHCHAT_BCRYPT_COST", "4"),
        ("DHCHAT_LIMIT_LOGIN_PER_SECOND", "10000"),
        ("DHCHAT_LIMIT_REGISTER_PER_SECOND", "10000"),
        ("DHCHAT_LIMIT_GENERAL_PER_SECOND", "10000"),
        ("DHCHAT_LIMIT_PAIR_PER_MINUTE", "600000"),
        ("DHCHAT_GUESSES_FREE", "10000"),
        ("DHCHAT_DRAIN_SECONDS", "1"),
    ];
    let pairs = GENEROUS.iter().chain(given);
    let variables: HashMap<String, String> =
        pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load(command, &variables).unwrap()
}

/// Somebody who is signed in.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) token: String,
    /// `refresh_token=…`
    pub(crate) cookie: String,
}

/// The pair that goes back to the server.
pub(crate) fn cookie(headers: &HeaderMap) -> String {
    let set = headers[SET_COOKIE].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

pub(crate) fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("{field} in {value}")).to_owned()
}

/// Asserts status and code, and that the error is a whole envelope.
pub(crate) async fn refused(request: Request, status: u16, code: &str) {
    let answer = request.send().await.unwrap();
    let got = answer.status().as_u16();
    let trace = answer.headers()["x-trace-id"].to_str().unwrap().to_owned();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let body: Value = answer.json().await.unwrap();
    assert_eq!((got, body["code"].as_str()), (status, Some(code)), "{body}");
    assert_eq!(body["trace_id"], trace.as_str());
    assert!(!text(&body, "message").is_empty());
    assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
}

/// A JSON answer of this status.
pub(crate) async fn given(request: Request, status: u16) -> Value {
    let answer = request.send().await.unwrap();
    let got = answer.status().as_u16();
    let body = answer.text().await.unwrap();
    assert_eq!(got, status, "{body}");
    serde_json::from_str(&body).unwrap()
}

/// Waits for a condition, at most 10 s.
pub(crate) async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while !condition().await {
        assert!(std::time::Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}
