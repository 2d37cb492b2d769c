//! DOC rules: what `dhchat doctor` says of real brokers, databases and processes.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::broker::Broker;
use crate::support::child::{self, Child, free_port};
use crate::support::processes::Processes;
use crate::support::until;

fn doctor(arguments: &[&str]) -> Command {
    let mut command = child::dhchat(&[&["doctor"], arguments].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), output.stderr.as_slice()].concat()).unwrap()
}

/// Exit code and what was said, in the form for programs.
fn told(command: &mut Command) -> (i32, Value) {
    let output = command.arg("--json").output().unwrap();
    let report = serde_json::from_slice(&output.stdout);
    (output.status.code().unwrap(), report.unwrap_or_else(|_| panic!("{}", said(&output))))
}

/// What is said of one part, if it is not good.
fn bad(report: &Value, part: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let bad = findings.filter(|finding| finding["part"] == part && finding["state"] != "good");
    bad.map(|finding| finding["says"].as_str().unwrap().to_owned()).collect()
}

struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.key"), [7; 32]).unwrap();
        Self { folder }
    }

    fn database(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("dhchat.db").display())
    }

    /// `dhchat doctor actors` with everything that the actors need.
    fn actors(&self, broker: &Broker) -> Command {
        let mut command = doctor(&["actors"]);
        command.env("DHCHAT_BUS_URL", broker.url("actors"));
        command.env("DHCHAT_DATABASE_URL", self.database());
        command.env("DHCHAT_ROOT_KEY_FILE", self.folder.path().join("root.key"));
        command
    }
}

fn edge(broker: &Broker, url: &str) -> Command {
    let mut command = doctor(&["edge"]);
    command.env("DHCHAT_BUS_URL", url).env("DHCHAT_BUS_CA_FILE", broker.ca_file());
    command
}

#[test]
fn doc4_settings_that_cannot_be_used_are_all_named_and_no_value_is_quoted() {
    let output =
        doctor(&["edge"]).env("DHCHAT_LISTEN", "hunter2").env("DHCHAT_LOG", "=").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    for name in ["DHCHAT_LISTEN", "DHCHAT_LOG", "DHCHAT_BUS_URL"] {
        assert!(said(&output).contains(name), "{}", said(&output));
    }
    assert!(!said(&output).contains("hunter2"));
}

#[test]
fn doc1_a_first_start_of_serve_is_well_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (code, report) = told(doctor(&[]).env("DHCHAT_DATA_DIR", &data));
    assert_eq!((code, &report["state"] == "wrong"), (0, false), "{report}");
    assert!(!data.exists());
}

#[tokio::test]
async fn doc1_an_edge_and_actors_that_could_start_are_well() {
    let processes = Processes::start().await;
    let (broker, files) = (processes.broker(), Files::new());
    actors::store::migrate(&files.database()).await.unwrap();
    let (code, report) = told(&mut edge(broker, &broker.url("edge")));
    assert_eq!((code, bad(&report, "bus")), (0, vec![]), "{report}");
    let (code, report) = told(&mut files.actors(broker));
    assert_eq!((code, bad(&report, "bus"), bad(&report, "store")), (0, vec![], vec![]), "{report}");
}

#[tokio::test]
async fn doc2_a_broker_that_refuses_and_one_that_nobody_answers_at_are_told_apart() {
    let broker = Broker::start_tls().await;
    let url = broker.url("edge");
    let guess = url.replace("edge-password", "guess");
    let away = format!("nats://edge:guess@127.0.0.1:{}", free_port());
    for (url, sentence) in [
        (&url, "nobody answers for accounts and names"),
        (&guess, "the broker refuses this user or password"),
        (&away, "cannot be reached"),
    ] {
        let (code, report) = told(&mut edge(&broker, url));
        let bad = bad(&report, "bus");
        assert_eq!(code, 1, "{report}");
        assert!(bad.iter().any(|says| says.contains(sentence)), "{sentence}: {bad:?}");
        assert!(!report.to_string().contains("guess"), "{report}");
    }
}

#[tokio::test]
async fn doc2_somebody_who_listens_to_all_chats_is_found_out() {
    let broker = Broker::open_to_all().await;
    let url = format!("nats://edge:x@127.0.0.1:{}", broker.port());
    let (_, report) = told(&mut edge(&broker, &url));
    assert!(!bad(&report, "bus").iter().any(|says| says.contains("listens")), "{report}");
    let mut listener = crate::support::nats::Nats::open(&url).await;
    listener.listen("chat.>", None);
    listener.flush().await;
    let (code, report) = told(&mut edge(&broker, &url));
    assert_eq!(code, 1);
    assert!(bad(&report, "bus").iter().any(|says| says.contains("listens")), "{report}");
}

