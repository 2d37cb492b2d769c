//! The process itself: exit codes, what it complains about, how it stops.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::broker::Broker;
use crate::support::child::{self, free_port};
use crate::support::until;

fn dhchat(arguments: &[&str]) -> Command {
    let mut command = child::dhchat(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(both).unwrap()
}

fn serve(folder: &Path, port: u16) -> Child {
    let listen = format!("127.0.0.1:{port}");
    let data = folder.display().to_string();
    let arguments = ["--listen", &listen, "--data-dir", &data, "--chat-http-port", "0"];
    dhchat(&arguments).env("DHCHAT_ARBITERS", "2").spawn().unwrap()
}

async fn until_it_answers(port: u16) {
    let url = format!("http://127.0.0.1:{port}/health/ready");
    until("the process answers", async || {
        reqwest::get(&url).await.is_ok_and(|answer| answer.status() == 200)
    })
    .await;
}

fn terminate(child: &Child) {
    let kill = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
}

#[test]
fn a_configuration_that_cannot_be_used_names_every_fault_and_exits_with_2() {
    let output = dhchat(&["actors", "--listen", "here"]).env("DHCHAT_LOG", "=").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    for name in
        ["DHCHAT_LISTEN", "DHCHAT_LOG", "DHCHAT_BUS_URL", "DHCHAT_DATABASE_URL", "DHCHAT_ROOT_KEY"]
    {
        assert!(said(&output).contains(name), "{name} in {}", said(&output));
    }
}

#[test]
fn help_names_the_commands_and_every_variable() {
    let output = dhchat(&["help"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let said = said(&output);
    for name in ["serve", "edge", "actors", "migrate", "doctor", "capture", "replay"] {
        assert!(said.contains(name), "{name} in {said}");
    }
    for variable in edge::config::variables::ALL {
        assert!(said.contains(variable.name), "{} in {said}", variable.name);
    }
    assert_eq!(dhchat(&["sing"]).output().unwrap().status.code(), Some(2));
}

#[tokio::test]
async fn serve_needs_nothing_keeps_its_key_to_itself_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let port = free_port();
    let child = serve(&data, port);
    until_it_answers(port).await;
    let key = std::fs::metadata(data.join("root.key")).unwrap();
    assert_eq!((key.len(), key.permissions().mode() & 0o777), (32, 0o600));
    assert_eq!(std::fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);

    // A second one on the same port says so instead of sharing it.
    let second = serve(&folder.path().join("other"), port).wait_with_output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(said(&second).contains("cannot be listened on"), "{}", said(&second));

    terminate(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("stopped"));
}

#[tokio::test]
async fn migrate_makes_the_tables_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("dhchat.db").display());
    let migrate = || dhchat(&["migrate", "--database-url", &url]).output().unwrap();
    assert_eq!(migrate().status.code(), Some(0));
    assert_eq!(migrate().status.code(), Some(0), "a second time changes nothing");
    assert_eq!(dhchat(&["migrate"]).output().unwrap().status.code(), Some(2));
}

#[tokio::test]
async fn revoke4_an_edge_opens_its_doors_with_the_first_lease_and_can_be_stopped_before() {
    let broker = Broker::start().await;
    let (port, pages) = (free_port(), free_port());
    let edge = dhchat(&["edge", "--listen", &format!("127.0.0.1:{port}")])
        .env("CHAT_HTTP_PORT", pages.to_string())
        .env("DHCHAT_BUS_URL", broker.url("edge"))
        .spawn()
        .unwrap();
    let live = format!("http://127.0.0.1:{pages}/health/live");
    until("the pages answer", async || reqwest::get(&live).await.is_ok()).await;
    let ready = reqwest::get(format!("http://127.0.0.1:{pages}/health/ready")).await.unwrap();
    assert_eq!(ready.status(), 503);
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "nobody can be judged");
    terminate(&edge);
    let output = edge.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("before the start was over"), "{}", said(&output));
}

/// `dhchat edge` on a bus that need not be there yet, with its pages here.
fn edge(bus: &str, port: u16, pages: u16) -> Command {
    let mut edge = dhchat(&["edge", "--listen", &format!("127.0.0.1:{port}")]);
    edge.env("CHAT_HTTP_PORT", pages.to_string()).env("DHCHAT_BUS_URL", bus);
    edge
}

/// What the pages say that a process waits for; nothing while they do not answer.
async fn away(pages: u16) -> Option<Value> {
    let page = reqwest::get(format!("http://127.0.0.1:{pages}/health/ready")).await.ok()?;
    let (status, page) = (page.status(), page.json::<Value>().await.unwrap());
    assert_eq!(status == 200, page["status"] == "ok", "{page}");
    Some(page["away"].clone())
}

async fn until_it_waits_for(pages: u16, parts: &[&str]) {
    until("it waits", async || away(pages).await.is_some_and(|away| away == json!(parts))).await;
}

/// An edge and actors that were started before their broker.
struct Early {
    folder: TempDir,
    bus: u16,
    port: u16,
    edges_page: u16,
    actors_page: u16,
    children: [Child; 2],
}

