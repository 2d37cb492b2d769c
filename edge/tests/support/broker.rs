//! A real nats-server with the configuration of `nats/`, on a port of its own choice.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use serde_json::Value;
use tempfile::TempDir;

use super::certificates::{Authority, Certified};
use super::until;

const ROLES: [&str; 6] = ["edge", "auth", "identity", "directory", "actors", "capture"];
/// Where distributions put it, besides the search path.
const USUAL_FOLDERS: [&str; 3] = ["/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];

/// A running broker; it ends with this value.
pub(crate) struct Broker {
    process: Child,
    port: u16,
    authority: Option<Authority>,
    /// Holds the file in which the broker tells its ports.
    folder: TempDir,
}

impl Broker {
    /// On a port of its own choice.
    pub(crate) async fn start() -> Self {
        Self::launch("nats.conf", -1, None).await
    }

    /// One at which anybody may say and hear anything.
    pub(crate) async fn open_to_all() -> Self {
        Self::launch("limits.conf", -1, None).await
    }

    /// On this port.
    pub(crate) async fn start_at(port: u16) -> Self {
        Self::launch("nats.conf", port.into(), None).await
    }

    /// One that is reached over TLS alone.
    pub(crate) async fn start_tls() -> Self {
        Self::launch("nats-tls.conf", -1, Some(Authority::new())).await
    }

    async fn launch(config: &str, port: i32, authority: Option<Authority>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(config);
        command.args(["-p", &port.to_string(), "--ports_file_dir"]).arg(folder.path());
        if let Some(authority) = &authority {
            let Certified { certificate, key } = authority.certify("127.0.0.1");
            command.env("NATS_TLS_CERT_FILE", certificate).env("NATS_TLS_KEY_FILE", key);
        }
        let process = command.spawn().unwrap();
        until("the broker tells its port", async || told_port(folder.path(), "nats").is_some())
            .await;
        let port = told_port(folder.path(), "nats").unwrap();
        Self { process, port, authority, folder }
    }

    /// Its address, as this role reaches it.
    pub(crate) fn url(&self, role: &str) -> String {
        match &self.authority {
            None => Self::url_at(role, self.port),
            Some(_) => Self::url_at(role, self.port).replace("nats://", "tls://"),
        }
    }

    /// The address of a broker without TLS that is, or will be, on this port.
    pub(crate) fn url_at(role: &str, port: u16) -> String {
        format!("nats://{role}:{role}-password@127.0.0.1:{port}")
    }

    /// The port on loopback where it listens.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// The file of whoever vouches for it; empty where nobody does.
    pub(crate) fn ca_file(&self) -> String {
        let file = self.authority.as_ref().map(|authority| authority.file().display().to_string());
        file.unwrap_or_default()
    }

    /// What it tells about itself.
    pub(crate) async fn page(&self, path: &str) -> Value {
        let port = told_port(self.folder.path(), "monitoring").unwrap();
        let page = reqwest::get(format!("http://127.0.0.1:{port}{path}")).await.unwrap();
        page.json().await.unwrap()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has already noticed.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn command(config: &str) -> Command {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nats").join(config);
    let mut command = Command::new(program());
    for role in ROLES {
        let variable = format!("NATS_{}_PASSWORD", role.to_uppercase());
        command.env(variable, format!("{role}-password"));
    }
    command.arg("-c").arg(config).args(["-a", "127.0.0.1", "-m", "-1"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
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

/// Reads `"nats": ["nats://127.0.0.1:PORT"]`, or another line like it, once the broker has written
/// it.
fn told_port(folder: &Path, what: &str) -> Option<u16> {
    let file = fs::read_dir(folder).ok()?.next()?.ok()?;
    let told = fs::read_to_string(file.path()).ok()?;
    let (_, after) = told.split_once(&format!("\"{what}\""))?;
    let (_, after) = after.split_once("://127.0.0.1:")?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
