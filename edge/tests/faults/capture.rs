//! CAP rules with real processes: `dhchat capture` records two edges around a real broker, and
//! `dhchat replay` holds what it recorded against the machine.
//!
//! With `DHCHAT_KEEP_CAPTURES` the files are kept in that folder: so those of
//! `actors/core/tests/captures` were made.

mod client;
mod secrets;

use std::io::{BufRead, BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use bus_schemas::capture::file::{Reader, Writer};
use bus_schemas::capture::{Bodies, Payload, Record, What};
use bus_schemas::frame::Label;
use tempfile::TempDir;

use crate::deployment::{Deployment, Plan, variables};
use crate::person::Person;
use crate::servers::{DEADLINE, Nats, free_port};
use crate::told_within;
use client::Client;

/// Longer than any of these tests.
const SECONDS: &str = "600";
const CHUNK_BYTES: usize = 64 * 1024;

/// Two edges that may be recorded.
async fn recordable() -> Deployment {
    let edge =
        variables(&[("DHCHAT_CAPTURE", "allowed"), ("DHCHAT_LIMIT_REGISTER_PER_SECOND", "1000")]);
    Deployment::planned(Plan { edge, ..Plan::default() }).await
}

fn dhchat() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dhchat"));
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.envs(std::env::vars_os().filter(|(name, _)| name == "LLVM_PROFILE_FILE"));
    command
}

/// `dhchat capture`, while it records.
struct Recording {
    process: Option<Child>,
    name: &'static str,
    folder: Arc<TempDir>,
}

impl Recording {
    /// Returns when both edges record.
    async fn begin(nats: &Nats, name: &'static str, more: &[&str]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let mut command = dhchat();
        command.arg("capture").arg(folder.path().join(name)).args(["--seconds", SECONDS]);
        command.args(more).env("DHCHAT_BUS_URL", nats.url("capture"));
        let mut process = command.spawn().unwrap();
        let errors = process.stderr.take().unwrap();
        let told = tokio::task::spawn_blocking(move || {
            let (mut errors, mut line) = (BufReader::new(errors), String::new());
            errors.read_line(&mut line).unwrap();
            (line, errors.into_inner())
        });
        let told = tokio::time::timeout(DEADLINE, told).await.expect("it begins in time");
        let (line, errors) = told.unwrap();
        process.stderr = Some(errors);
        assert!(line.starts_with("recording 2 edges"), "{line}");
        Self { process: Some(process), name, folder }
    }

    /// Ends it as a person does.
    fn end(mut self) -> Capture {
        let process = self.process.take().unwrap();
        let pid = process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let path = self.folder.path().join(self.name);
        if let Some(folder) = std::env::var_os("DHCHAT_KEEP_CAPTURES") {
            std::fs::copy(&path, Path::new(&folder).join(self.name)).unwrap();
        }
        Capture { path, told: said(&output), _folder: Arc::clone(&self.folder) }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // A test that failed leaves nobody behind.
            drop(process.kill());
            drop(process.wait());
        }
    }
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(both).unwrap()
}

/// A file that was recorded.
struct Capture {
    path: PathBuf,
    /// What was told at its end.
    told: String,
    /// Removed with the capture.
    _folder: Arc<TempDir>,
}

impl Capture {
    fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }

    fn records(&self) -> Vec<(usize, Record)> {
        Reader::open(Cursor::new(self.bytes())).unwrap().read_all().unwrap()
    }

    fn replay(&self, more: &[&str]) -> Output {
        dhchat().arg("replay").arg(&self.path).args(more).output().unwrap()
    }

    fn is_the_same(&self) {
        let output = self.replay(&[]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(said(&output).contains(": the same"), "{}", said(&output));
        assert!(!said(&output).contains("missing"), "{}", said(&output));
        assert!(!said(&output).contains("has no end"), "{}", said(&output));
    }

    /// Writes it again with one record changed.
    fn change(&self, place: usize, change: impl FnOnce(&mut Record)) {
        let mut records = self.records();
        change(&mut records[place - 1].1);
        let mut writer = Writer::begin(Vec::new()).unwrap();
        for (_, record) in &records {
            writer.write(record).unwrap();
        }
        std::fs::write(&self.path, writer.finish().unwrap()).unwrap();
    }

    /// The first record that is so.
    fn find(&self, is_so: impl Fn(&What) -> bool) -> usize {
        let records = self.records();
        let found = records.iter().find(|(_, record)| is_so(&record.what));
        found.expect("such a record").0
    }
}

