//! A real nats-server with the configuration of `nats/`, on a port of its own choice.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use tempfile::TempDir;

use super::until;

const ROLES: [&str; 6] = ["edge", "auth", "identity", "directory", "actors", "capture"];
/// Where distributions put it, besides the search path.
const USUAL_FOLDERS: [&str; 3] = ["/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];

/// A running broker; it ends with this value.
pub(crate) struct Broker {
    process: Child,
    port: u16,
    /// Holds the file in which the broker tells its port.
    _folder: TempDir,
}

impl Broker {
    /// With the permissions of each role.
    pub(crate) async fn start() -> Self {
        Self::start_with("nats.conf").await
    }

    /// One at which anybody may say and hear anything.
    pub(crate) async fn open_to_all() -> Self {
        Self::start_with("limits.conf").await
    }

    async fn start_with(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ports = folder.path().to_str().unwrap().to_owned();
        let process = run(config, &["-p", "-1", "--ports_file_dir", &ports]);
        until("the broker tells its port", async || told_port(folder.path()).is_some()).await;
        let port = told_port(folder.path()).unwrap();
        Self { process, port, _folder: folder }
    }

    /// Its address, as this role reaches it.
    pub(crate) fn url(&self, role: &str) -> String {
        format!("nats://{role}:{role}-password@127.0.0.1:{}", self.port)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has already noticed.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn run(config: &str, arguments: &[&str]) -> Child {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nats").join(config);
    let mut command = Command::new(program());
    for role in ROLES {
        let variable = format!("NATS_{}_PASSWORD", role.to_uppercase());
        command.env(variable, format!("{role}-password"));
    }
    command.arg("-c").arg(config).args(["-a", "127.0.0.1", "-m", "-1"]).args(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn program() -> PathBuf {
    if let Some(path) = env::var_os("DHCHAT_TEST_NATS_SERVER") {
        return path.into();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(USUAL_FOLDERS.map(PathBuf::from));
    let mut candidates = folders.map(|folder| folder.join("nats-server"));
    candidates.find(|file| file.is_file()).expect(
        "nats-server is missing: install it (Debian, Ubuntu: apt-get install nats-server), or set \
         DHCHAT_TEST_NATS_SERVER to its path",
    )
}

/// Reads `"nats": ["nats://127.0.0.1:PORT"]` once the broker has written it.
fn told_port(folder: &Path) -> Option<u16> {
    let file = fs::read_dir(folder).ok()?.next()?.ok()?;
    let told = fs::read_to_string(file.path()).ok()?;
    let (_, after) = told.split_once("nats://127.0.0.1:")?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
