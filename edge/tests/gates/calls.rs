//! Calls of the system that two edges make for a word, counted by strace while nothing else
//! happens: the socket of whoever says it, the broker twice, the socket of whoever hears it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child as Handle, Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use crate::figure::PerFrame;
use crate::support::broker::Broker;
use crate::support::child::{Child, dhchat, free_port};
use crate::support::raw::Raw;
use crate::support::{Person, text, until};
use crate::talk::Talk;

/// Words before the count.
const WARM: u64 = 500;
/// Enough that chores, which come by time, hardly show.
const FRAMES: u64 = 4_000;
const STRACE_MISSING: &str = "strace is missing: install it (Debian, Ubuntu: apt-get install strace), or set \
     DHCHAT_TEST_STRACE to its path";

/// Two edges with one thread for sockets each, actors, a broker.
struct Pair {
    doors: [u16; 2],
    edges: [Child; 2],
    _actors: Child,
    _broker: Broker,
    _folder: TempDir,
}

impl Pair {
    async fn start() -> Self {
        let (broker, folder) = (Broker::start().await, tempfile::tempdir().unwrap());
        let database = format!("sqlite:{}", folder.path().join("dhchat.db").display());
        let key = folder.path().join("root.key");
        std::fs::write(&key, [7; 32]).unwrap();
        actors::store::migrate(&database).await.unwrap();
        let mut actors = dhchat(&["actors"]);
        actors.env("DHCHAT_BUS_URL", broker.url("actors")).env("DHCHAT_DATABASE_URL", database);
        actors.env("DHCHAT_ROOT_KEY_FILE", key).env("DHCHAT_BCRYPT_COST", "4");
        actors.env("AUTH_HTTP_PORT", free_port().to_string());
        let actors = Child::spawn(&mut actors);
        let doors = [free_port(), free_port()];
        let edges = doors.map(|doors| edge(&broker, doors));
        for doors in doors {
            until("an edge is ready", async || {
                let ready = reqwest::get(format!("http://127.0.0.1:{doors}/health/ready")).await;
                ready.is_ok_and(|ready| ready.status() == 200)
            })
            .await;
        }
        Self { doors, edges, _actors: actors, _broker: broker, _folder: folder }
    }

    /// Somebody with a socket at this edge.
    async fn person(&self, edge: usize, username: &str) -> (Person, Raw) {
        let url = format!("http://127.0.0.1:{}", self.doors[edge]);
        let http = reqwest::Client::new();
        let body = json!({
            "username": username, "password": crate::support::PASSWORD,
            "identity_pub_key": crate::support::PUBLIC_KEY,
        });
        let register = http.post(format!("{url}/api/auth/register")).json(&body);
        let token = text(&register.send().await.unwrap().json().await.unwrap(), "token");
        let me = http.get(format!("{url}/api/chat/me")).bearer_auth(&token);
        let id = text(&me.send().await.unwrap().json().await.unwrap(), "id");
        let socket = Raw::binary_as(([127, 0, 0, 1], self.doors[edge]).into(), &token).await;
        (Person { id, token, cookie: String::new() }, socket)
    }
}

fn edge(broker: &Broker, doors: u16) -> Child {
    let mut edge = dhchat(&["edge"]);
    edge.env("DHCHAT_BUS_URL", broker.url("edge")).env("DHCHAT_ARBITERS", "1");
    edge.env("DHCHAT_LISTEN", format!("127.0.0.1:{doors}"));
    edge.env("CHAT_HTTP_PORT", free_port().to_string());
    edge.env("DHCHAT_TALK_FRAMES_PER_SECOND", "1000000");
    edge.env("DHCHAT_TALK_FRAMES_BURST", "1000000");
    Child::spawn(&mut edge)
}

/// Counts what processes ask of the system until it is told to stop.
struct Strace {
    process: Handle,
    folder: TempDir,
}

impl Strace {
    /// Returns when it is attached to every thread.
    async fn attach(pids: &[u32]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = std::env::var_os("DHCHAT_TEST_STRACE").unwrap_or_else(|| "strace".into());
        let mut command = Command::new(program);
        command.args(["-c", "-f", "-q", "-o"]).arg(folder.path().join("counts"));
        for pid in pids {
            command.args(["-p", &pid.to_string()]);
        }
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = process.spawn().expect(STRACE_MISSING);
        until("strace is attached", async || pids.iter().all(|pid| is_traced(*pid))).await;
        Self { process, folder }
    }

    /// How often each call was made.
    fn stop(mut self) -> BTreeMap<String, u64> {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.process.wait().unwrap();
        let table = std::fs::read_to_string(self.folder.path().join("counts")).unwrap();
        let counts: BTreeMap<_, _> = table.lines().filter_map(row).collect();
        assert!(!counts.is_empty(), "strace counted nothing: {table}");
        counts
    }
}

/// `% time     seconds  usecs/call     calls    errors syscall`
fn row(line: &str) -> Option<(String, u64)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (name, calls) = (*words.last()?, words.get(3)?);
    let is_row = words[0].parse::<f64>().is_ok() && name != "total";
    is_row.then(|| Some((name.to_owned(), calls.parse().ok()?)))?
}

/// Whether every thread of a process has a tracer.
fn is_traced(pid: u32) -> bool {
    let is_traced = |task: &Path| {
        let status = std::fs::read_to_string(task.join("status")).unwrap_or_default();
        status.lines().any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0"))
    };
    let mut tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    tasks.all(|task| is_traced(&task.unwrap().path()))
}

async fn hold(window: usize, measure: &'static str, hundredths_max: u64) {
    let pair = Pair::start().await;
    let (_, from_alice) = pair.person(0, "alice").await;
    let (bob, from_bob) = pair.person(1, "bob").await;
    let mut talk = Talk::between(from_alice, from_bob, &bob, 256, window);
    let mut talk = tokio::task::spawn_blocking(move || {
        talk.relay(WARM);
        talk
    })
    .await
    .unwrap();
    let pids = pair.edges.each_ref().map(Child::pid);
    let strace = Strace::attach(&pids).await;
    let talk = tokio::task::spawn_blocking(move || {
        talk.relay(FRAMES);
        talk
    })
    .await
    .unwrap();
    let counts = strace.stop();
    drop(talk);
    let (count, unit) = (counts.values().sum(), "calls");
    PerFrame { measure, unit, count, frames: FRAMES, hundredths_max }.hold(&json!(counts));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn perf4_a_word_alone_costs_two_edges_few_calls() {
    hold(1, "system-calls-window-1", 780).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn perf4_of_words_that_come_together_each_costs_a_fraction() {
    hold(32, "system-calls-window-32", 50).await;
}
