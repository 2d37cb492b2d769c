//! Two edges and the actors as processes of their own, on the servers of this test.

use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::servers::{Nats, Postgres, Process, eventually, free_port};

const EDGES: usize = 2;

pub(crate) struct Deployment {
    pub(crate) nats: Nats,
    pub(crate) postgres: Postgres,
    ports: Vec<u16>,
    processes: Vec<Process>,
    folder: TempDir,
}

impl Deployment {
    pub(crate) async fn start() -> Self {
        let (postgres, nats) = (Postgres::launch(), Nats::launch().await);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.key"), [7; 32]).unwrap();
        let ports = (0..EDGES).map(|_| free_port()).collect();
        let mut deployment = Self { nats, postgres, ports, processes: Vec::new(), folder };
        deployment.migrate();
        deployment.start_actors().await;
        for edge in 0..EDGES {
            deployment.start_edge(edge).await;
        }
        deployment
    }

    /// The address of an edge.
    pub(crate) fn url(&self, edge: usize) -> String {
        format!("http://127.0.0.1:{}", self.ports[edge])
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

    async fn start_actors(&mut self) {
        let port = free_port();
        let mut actors = self.dhchat("actors");
        actors
            .env("DHCHAT_DATABASE_URL", self.postgres.url())
            .env("DHCHAT_BUS_URL", self.nats.url("actors"))
            .env("DHCHAT_ROOT_KEY_FILE", self.folder.path().join("root.key"))
            .env("DHCHAT_BCRYPT_COST", "4")
            .env("AUTH_HTTP_PORT", port.to_string());
        self.processes.push(Process::spawn(&mut actors));
        is_ready(&format!("http://127.0.0.1:{port}")).await;
    }

    async fn start_edge(&mut self, edge: usize) {
        let mut process = self.dhchat("edge");
        process
            .env("DHCHAT_LISTEN", format!("127.0.0.1:{}", self.ports[edge]))
            .env("DHCHAT_PUBLIC_URL", self.url(edge))
            .env("DHCHAT_BUS_URL", self.nats.url("edge"))
            .env("DHCHAT_DRAIN_SECONDS", "1")
            .env("DHCHAT_LIMIT_LOGIN_PER_SECOND", "1000")
            .env("DHCHAT_LIMIT_PAIR_PER_MINUTE", "10000")
            .env("DHCHAT_ARBITERS", "1")
            .env("CHAT_HTTP_PORT", free_port().to_string());
        self.processes.push(Process::spawn(&mut process));
        is_ready(&self.url(edge)).await;
    }

    fn dhchat(&self, role: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dhchat"));
        command.arg(role).current_dir(self.folder.path());
        command
    }
}

async fn is_ready(url: &str) {
    let ready = format!("{url}/health/ready");
    eventually(&ready, async || {
        let answer = reqwest::get(&ready).await.ok()?;
        answer.status().is_success().then_some(())
    })
    .await;
}
