//! Actors that start before their database.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::{Value, json};

use crate::servers::{Nats, Postgres, eventually, free_port};

const WAITS: &str = "the database is not there; it is tried again until it is";

/// Actors of this test, and what they say.
struct Actors {
    process: Child,
    words: BufReader<ChildStderr>,
    said: String,
}

impl Actors {
    fn start(nats: &Nats, database: &str, key: &std::path::Path, pages: u16) -> Self {
        let mut actors = Command::new(env!("CARGO_BIN_EXE_dhchat"));
        actors.arg("actors").env("AUTH_HTTP_PORT", pages.to_string());
        actors.env("DHCHAT_BUS_URL", nats.url("actors")).env("DHCHAT_DATABASE_URL", database);
        actors.env("DHCHAT_ROOT_KEY_FILE", key).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = actors.spawn().unwrap();
        let words = BufReader::new(process.stderr.take().unwrap());
        Self { process, words, said: String::new() }
    }

    /// Returns when they have said it; fails if they end before.
    fn until_they_say(&mut self, sentence: &str) {
        while !self.said.contains(sentence) {
            let read = self.words.read_line(&mut self.said).unwrap();
            assert!(read > 0, "they ended: {}", self.said);
        }
    }

    /// Their exit code, and everything that they said, once they end.
    fn end(mut self) -> (Option<i32>, String) {
        while self.words.read_line(&mut self.said).unwrap() > 0 {}
        (self.process.wait().unwrap().code(), self.said)
    }

    fn stop(self) -> String {
        let kill = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        assert!(kill.unwrap().success());
        let (code, said) = self.end();
        assert_eq!(code, Some(0), "{said}");
        said
    }
}

/// Returns when they wait for these by their own page.
async fn until_they_wait_for(pages: u16, parts: &[&str]) {
    let waits = async || {
        let page = reqwest::get(format!("http://127.0.0.1:{pages}/health/ready")).await.ok()?;
        let away = page.json::<Value>().await.unwrap()["away"].clone();
        (away == json!(parts)).then_some(())
    };
    eventually(&format!("they wait for {parts:?}"), waits).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault9_actors_that_come_before_their_database_wait_for_it() {
    let (postgres, nats) = (Postgres::launch(), Nats::launch().await);
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("root.key");
    std::fs::write(&key, crate::deployment::ROOT).unwrap();
    let actors = |database: &str, pages| Actors::start(&nats, database, &key, pages);
    actors::store::migrate(&postgres.url()).await.unwrap();
    postgres.stop();

    // One may be stopped while it waits, and another one goes on once there is a database.
    let [first, second] = [free_port(), free_port()];
    let mut given_up = actors(&postgres.url(), first);
    let mut patient = actors(&postgres.url(), second);
    given_up.until_they_say(WAITS);
    patient.until_they_say(WAITS);
    until_they_wait_for(first, &["store"]).await;
    assert!(given_up.stop().contains("before the start was over"));
    postgres.start();
    until_they_wait_for(second, &[]).await;
    let said = patient.stop();
    assert_eq!(said.matches(WAITS).count(), 1, "once, not each time: {said}");

    // What no waiting mends ends the start: a database that nobody has made.
    let missing = postgres.url().replace("/postgres", "/nowhere");
    let (code, said) = actors(&missing, 0).end();
    assert_eq!(code, Some(1), "{said}");
    assert!(!said.contains(WAITS), "{said}");
}