/// Alice and Bob, each on an edge of their own, from the handshake to the end.
async fn they_talk(alice: &mut Client, bob: &mut Client) {
    let (to_bob, to_alice) = (bob.id, alice.id);
    for (n, label) in [Label::EphemeralKey, Label::EphemeralKey, Label::SessionEstablished]
        .into_iter()
        .enumerate()
    {
        let n = u8::try_from(n).unwrap();
        alice.says(label, to_bob, n, &[n; 1_200]).await;
        bob.hears(label, n).await;
        bob.says(label, to_alice, n, &[n; 1_200]).await;
        alice.hears(label, n).await;
    }
    for n in 10..14 {
        alice.says(Label::Typing, to_bob, n, b"typing").await;
        bob.hears(Label::Typing, n).await;
        alice.says(Label::Message, to_bob, n, client::WORD).await;
        bob.hears(Label::Message, n).await;
        bob.says(Label::Ack, to_alice, n, b"ack").await;
        alice.hears(Label::Ack, n).await;
    }
    alice.says_chunk(to_bob, 20, &vec![0xcc; CHUNK_BYTES]).await;
    bob.hears(Label::FileChunk, 20).await;
    // The same frame again is dropped and counted.
    alice.says(Label::Message, to_bob, 13, client::WORD).await;
    alice.pings().await;
    // Whoever is not there is told; and so is whoever goes.
    alice.says(Label::Message, client::NOBODY, 30, client::WORD).await;
    alice.is_told_that_nobody_is_there().await;
    bob.leaves().await;
    alice.is_told_that_somebody_went().await;
}

#[tokio::test]
async fn cap1_cap3_cap6_what_two_edges_did_replays_and_holds_neither_secret_nor_ciphertext() {
    let deployment = recordable().await;
    let recording = Recording::begin(&deployment.nats, "conversation.cap", &[]).await;
    let mut secrets = secrets::Secrets::default();
    let alice = secrets::lives_through_everything(&mut secrets, &deployment, 0, "alice").await;
    let bob = secrets::lives_through_everything(&mut secrets, &deployment, 1, "bob").await;
    let mut alice = Client::arrives(&deployment, 0, &alice).await;
    let mut bob = Client::arrives(&deployment, 1, &bob).await;
    they_talk(&mut alice, &mut bob).await;
    alice.leaves().await;
    let capture = recording.end();
    deployment.stop();

    capture.is_the_same();
    assert!(capture.told.contains("0 are missing, and 0 edges went away"), "{}", capture.told);
    let bytes = capture.bytes();
    secrets.are_not_in(&bytes);
    for sent in [client::WORD, &[1; 1_200], &[0xcc; 1_000]] {
        assert!(!bytes.windows(sent.len()).any(|part| part == sent), "ciphertext is in it");
    }
    let edges: std::collections::BTreeSet<_> =
        capture.records().iter().map(|(_, record)| record.edge).collect();
    assert_eq!(edges.len(), 2);
    transcript_is_readable(&capture, &alice, &bob);
    a_change_is_reported_at_its_record(&capture);
}

fn transcript_is_readable(capture: &Capture, alice: &Client, bob: &Client) {
    let transcript = said(&capture.replay(&["--show"]));
    let (alice, bob) = (&alice.id.token()[..6], &bob.id.token()[..6]);
    for line in [
        "──► auth, page ",
        &format!("◄── auth as {alice} for "),
        &format!("──► ephemeral_key #000000 to {bob}, 1200 bytes"),
        &format!("◄── ephemeral_key #000000 from {alice}, 1200 bytes"),
        &format!("◄── message #0a0a0a from {alice}, {} bytes", client::WORD.len()),
        &format!("──► file_chunk #141414 0 of 1 to {bob}, {CHUNK_BYTES} bytes"),
        "count repeat of message",
        "◄── peer_offline ",
        &format!("◄── peer_disconnected {bob}"),
        &format!("says  chat.peer.{bob}: message #0a0a0a from {alice}"),
        "asks  ",
        "auth.login: ",
        " bytes, withheld",
        "directory.find: ",
        "──► (leaves)",
    ] {
        assert!(transcript.contains(line), "{line} in:\n{transcript}");
    }
}