#[tokio::test]
async fn doc2_old_tables_and_a_short_key_are_told_and_left_alone() {
    let (broker, files) = (Broker::start().await, Files::new());
    std::fs::write(files.folder.path().join("root.key"), [7; 31]).unwrap();
    std::fs::write(files.folder.path().join("dhchat.db"), []).unwrap();
    let (code, report) = told(&mut files.actors(&broker));
    assert_eq!(code, 1);
    assert_eq!(bad(&report, "keys"), ["the root key has 31 bytes, not 32"]);
    assert_eq!(bad(&report, "store"), ["the tables are older than this program"]);
    let (_, again) = told(&mut files.actors(&broker));
    assert_eq!(bad(&again, "store"), bad(&report, "store"), "it was migrated by looking");
}

fn serve(data: &Path, pages: u16) -> Child {
    let mut serve = child::dhchat(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("CHAT_HTTP_PORT", pages.to_string()).env("DHCHAT_ARBITERS", "1");
    Child::spawn(serve.env("DHCHAT_DATA_DIR", data))
}

#[tokio::test]
async fn doc5_a_process_that_runs_says_whether_it_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    let (pages, other) = (free_port(), free_port());
    let ask = || {
        let mut ask = doctor(&["--running"]);
        ask.env("CHAT_HTTP_PORT", pages.to_string()).env("AUTH_HTTP_PORT", other.to_string());
        told(&mut ask)
    };
    let (code, report) = ask();
    assert_eq!((code, bad(&report, "process").len()), (1, 1), "{report}");
    let serve = serve(folder.path(), pages);
    until("it is well", async || ask().0 == 0).await;
    let says = format!("the process on port {pages} is ready");
    let good = json!([{ "part": "process", "state": "good", "says": says }]);
    assert_eq!(ask().1["findings"], good);
    serve.stop();
    assert_eq!(ask().0, 1);
}

#[tokio::test]
async fn doc5_a_process_that_waits_says_for_what() {
    let pages = free_port();
    let mut edge = child::dhchat(&["edge", "--listen", "127.0.0.1:0"]);
    edge.env("CHAT_HTTP_PORT", pages.to_string());
    edge.env("DHCHAT_BUS_URL", Broker::url_at("edge", free_port()));
    let edge = Child::spawn(&mut edge);
    let other = free_port();
    until("it says so", async || {
        let mut ask = doctor(&["--running"]);
        ask.env("CHAT_HTTP_PORT", pages.to_string()).env("AUTH_HTTP_PORT", other.to_string());
        let waits = format!("the process on port {pages} waits for: bus, tokens");
        bad(&told(&mut ask).1, "process") == [waits]
    })
    .await;
    edge.stop();
}

#[tokio::test]
async fn doc6_pages_of_figures_show_whether_a_process_is_ready_and_since_when_it_runs() {
    let processes = Processes::start().await;
    for port in [processes.of_edge, processes.of_actors] {
        let url = format!("http://127.0.0.1:{port}/metrics");
        let page = async || reqwest::get(&url).await.unwrap().text().await.unwrap();
        let is_ready = async || page().await.lines().any(|line| line == "process_ready 1");
        until("it is ready", is_ready).await;
        let page = page().await;
        let started =
            page.lines().find_map(|line| line.strip_prefix("process_start_time_seconds "));
        let started: u64 = started.unwrap().parse().unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        assert!(started > 0 && started <= now.as_secs(), "{started}");
    }
    let pages = free_port();
    let mut edge = child::dhchat(&["edge", "--listen", "127.0.0.1:0"]);
    edge.env("CHAT_HTTP_PORT", pages.to_string());
    edge.env("DHCHAT_BUS_URL", Broker::url_at("edge", free_port()));
    let edge = Child::spawn(&mut edge);
    until("it says that it waits", async || {
        let page = reqwest::get(format!("http://127.0.0.1:{pages}/metrics")).await;
        let Ok(page) = page else { return false };
        page.text().await.unwrap().lines().any(|line| line == "process_ready 0")
    })
    .await;
    edge.stop();
}
