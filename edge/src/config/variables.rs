//! Where configuration comes from, and the table of everything that can be configured.
//!
//! One row says it all: the environment variable, its flag, its default and what it is for.

use std::collections::HashMap;
use std::hash::BuildHasher;

/// Something that can be configured.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// The environment variable.
    pub name: &'static str,
    /// The flag of the same meaning, without its dashes.
    pub flag: &'static str,
    /// What holds when it is not given; empty for "nothing".
    pub default: &'static str,
    /// What it is for.
    pub help: &'static str,
    /// Why the default is what it is.
    pub why: &'static str,
}

/// Declares the variables once: a constant each, and the list of all.
macro_rules! variables {
    ($($constant:ident = $name:literal, $flag:literal, $default:literal, $help:literal, $why:literal;)*) => {
        $(#[doc = $help] pub const $constant: Variable =
            Variable { name: $name, flag: $flag, default: $default, help: $help, why: $why };)*

        /// Every variable, in the order of the help.
        pub const ALL: &[Variable] = &[$($constant),*];
    };
}

variables! {
    LISTEN = "DHCHAT_LISTEN", "listen", "127.0.0.1:8080", "Address and port of the web app, the API and the WebSocket", "Loopback alone: nobody is let in from outside before somebody has decided it";
    PUBLIC_URL = "DHCHAT_PUBLIC_URL", "public-url", "http://localhost:8080", "Where browsers find it; further addresses of the same deployment may follow, separated by commas", "Origins of requests are held against it, cookies are Secure by it, and it is the name of the deployment that two browsers agree on";
    TRUSTED_PROXIES = "DHCHAT_TRUSTED_PROXIES", "trusted-proxies", "", "Networks whose X-Forwarded-For is believed, separated by commas (10.0.0.0/8)", "Limits count clients by their address, and whoever is believed without being a proxy can be anybody";
    BUS_URL = "DHCHAT_BUS_URL", "bus-url", "", "The NATS servers with user and password (nats://USER:PASSWORD@HOST:PORT, or tls://… for TLS alone), separated by commas; needed by edge and actors", "serve has a bus of its own inside; everybody else meets at the broker";
    BUS_URL_FILE = "DHCHAT_BUS_URL_FILE", "bus-url-file", "", "A file with the addresses of the NATS servers, in place of `DHCHAT_BUS_URL`: whoever sees the environment does not see the password", "Environments are shown by many tools, files by their owner alone";
    BUS_CA_FILE = "DHCHAT_BUS_CA_FILE", "bus-ca-file", "", "The PEM file with the authorities that may vouch for the NATS servers; with it nothing is said to them but over TLS, without it those of the system count", "Brokers are often vouched for by an authority of the house, which the system does not know";
    DATABASE_URL = "DHCHAT_DATABASE_URL", "database-url", "", "The database (postgres://… or sqlite:PATH); needed by actors and migrate, a file in the data folder for serve", "Edges never open it, so they are never given it";
    DATABASE_URL_FILE = "DHCHAT_DATABASE_URL_FILE", "database-url-file", "", "A file with the address of the database, in place of `DHCHAT_DATABASE_URL`: whoever sees the environment does not see the password", "Environments are shown by many tools, files by their owner alone";
    DATA_DIR = "DHCHAT_DATA_DIR", "data-dir", "./data", "The folder where serve keeps its database and its root key", "A household has one folder to keep a copy of";
    ROOT_KEY_FILE = "DHCHAT_ROOT_KEY_FILE", "root-key-file", "", "The file with the 32 secret bytes that every server key comes from; needed by the auth of actors, made by serve", "A file of its own, because every password hash and token hangs on it and it is never in a database";
    ONLY = "DHCHAT_ONLY", "only", "", "Which of auth, identity and directory actors is to be, separated by commas; all three when not given", "All three together are enough for most; apart each has the least rights and scales by itself";
    BCRYPT_COST = "DHCHAT_BCRYPT_COST", "bcrypt-cost", "12", "The cost of a password hash; under 12 only where the public URL is not https", "About a quarter of a second on a core of today: guessing is dear, signing in is not felt";
    HASH_THREADS = "DHCHAT_HASH_THREADS", "hash-threads", "0", "Threads that hash passwords; 0 for half of the cores", "Hashing may not take the cores that carry what people say";
    GUESSES_FREE = "DHCHAT_GUESSES_FREE", "guesses-free", "5", "Wrong passwords in a row for one account before the next one has to wait", "Whoever mistypes is not slowed down, whoever guesses is after five";
    GUESS_EVERY = "DHCHAT_GUESS_EVERY_SECONDS", "guess-every-seconds", "12", "Seconds between wrong passwords after that; from 45 more on it doubles again and again, up to 15 minutes", "7,200 guesses a day at most, however many addresses they come from, and the owner waits seconds";
    ARBITERS = "DHCHAT_ARBITERS", "arbiters", "0", "Threads that carry sockets; 0 for one per core", "A thread shares nothing with another, so one for each core is the most that helps";
    LIMIT_LOGIN = "DHCHAT_LIMIT_LOGIN_PER_SECOND", "limit-login-per-second", "5", "Logins per second and client network", "A family or an office behind one address signs in without noticing it";
    LIMIT_REGISTER = "DHCHAT_LIMIT_REGISTER_PER_SECOND", "limit-register-per-second", "2", "Registrations per second and client network", "Accounts are made rarely, and each costs a hash";
    LIMIT_GENERAL = "DHCHAT_LIMIT_GENERAL_PER_SECOND", "limit-general-per-second", "100", "Other requests per second and client network", "A page needs about ten requests to open";
    LIMIT_PAIR = "DHCHAT_LIMIT_PAIR_PER_MINUTE", "limit-pair-per-minute", "2", "Logins per minute, client network and name, after the first five", "One address guessing at one name is the cheapest attack";
    LIMIT_PASSWORDS = "DHCHAT_LIMIT_PASSWORDS_AT_ONCE", "limit-passwords-at-once", "16", "Passwords of this process that auth may be looking at; whatever comes above is refused at once", "Hashing takes a quarter of a second: whoever stands behind 16 others would give up before the answer";
    TALK_FRAMES = "DHCHAT_TALK_FRAMES_PER_SECOND", "talk-frames-per-second", "200", "Frames per second and connection, sustained", "Nobody types so fast; a frame at each stroke, receipts and reactions fit ten times over";
    TALK_BURST = "DHCHAT_TALK_FRAMES_BURST", "talk-frames-burst", "1000", "Frames per connection at once", "After a cut a browser sends again what was not acknowledged, all at once";
    FILE_BYTES_MAX = "DHCHAT_FILE_BYTES_MAX", "file-bytes-max", "52428800", "Largest file in bytes", "The original's limit; memory does not grow with it";
    DRAIN_SECONDS = "DHCHAT_DRAIN_SECONDS", "drain-seconds", "10", "How long open sockets may take to connect elsewhere at a stop", "Pages go elsewhere within five; the rest is for slow networks";
    CAPTURE = "DHCHAT_CAPTURE", "capture", "refused", "Whether a developer may record this edge: refused or allowed; never where a public URL is https", "Recording people is for developers, at their own edges";
    LOG = "DHCHAT_LOG", "log", "info", "What is logged: error, warn, info, debug, trace, or a filter by module", "What somebody should look at, and starts and stops; names, tokens and words are in no level";
    LOG_FORMAT = "DHCHAT_LOG_FORMAT", "log-format", "text", "How it is logged: text or json", "People read it first; Compose and Kubernetes set json";
    METRICS_ADDRESS = "DHCHAT_METRICS_ADDRESS", "metrics-address", "127.0.0.1", "Address of the metrics and health pages", "Figures say how much a house is used: nobody outside needs them";
    CHAT_HTTP_PORT = "CHAT_HTTP_PORT", "chat-http-port", "8082", "Port of the metrics and health pages of serve and edge", "The original's port of the chat service";
    AUTH_HTTP_PORT = "AUTH_HTTP_PORT", "auth-http-port", "8081", "Port of the metrics and health pages of actors", "The original's port of the auth service";
}

/// A source of variables.
pub trait Variables {
    /// The value, if there is one.
    fn get(&self, name: &str) -> Option<String>;
}

/// The environment of the process.
#[derive(Clone, Copy, Debug)]
pub struct Environment;

impl Variables for Environment {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }
}

impl<S: BuildHasher> Variables for HashMap<String, String, S> {
    fn get(&self, name: &str) -> Option<String> {
        HashMap::get(self, name).cloned()
    }
}

/// The first source wins: flags over the environment.
#[derive(Clone, Copy, Debug)]
pub struct First<A, B>(pub A, pub B);

impl<A: Variables, B: Variables> Variables for First<A, B> {
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).or_else(|| self.1.get(name))
    }
}