fn a_change_is_reported_at_its_record(capture: &Capture) {
    let has_effects = |count: usize| move |what: &What| matches!(what, What::Stepped { effects, .. } if effects.len() >= count);
    let place = capture.find(has_effects(4));
    capture.change(place, |record| {
        let What::Stepped { effects, .. } = &mut record.what else { unreachable!() };
        effects.swap(0, 3);
    });
    let output = capture.replay(&[]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let reported = said(&output);
    assert!(reported.contains(&format!("record {place}, Session ")), "{reported}");
    assert!(reported.contains("effect 1 was  ") && reported.contains("effect 1 is   "));

    // What is no capture, or ends too soon, is neither the same nor different.
    let bytes = capture.bytes();
    for broken in [&bytes[..bytes.len() - 1], b"no capture", b""] {
        std::fs::write(&capture.path, broken).unwrap();
        assert_eq!(capture.replay(&[]).status.code(), Some(2));
    }
}

#[tokio::test]
async fn cap3_cap6_cap9_ciphertext_is_kept_if_asked_for_and_of_the_users_named_alone() {
    let deployment = recordable().await;
    let (mut secrets, url) = (secrets::Secrets::default(), deployment.url(0));
    let alice = secrets.registers(&url, "alice").await;
    let bob = secrets.registers(&url, "bob").await;
    let carol = secrets.registers(&url, "carol").await;
    let named = ["--with-ciphertext", "--user", &alice.id.to_string()];
    let recording = Recording::begin(&deployment.nats, "one-user.cap", &named).await;
    let mut from_alice = Client::arrives(&deployment, 0, &alice).await;
    let mut from_bob = Client::arrives(&deployment, 1, &bob).await;
    let mut from_carol = Client::arrives(&deployment, 0, &carol).await;
    from_alice.says(Label::Message, bob.id, 1, client::WORD).await;
    from_bob.hears(Label::Message, 1).await;
    let between_others = b"what Carol says to Bob is no part of this";
    from_carol.says(Label::Message, bob.id, 2, between_others).await;
    from_bob.hears(Label::Message, 2).await;
    let capture = recording.end();
    deployment.stop();

    capture.is_the_same();
    let bytes = capture.bytes();
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(has(client::WORD), "kept as it was");
    assert!(!has(between_others), "nobody asked for this");
    let records = capture.records();
    let opened = records.iter().filter(|(_, record)| matches!(record.what, What::Opened { .. }));
    assert_eq!(opened.count(), 1, "Alice's Session alone");
    assert!(records.iter().all(|(_, record)| record.bodies == Bodies::Kept));
}

#[tokio::test]
async fn cap6_one_who_opens_the_chat_elsewhere_replays() {
    let deployment = recordable().await;
    let mut secrets = secrets::Secrets::default();
    let alice = secrets.registers(&deployment.url(0), "alice").await;
    let bob = secrets.registers(&deployment.url(1), "bob").await;
    let recording = Recording::begin(&deployment.nats, "eviction.cap", &[]).await;
    let mut here = Client::arrives(&deployment, 0, &alice).await;
    let mut with = Client::arrives(&deployment, 1, &bob).await;
    here.says(Label::Message, bob.id, 1, client::WORD).await;
    with.hears(Label::Message, 1).await;
    let elsewhere = Client::arrives_on_another_page(&deployment, 1, &alice).await;
    // Both may be young; one of them yields.
    let (mut here, mut elsewhere) = (here, elsewhere);
    tokio::select! {
        () = here.closes() => {}
        () = elsewhere.closes() => {}
    }
    let capture = recording.end();
    deployment.stop();
    capture.is_the_same();
    assert!(said(&capture.replay(&["--show"])).contains("◄── superseded"));
}

#[tokio::test]
async fn cap6_a_bus_that_goes_and_comes_back_replays() {
    let mut deployment = recordable().await;
    let mut alice = Person::arrives(&deployment, 0, "alice").await;
    let bob = Person::arrives(&deployment, 1, "bob").await;
    let recording = Recording::begin(&deployment.nats, "bus-cut.cap", &[]).await;
    // Made while it records, so that they are in it.
    alice = alice.comes_back().await;
    let mut bob = bob.comes_back().await;
    alice.says(&bob, "before").await;
    bob.hears(&alice, "before").await;
    deployment.nats.stop();
    let told = alice.told_that_the_bus_is_away(&bob);
    tokio::time::timeout(told_within(), told).await.expect("told in time");
    assert_eq!(alice.closed().await, 1013);
    deployment.nats.start().await;
    let (mut alice, mut bob) = (alice.comes_back().await, bob.comes_back().await);
    alice.says(&bob, "after").await;
    bob.hears(&alice, "after").await;
    let capture = recording.end();
    deployment.stop();

    capture.is_the_same();
    let transcript = said(&capture.replay(&["--show"]));
    for line in ["the bus is lost", "◄── error BUS_AWAY", "close: BusAway", "is away", "is up"]
    {
        assert!(transcript.contains(line), "{line} in:\n{transcript}");
    }
}

#[tokio::test]
async fn cap14_a_capture_is_said_and_asked_again_on_a_live_bus() {
    let deployment = recordable().await;
    let mut secrets = secrets::Secrets::default();
    let alice = secrets.registers(&deployment.url(0), "alice").await;
    let bob = secrets.registers(&deployment.url(1), "bob").await;
    let recording = Recording::begin(&deployment.nats, "live.cap", &[]).await;
    secrets::looks_around(&deployment.url(0), &alice).await;
    let mut from_alice = Client::arrives(&deployment, 0, &alice).await;
    let mut from_bob = Client::arrives(&deployment, 1, &bob).await;
    from_alice.says(Label::Message, bob.id, 1, client::WORD).await;
    from_bob.hears(Label::Message, 1).await;
    let capture = recording.end();

    // The edge hears it from the file as it heard it from Alice, but for the ciphertext.
    let live = ["--bus", &deployment.nats.url("edge"), "--speed", "100"];
    let output = capture.replay(&live);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("questions answered as before"), "{}", said(&output));
    from_bob.hears_of_length(Label::Message, 1, client::WORD.len()).await;

    let is_me = |what: &What| matches!(what, What::Asked { said, .. } if said.subject.as_str() == "directory.me");
    let asked = capture.find(is_me);
    let What::Asked { bus, n, .. } = capture.records()[asked - 1].1.what.clone() else {
        unreachable!()
    };
    let answered = capture.find(
        |what| matches!(what, What::Answered { bus: of, n: number, .. } if (*of, *number) == (bus, n)),
    );
    capture.change(answered, |record| {
        let What::Answered { answer, .. } = &mut record.what else { unreachable!() };
        *answer = Ok(Payload::Kept(bytes::Bytes::from_static(b"something else")));
    });
    let output = capture.replay(&live);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let told = format!("record {asked}: directory.me was answered with other bytes");
    assert!(said(&output).contains(&told), "{}", said(&output));
    deployment.stop();
}

#[tokio::test]
async fn cap7_cap8_nobody_is_recorded_who_did_not_allow_it() {
    let deployment = Deployment::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.cap");
    let capture = |url: String| {
        dhchat().arg("capture").arg(&file).env("DHCHAT_BUS_URL", url).output().unwrap()
    };
    let output = capture(deployment.nats.url("capture"));
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("no edge answers"), "{}", said(&output));
    assert!(!file.exists(), "an empty file is left behind");
    // The broker lets nobody else ask.
    let output = capture(deployment.nats.url("edge"));
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));

    let port = free_port().to_string();
    let mut edge = dhchat();
    edge.arg("edge").env("DHCHAT_BUS_URL", deployment.nats.url("edge"));
    edge.env("DHCHAT_CAPTURE", "allowed").env("CHAT_HTTP_PORT", &port);
    edge.env("DHCHAT_PUBLIC_URL", "https://chat.example.org");
    let output = edge.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("DHCHAT_CAPTURE: refused where a public URL is https"));
    deployment.stop();
}
