//! Edges and the actors as processes of their own, on the servers of this test.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::line::Line;
use crate::servers::{Nats, Postgres, Process, eventually, free_port};

const EDGES: usize = 2;
/// The root secret of every deployment here.
pub(crate) const ROOT: [u8; 32] = [7; 32];

/// Variables of a process, in the order in which they are set: the last one holds.
pub(crate) type Variables = Vec<(&'static str, String)>;

/// Variables from a table.
pub(crate) fn variables(table: &[(&'static str, &str)]) -> Variables {
    table.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

/// What differs from one deployment to another.
pub(crate) struct Plan {
    pub(crate) edges: usize,
    /// Processes of all actors.
    pub(crate) replicas: usize,
    pub(crate) lines: Lines,
    /// Given to the actors on top of what they need.
    pub(crate) actors: Variables,
    /// Given to every edge on top of what it needs.
    pub(crate) edge: Variables,
    /// Given to one edge, by its number.
    pub(crate) each_edge: Vec<Variables>,
}

impl Default for Plan {
    fn default() -> Self {
        let (actors, edge) = (Vec::new(), Vec::new());
        let (lines, each_edge) = (Lines::Straight, Vec::new());
        Self { edges: EDGES, replicas: 1, lines, actors, edge, each_edge }
    }
}

/// How the edges reach the broker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    Straight,
    /// Each over a line of its own that can be cut.
    Cuttable,
}

pub(crate) struct Deployment {
    pub(crate) nats: Nats,
    pub(crate) postgres: Postgres,
    plan: Plan,
    ports: Vec<u16>,
    /// Of the metrics and health pages: the actors', then each edge's.
    pages: Vec<u16>,
    /// In the same order.
    processes: Vec<Process>,
    lines: Vec<Line>,
    folder: TempDir,
}

impl Deployment {
    pub(crate) async fn start() -> Self {
        Self::planned(Plan::default()).await
    }

    pub(crate) async fn planned(plan: Plan) -> Self {
        let (postgres, nats) = (Postgres::launch(), Nats::launch().await);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.key"), ROOT).unwrap();
        let ports = (0..plan.edges).map(|_| free_port()).collect();
        let pages = (0..plan.replicas + plan.edges).map(|_| free_port()).collect();
        let mut lines = Vec::new();
        if plan.lines == Lines::Cuttable {
            for _ in 0..plan.edges {
                lines.push(Line::to(nats.port()).await);
            }
        }
        let processes = Vec::new();
        let mut deployment = Self { nats, postgres, plan, ports, pages, processes, lines, folder };
        deployment.migrate();
        for replica in 0..deployment.plan.replicas {
            deployment.start_actors(replica).await;
        }
        for edge in 0..deployment.edges() {
            deployment.start_edge(edge).await;
        }
        deployment
    }

    pub(crate) fn edges(&self) -> usize {
        self.plan.edges
    }

    /// Where an edge listens.
    pub(crate) fn address(&self, edge: usize) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports[edge]))
    }

    /// The address of an edge.
    pub(crate) fn url(&self, edge: usize) -> String {
        format!("http://127.0.0.1:{}", self.ports[edge])
    }

    /// The figures of an edge.
    pub(crate) async fn edge_metrics(&self, edge: usize) -> String {
        metrics(self.pages[self.plan.replicas + edge]).await
    }

    /// The figures of the actors.
    pub(crate) async fn actors_metrics(&self) -> String {
        metrics(self.pages[0]).await
    }

    /// No process said or wanted to hear what its user may not: a word that the broker refuses
    /// is lost, and what waits for it waits in vain.
    pub(crate) async fn nothing_was_forbidden(&self) {
        for page in &self.pages {
            let metrics = metrics(*page).await;
            let forbidden = |line: &&str| {
                line.starts_with("bus_broker_complaints_total") && line.contains("\"permission\"")
            };
            let counts: Vec<&str> = metrics.lines().filter(forbidden).collect();
            assert!(!counts.is_empty(), "complaints are not counted:\n{metrics}");
            assert!(counts.iter().all(|line| line.ends_with(" 0")), "{counts:?}");
        }
    }

    /// The line from an edge to the broker.
    pub(crate) fn line(&self, edge: usize) -> &Line {
        &self.lines[edge]
    }

    /// Sends a signal to the process of an edge.
    pub(crate) fn signal_edge(&self, edge: usize, signal: &str) {
        self.processes[self.plan.replicas + edge].signal(signal);
    }

    /// The process of an edge.
    pub(crate) fn edge_pid(&self, edge: usize) -> u32 {
        self.processes[self.plan.replicas + edge].pid()
    }

    /// Returns when an edge is ready.
    pub(crate) async fn until_ready(&self, edge: usize) {
        is_ready(&self.url(edge)).await;
    }

    /// Stops the processes as an operator would, the doors first.
    pub(crate) fn stop(mut self) {
        for process in self.processes.iter_mut().rev() {
            process.signal("-TERM");
            assert!(process.wait().success(), "an ordered stop");
        }
    }

    fn migrate(&self) {
        let mut migrate = self.dhchat("migrate");
        migrate.env("DHCHAT_DATABASE_URL", self.postgres.url());
        assert!(migrate.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
    }

    async fn start_actors(&mut self, replica: usize) {
        let port = self.pages[replica];
        let mut actors = self.dhchat("actors");
        actors
            .env("DHCHAT_DATABASE_URL", self.postgres.url())
            .env("DHCHAT_BUS_URL", self.nats.url("actors"))
            .env("DHCHAT_ROOT_KEY_FILE", self.folder.path().join("root.key"))
            .env("DHCHAT_BCRYPT_COST", "4")
            .env("AUTH_HTTP_PORT", port.to_string())
            .envs(self.plan.actors.clone());
        self.processes.push(Process::spawn(&mut actors));
        is_ready(&format!("http://127.0.0.1:{port}")).await;
    }

    async fn start_edge(&mut self, edge: usize) {
        let mut process = self.dhchat("edge");
        process
            .env("DHCHAT_LISTEN", format!("127.0.0.1:{}", self.ports[edge]))
            .env("DHCHAT_PUBLIC_URL", self.url(edge))
            .env("DHCHAT_BUS_URL", self.bus_url(edge))
            .env("DHCHAT_DRAIN_SECONDS", "1")
            .env("DHCHAT_LIMIT_LOGIN_PER_SECOND", "1000")
            .env("DHCHAT_LIMIT_PAIR_PER_MINUTE", "10000")
            .env("DHCHAT_ARBITERS", "1")
            .env("CHAT_HTTP_PORT", self.pages[self.plan.replicas + edge].to_string())
            .envs(self.plan.edge.clone())
            .envs(self.plan.each_edge.get(edge).cloned().unwrap_or_default());
        self.processes.push(Process::spawn(&mut process));
        is_ready(&self.url(edge)).await;
    }

    fn bus_url(&self, edge: usize) -> String {
        match self.lines.get(edge) {
            Some(line) => Nats::url_at("edge", line.port()),
            None => self.nats.url("edge"),
        }
    }

    fn dhchat(&self, role: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dhchat"));
        command.arg(role).current_dir(self.folder.path());
        command
    }
}

async fn metrics(port: u16) -> String {
    let url = format!("http://127.0.0.1:{port}/metrics");
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

async fn is_ready(url: &str) {
    let ready = format!("{url}/health/ready");
    eventually(&ready, async || {
        let answer = reqwest::get(&ready).await.ok()?;
        answer.status().is_success().then_some(())
    })
    .await;
}