impl Early {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("root.key");
        std::fs::write(&key, [7; 32]).unwrap();
        let database = format!("sqlite:{}", folder.path().join("dhchat.db").display());
        actors::store::migrate(&database).await.unwrap();
        let [bus, port, edges_page, actors_page] = [(); 4].map(|()| free_port());
        let edge = edge(&Broker::url_at("edge", bus), port, edges_page).spawn().unwrap();
        let actors = dhchat(&["actors"])
            .env("AUTH_HTTP_PORT", actors_page.to_string())
            .env("DHCHAT_BUS_URL", Broker::url_at("actors", bus))
            .env("DHCHAT_DATABASE_URL", &database)
            .env("DHCHAT_ROOT_KEY_FILE", &key)
            .spawn()
            .unwrap();
        until_it_waits_for(edges_page, &["bus", "tokens"]).await;
        until_it_waits_for(actors_page, &["bus", "store"]).await;
        Self { folder, bus, port, edges_page, actors_page, children: [edge, actors] }
    }

    async fn until_they_are_ready(&self) {
        until_it_waits_for(self.actors_page, &[]).await;
        until_it_waits_for(self.edges_page, &[]).await;
    }

    /// Tells both to stop; what they said.
    fn end(self) -> [String; 2] {
        let ended = self.children.map(|child| {
            terminate(&child);
            let output = child.wait_with_output().unwrap();
            let said = said(&output);
            assert_eq!(output.status.code(), Some(0), "{said}");
            said
        });
        drop(self.folder);
        ended
    }
}

#[tokio::test]
async fn fault8_an_edge_and_actors_that_come_before_their_broker_wait_for_it() {
    let early = Early::start().await;
    let door = ("127.0.0.1", early.port);
    assert!(std::net::TcpStream::connect(door).is_err(), "nobody can be judged");
    let broker = Broker::start_at(early.bus).await;
    early.until_they_are_ready().await;
    until_it_answers(early.port).await;

    drop(broker);
    for said in early.end() {
        assert!(said.contains("the bus is not there; it is tried again until it is"), "{said}");
    }
}

/// The series of counters and gauges on a page.
async fn counted(pages: u16) -> BTreeSet<String> {
    let page = reqwest::get(format!("http://127.0.0.1:{pages}/metrics")).await.unwrap();
    let page = page.text().await.unwrap();
    let timings: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" histogram"))
        .collect();
    let series = page.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let counted = series.filter(|line| !timings.iter().any(|timing| line.starts_with(timing)));
    counted.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

#[tokio::test]
async fn fig3_what_is_counted_is_on_the_page_of_a_process_that_waits_for_its_broker() {
    let early = Early::start().await;
    let pages = [early.edges_page, early.actors_page];
    let waiting = [counted(pages[0]).await, counted(pages[1]).await];
    let broker = Broker::start_at(early.bus).await;
    early.until_they_are_ready().await;
    for (page, waiting) in pages.into_iter().zip(waiting) {
        let ready = counted(page).await;
        let late: Vec<_> = ready.difference(&waiting).collect();
        assert!(late.is_empty(), "these came late: {late:?}");
    }
    drop(broker);
    early.end();
}

#[tokio::test]
async fn fault8_a_process_that_waits_for_its_broker_can_be_stopped() {
    let pages = free_port();
    let edge = edge(&Broker::url_at("edge", free_port()), free_port(), pages).spawn().unwrap();
    until_it_waits_for(pages, &["bus", "tokens"]).await;
    terminate(&edge);
    let output = edge.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("before the start was over"), "{}", said(&output));
}

#[tokio::test]
async fn fault8_what_no_waiting_mends_ends_the_start_with_a_sentence() {
    let broker = Broker::start_tls().await;
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("dhchat.db").display());
    actors::store::migrate(&database).await.unwrap();
    let actors = dhchat(&["actors", "--only", "identity"])
        .env("AUTH_HTTP_PORT", "0")
        .env("DHCHAT_BUS_URL", broker.url("directory"))
        .env("DHCHAT_BUS_CA_FILE", broker.ca_file())
        .env("DHCHAT_DATABASE_URL", &database)
        .output()
        .unwrap();
    assert_eq!(actors.status.code(), Some(1), "{}", said(&actors));
    assert!(said(&actors).contains("has another role"), "{}", said(&actors));
    let url = broker.url("edge");
    let guess = url.replace("edge-password", "guess");
    let ca_file = broker.ca_file();
    for (url, ca_file, sentence) in [
        (&guess, ca_file.as_str(), "the broker refuses this user or password"),
        (&url, "", "DHCHAT_BUS_CA_FILE"),
    ] {
        let mut edge = edge(url, free_port(), 0);
        let output = edge.env("DHCHAT_BUS_CA_FILE", ca_file).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(said(&output).contains(sentence), "{}", said(&output));
        assert!(!said(&output).contains("guess"), "{}", said(&output));
    }
}
