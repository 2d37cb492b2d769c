//! A real nats-server with the configuration of `nats/`, on a port of its own choice.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::{env, fs};

use actors::bus::nats::{self, BusUser, ConnectError, Nats, NatsConfig};
use bus_schemas::bus::Bus;
use bus_schemas::secret::Secret;
use tempfile::TempDir;

use super::bare::Place;
use super::certificates::{Authority, Certified};
use super::{World, eventually};

/// Where distributions put it, besides the search path.
const USUAL_FOLDERS: [&str; 3] = ["/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];
/// Where every broker here is.
pub(crate) const HOST: &str = "127.0.0.1";
/// The password between brokers.
const ROUTE_PASSWORD: &str = "route-password";

/// A running broker; it ends with this value.
pub(crate) struct NatsServer {
    process: Child,
    launch: Launch,
    port: u16,
    authority: Option<Arc<Authority>>,
    /// Holds the file in which the broker tells its ports.
    folder: TempDir,
}

/// How a broker is started, each time.
struct Launch {
    config: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

impl NatsServer {
    /// A broker that lets everybody in.
    pub(crate) async fn start() -> Self {
        Self::start_with("limits.conf").await
    }

    /// The same over TLS.
    pub(crate) async fn start_open_tls() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("open-tls.conf");
        // A broker finds what a configuration includes from the folder of that configuration.
        let depth = folder.path().components().count() - 1;
        let shipped = shipped("").display().to_string();
        let include = |name| format!("include {}{shipped}{name}\n", "../".repeat(depth));
        let text = [include("limits.conf"), include("tls.conf")].concat();
        fs::write(&config, text).expect("a file");
        let authority = Arc::new(Authority::new());
        let environment = tls(&authority, &authority.certify(HOST));
        let launch = Launch { config, arguments: Vec::new(), environment };
        Self::launch(launch, Some(authority), folder).await
    }

    /// A broker with a file of `nats/`. Each user's password is its name and `-password`.
    pub(crate) async fn start_with(config: &str) -> Self {
        let launch =
            Launch { config: shipped(config), arguments: Vec::new(), environment: Vec::new() };
        Self::launch(launch, None, tempfile::tempdir().expect("a folder")).await
    }

    /// A broker with `nats-tls.conf`, certified for this host.
    pub(crate) async fn start_tls(authority: Arc<Authority>, host: &str) -> Self {
        let environment = tls(&authority, &authority.certify(host));
        let launch =
            Launch { config: shipped("nats-tls.conf"), arguments: Vec::new(), environment };
        Self::launch(launch, Some(authority), tempfile::tempdir().expect("a folder")).await
    }

    /// Three brokers that are one bus, with a file of `nats/`.
    pub(crate) async fn start_cluster(
        config: &str,
        authority: Option<Arc<Authority>>,
    ) -> [Self; 3] {
        let certified = authority.as_ref().map(|authority| (authority, authority.certify(HOST)));
        let routes = [(); 3].map(|()| free_port());
        let route = |scheme, port| format!("{scheme}://route:{ROUTE_PASSWORD}@{HOST}:{port}");
        let listed = routes.map(|port| format!("\"{}\"", route("nats-route", port))).join(",");
        let mut servers = Vec::new();
        for (number, port) in routes.into_iter().enumerate() {
            let mut environment = vec![
                ("NATS_ROUTE_PASSWORD".to_owned(), ROUTE_PASSWORD.to_owned()),
                ("NATS_SERVER_NAME".to_owned(), format!("broker-{number}")),
                ("NATS_ROUTES".to_owned(), format!("[{listed}]")),
            ];
            if let Some((authority, certified)) = &certified {
                environment.extend(tls(authority, certified));
            }
            let arguments = vec!["--cluster".to_owned(), route("nats", port)];
            let launch = Launch { config: shipped(config), arguments, environment };
            let folder = tempfile::tempdir().expect("a folder");
            servers.push(Self::launch(launch, authority.clone(), folder).await);
        }
        servers.try_into().unwrap_or_else(|_| unreachable!("there are three"))
    }

    async fn launch(launch: Launch, authority: Option<Arc<Authority>>, folder: TempDir) -> Self {
        let ports = folder.path().join("ports");
        fs::create_dir(&ports).expect("a folder");
        let told = ports.to_str().expect("a folder with a plain name");
        let process = launch.run(&["-p", "-1", "--ports_file_dir", told]);
        let mut port = None;
        eventually("the broker tells its port", || {
            port = told_port(&ports, "nats");
            port.is_some()
        })
        .await;
        Self { process, launch, port: port.expect("a port"), authority, folder }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Whoever certified it.
    pub(crate) fn authority(&self) -> &Authority {
        self.authority.as_ref().expect("it is certified")
    }

    /// Where it tells about itself by HTTP.
    pub(crate) fn monitoring_port(&self) -> u16 {
        told_port(&self.folder.path().join("ports"), "monitoring").expect("a port")
    }

    /// Where a client that knows the bare protocol finds it.
    pub(crate) fn place(&self) -> Place {
        let authority = self.authority.as_ref().map(|authority| authority.file());
        Place { port: self.port, authority }
    }

    /// The same for whoever poses as one of the other brokers.
    pub(crate) fn route_place(&self) -> Place {
        let port = told_port(&self.folder.path().join("ports"), "cluster").expect("a port");
        Place { port, ..self.place() }
    }

    /// Its address as a client has it, and whom that trusts.
    pub(crate) fn config(&self, user: BusUser) -> NatsConfig {
        let scheme = if self.authority.is_some() { "tls" } else { "nats" };
        let url = Secret::new(format!("{scheme}://{HOST}:{}", self.port));
        let ca_file = self.authority.as_ref().map(|authority| authority.file());
        NatsConfig { ca_file, ..NatsConfig::new(url, user) }
    }

    /// Connects as a user, with or without a password.
    pub(crate) async fn connect_as(
        &self,
        user: BusUser,
        password: Option<&str>,
    ) -> Result<Nats, ConnectError> {
        let password = password.map(|password| Secret::new(password.to_owned()));
        nats::connect(NatsConfig { password, ..self.config(user) }).await
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
        self.process = self.launch.run(&["-p", &self.port.to_string()]);
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has already noticed.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Launch {
    fn run(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(binary());
        for user in BusUser::ALL {
            let variable = format!("NATS_{}_PASSWORD", user.name().to_uppercase());
            command.env(variable, format!("{}-password", user.name()));
        }
        command.envs(self.environment.clone()).arg("-c").arg(&self.config);
        command.args(["-a", HOST, "-m", "-1"]).args(&self.arguments).args(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
            .spawn()
            .expect("nats-server starts; if DHCHAT_TEST_NATS_SERVER is set, it names its path")
    }
}

/// A file of `nats/`, which is what operators get.
fn shipped(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nats");
    folder.canonicalize().expect("the folder is there").join(name)
}

fn tls(authority: &Authority, certified: &Certified) -> Vec<(String, String)> {
    [
        ("NATS_TLS_CERT_FILE", &certified.certificate),
        ("NATS_TLS_KEY_FILE", &certified.key),
        ("NATS_TLS_CA_FILE", &authority.file()),
    ]
    .map(|(name, path)| (name.to_owned(), path.display().to_string()))
    .to_vec()
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((HOST, 0)).expect("a port");
    listener.local_addr().expect("its number").port()
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
