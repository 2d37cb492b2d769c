//! A real nats-server with the limits of `nats/`, on a port of its own choice.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::{env, fs};

use actors::bus::nats::{self, BusUser, ConnectError, Nats, NatsConfig};
use bus_schemas::bus::Bus;
use bus_schemas::secret::Secret;
use tempfile::TempDir;

use super::{World, eventually};

/// Where distributions put it, besides the search path.
const USUAL_FOLDERS: [&str; 3] = ["/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];

/// A running broker; it ends with this value.
pub(crate) struct NatsServer {
    process: Child,
    config: PathBuf,
    port: u16,
    /// Holds the file in which the broker tells its port.
    _folder: TempDir,
}

impl NatsServer {
    /// A broker that lets everybody in.
    pub(crate) async fn start() -> Self {
        Self::start_with("limits.conf").await
    }

    /// A broker with a file of `nats/`. Each user's password is its name and `-password`.
    pub(crate) async fn start_with(config: &str) -> Self {
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nats").join(config);
        let folder = tempfile::tempdir().expect("a folder");
        let ports = folder.path().to_str().expect("a folder with a plain name");
        let process = run(&config, &["-p", "-1", "--ports_file_dir", ports]);
        let mut port = None;
        eventually("the broker tells its port", || {
            port = told_port(folder.path());
            port.is_some()
        })
        .await;
        Self { process, config, port: port.expect("a port"), _folder: folder }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Connects as a user, with or without a password.
    pub(crate) async fn connect_as(
        &self,
        user: BusUser,
        password: Option<&str>,
    ) -> Result<Nats, ConnectError> {
        let url = Secret::new(format!("nats://127.0.0.1:{}", self.port));
        let password = password.map(|password| Secret::new(password.to_owned()));
        nats::connect(NatsConfig { url, user, password }).await
    }

    /// Stops the process where it stands; its sockets stay open and nobody reads them.
    pub(crate) fn freeze(&self) {
        let process = self.process.id().to_string();
        let kill = Command::new("kill").args(["-STOP", &process]).status();
        assert!(kill.expect("kill can be run").success());
    }
}

impl World for NatsServer {
    async fn connect(&self) -> Arc<dyn Bus> {
        Arc::new(self.connect_as(BusUser::Edge, None).await.expect("a connection"))
    }

    fn cut(&mut self) {
        self.process.kill().expect("the broker can be killed");
        self.process.wait().expect("the broker ends");
    }

    fn mend(&mut self) {
        self.process = run(&self.config, &["-p", &self.port.to_string()]);
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has already noticed.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn run(config: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(binary());
    for user in BusUser::ALL {
        let variable = format!("NATS_{}_PASSWORD", user.name().to_uppercase());
        command.env(variable, format!("{}-password", user.name()));
    }
    command.arg("-c").arg(config).args(["-a", "127.0.0.1", "-m", "-1"]).args(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
        .spawn()
        .expect("nats-server starts; if DHCHAT_TEST_NATS_SERVER is set, it names its path")
}

fn binary() -> PathBuf {
    if let Some(path) = env::var_os("DHCHAT_TEST_NATS_SERVER") {
        return path.into();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(USUAL_FOLDERS.map(PathBuf::from));
    let mut candidates = folders.map(|folder| folder.join("nats-server"));
    candidates.find(|file| file.is_file()).unwrap_or_else(|| {
        panic!(
            "nats-server is missing: install it (Debian, Ubuntu: apt-get install nats-server), \
             or set DHCHAT_TEST_NATS_SERVER to its path"
        )
    })
}

/// Reads `"nats": ["nats://127.0.0.1:PORT"]` once the broker has written it.
fn told_port(folder: &Path) -> Option<u16> {
    let file = fs::read_dir(folder).ok()?.next()?.ok()?;
    let told = fs::read_to_string(file.path()).ok()?;
    let (_, after) = told.split_once("nats://127.0.0.1:")?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
