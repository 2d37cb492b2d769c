//! A NATS server and a PostgreSQL of this test's own, to be stopped and started again on the
//! same port with the same data.

use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// Every wait for a process ends after this long at the latest.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// The users of `nats/users.conf`.
const ROLES: [&str; 6] = ["edge", "auth", "identity", "directory", "actors", "capture"];

/// A loopback port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Tries again until it works; fails with `what` after the deadline.
pub(crate) async fn eventually<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let tries = async {
        loop {
            if let Some(done) = attempt().await {
                return done;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(DEADLINE, tries).await.unwrap_or_else(|_| panic!("in time: {what}"))
}

/// A process of this test's own, which does not outlive it.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.0.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success(), "kill {signal}");
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.0.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; a test that failed leaves nobody behind either way.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A running broker with the configuration that operators get.
pub(crate) struct Nats {
    port: u16,
    process: Process,
}

impl Nats {
    pub(crate) async fn launch() -> Self {
        let port = free_port();
        let nats = Self { port, process: spawn_nats(port) };
        nats.listens().await;
        nats
    }

    /// The address for a role of `nats/nats.conf`; its passwords are given by [`spawn_nats`].
    pub(crate) fn url(&self, role: &str) -> String {
        Self::url_at(role, self.port)
    }

    /// The same over somebody who passes it on.
    pub(crate) fn url_at(role: &str, port: u16) -> String {
        format!("nats://{role}:{role}-password@127.0.0.1:{port}")
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn stop(&mut self) {
        self.process.signal("-KILL");
        self.process.wait();
    }

    pub(crate) async fn start(&mut self) {
        self.process = spawn_nats(self.port);
        self.listens().await;
    }

    pub(crate) fn pause(&self) {
        self.process.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.process.signal("-CONT");
    }

    async fn listens(&self) {
        let address = ("127.0.0.1", self.port);
        eventually("the broker listens", async || {
            tokio::net::TcpStream::connect(address).await.ok()
        })
        .await;
    }
}

fn spawn_nats(port: u16) -> Process {
    let program = std::env::var("DHCHAT_TEST_NATS_SERVER")
        .unwrap_or_else(|_| "/usr/sbin/nats-server".to_owned());
    assert!(
        Path::new(&program).exists(),
        "a NATS server is needed: install nats-server, or name it in DHCHAT_TEST_NATS_SERVER"
    );
    let conf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nats/nats.conf");
    let mut command = Command::new(program);
    command
        .arg("--config")
        .arg(conf)
        .args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--http_port", "-1"])
        .envs(ROLES.map(|role| {
            (format!("NATS_{}_PASSWORD", role.to_uppercase()), format!("{role}-password"))
        }));
    Process::spawn(&mut command)
}

/// A database server whose folder is thrown away.
pub(crate) struct Postgres {
    bin: PathBuf,
    folder: TempDir,
    port: u16,
}

impl Postgres {
    pub(crate) fn launch() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let postgres = Self { bin: postgres_bin(), folder, port: free_port() };
        if let Some(owner) = owner() {
            chown(postgres.folder.path(), Some(owner.0), Some(owner.1)).unwrap();
        }
        let data = postgres.data();
        postgres.run("initdb", &["--pgdata", &data, "-U", "app", "-A", "trust", "-E", "UTF8"]);
        postgres.start();
        postgres
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://app@127.0.0.1:{}/postgres", self.port)
    }

    pub(crate) fn stop(&self) {
        self.run("pg_ctl", &["stop", "--pgdata", &self.data(), "--mode", "immediate"]);
    }

    pub(crate) fn start(&self) {
        let folder = self.folder.path().display();
        let options =
            format!("-c listen_addresses=127.0.0.1 -p {} -k {folder} -c fsync=off", self.port);
        let log = format!("{}/log", self.data());
        let data = self.data();
        let start = ["start", "--wait", "--pgdata", &data, "--log", &log, "--options", &options];
        self.run("pg_ctl", &start);
    }

    /// Stands still with all its processes: connections are taken by the kernel, and nothing is
    /// answered on any.
    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    /// The server is a process and its children, one for each connection.
    fn signal(&self, signal: &str) {
        let pids = std::fs::read_to_string(format!("{}/postmaster.pid", self.data())).unwrap();
        let pid = pids.lines().next().unwrap().to_owned();
        let children = format!("/proc/{pid}/task/{pid}/children");
        let children = std::fs::read_to_string(children).unwrap();
        let all = std::iter::once(pid.as_str()).chain(children.split_whitespace());
        // A child may have ended meanwhile; the first one must be there.
        drop(Command::new("kill").arg(signal).args(all).stderr(Stdio::null()).status());
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success(), "kill {signal}");
    }

    fn data(&self) -> String {
        format!("{}/data", self.folder.path().display())
    }

    /// Runs one of its programs; root lends the work to the user that the package made, because
    /// the programs refuse root.
    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = self.command(program);
        assert!(command.args(arguments).status().unwrap().success(), "{program} {arguments:?}");
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.current_dir(self.folder.path());
        if let Some((user, group)) = owner() {
            command.uid(user).gid(group);
        }
        // A server that it leaves behind must not hold the pipes of this test open.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        // One that stands still would not hear that it is to stop.
        if Path::new(&data).join("postmaster.pid").exists() {
            self.signal("-CONT");
        }
        let mut stop = self.command("pg_ctl");
        // A test that failed while the server was stopped has nothing to stop.
        drop(stop.args(["stop", "--pgdata", &data, "--mode", "immediate"]).status());
    }
}

fn postgres_bin() -> PathBuf {
    if let Ok(bin) = std::env::var("POSTGRES_BIN") {
        return bin.into();
    }
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .expect("PostgreSQL: install postgresql, or name the folder of initdb in POSTGRES_BIN")
        .map(|version| version.unwrap().path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().expect("PostgreSQL: install postgresql, or set POSTGRES_BIN")
}

/// The user and group `postgres`, if this is root.
fn owner() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap();
    let line = passwd.lines().find(|line| line.starts_with("postgres:"))?;
    let mut fields = line.split(':').skip(2).map(|field| field.parse().unwrap());
    Some((fields.next()?, fields.next()?))
}
