//! DOC rules: what `dhchat doctor` says of real brokers, databases and processes.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::broker::Broker;
use crate::support::certificates::{Authority, Certified};
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

/// Somebody who speaks TLS with this certificate, as a proxy does.
fn proxy(certified: &Certified) -> u16 {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let chain = CertificateDer::pem_file_iter(&certified.certificate).unwrap();
    let chain = chain.collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(&certified.key).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    let config = Arc::new(config.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for line in listener.incoming() {
            let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut line = line.unwrap();
            // Whoever leaves in between is not waited for.
            while tls.is_handshaking() && tls.complete_io(&mut line).is_ok() {}
        }
    });
    port
}

/// What is said of certificates, with how it is.
fn certificates(report: &Value) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |finding: &Value, name| finding[name].as_str().unwrap().to_owned();
    let found = findings.filter(|finding| finding["part"] == "certificates");
    found.map(|finding| (text(finding, "state"), text(finding, "says"))).collect()
}

#[test]
fn doc7_the_certificate_that_browsers_are_shown_is_looked_at() {
    let (authority, data) = (Authority::new(), tempfile::tempdir().unwrap());
    let port = proxy(&authority.certify("localhost"));
    let look = |url: &str, believed: Option<&Path>| {
        let mut look = doctor(&["serve", "--url", url]);
        look.env("DHCHAT_DATA_DIR", data.path());
        if let Some(file) = believed {
            look.env("SSL_CERT_FILE", file);
        }
        let (code, report) = told(&mut look);
        (code, certificates(&report))
    };
    let ca = authority.file();
    let own = format!("https://localhost:{port}");
    let (code, found) = look(&own, Some(&ca));
    assert_eq!((code, found.len()), (0, 3), "{found:?}");
    assert!(found.iter().all(|(state, _)| state == "good"), "{found:?}");
    assert!(found[0].1.starts_with(&format!("the certificate of {own}, for localhost, holds for")));

    let (code, found) = look(&own, None);
    assert_eq!((code, found[2].0.as_str()), (0, "careful"), "{found:?}");
    let (code, found) = look(&format!("https://127.0.0.1:{port}"), Some(&ca));
    assert_eq!(code, 1);
    assert!(found[1].1.contains("not for 127.0.0.1"), "{found:?}");
    let (code, found) = look(&format!("https://localhost:{}", free_port()), Some(&ca));
    assert_eq!((code, found.len()), (1, 1), "{found:?}");
}

#[test]
fn doc7_a_certificate_in_a_file_is_held_against_the_public_addresses() {
    let (authority, data) = (Authority::new(), tempfile::tempdir().unwrap());
    let file = authority.certify("chat.example.org").certificate;
    let look = |file: &Path, public: &str| {
        let mut look = doctor(&["serve", "--certificate", file.to_str().unwrap()]);
        look.env("DHCHAT_DATA_DIR", data.path()).env("DHCHAT_PUBLIC_URL", public);
        let (code, report) = told(look.env("SSL_CERT_FILE", authority.file()));
        (code, certificates(&report))
    };
    let (code, found) = look(&file, "https://chat.example.org");
    assert!(code == 0 && found.iter().all(|(state, _)| state == "good"), "{found:?}");
    let (code, found) = look(&file, "https://chat.example.org,https://talk.example.org:8443");
    assert_eq!((code, found.len()), (1, 4), "{found:?}");
    assert!(found[2].1.contains("not for talk.example.org"), "{found:?}");
    let empty = data.path().join("empty.pem");
    std::fs::write(&empty, "nothing").unwrap();
    for nothing in [empty.as_path(), Path::new("/nobody/was/here.pem")] {
        let (code, found) = look(nothing, "https://chat.example.org");
        assert!(code == 1 && found[0].1.contains("cannot be seen"), "{found:?}");
    }
}
