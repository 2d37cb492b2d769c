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
}

/// Declares the variables once: a constant each, and the list of all.
macro_rules! variables {
    ($($constant:ident = $name:literal, $flag:literal, $default:literal, $help:literal;)*) => {
        $(#[doc = $help] pub const $constant: Variable =
            Variable { name: $name, flag: $flag, default: $default, help: $help };)*

        /// Every variable, in the order of the help.
        pub const ALL: &[Variable] = &[$($constant),*];
    };
}

variables! {
    LISTEN = "DHCHAT_LISTEN", "listen", "127.0.0.1:8080", "Address and port of the web app, the API and the WebSocket";
    PUBLIC_URL = "DHCHAT_PUBLIC_URL", "public-url", "http://localhost:8080", "Where browsers find it; further addresses of the same deployment may follow, separated by commas";
    TRUSTED_PROXIES = "DHCHAT_TRUSTED_PROXIES", "trusted-proxies", "", "Networks whose X-Forwarded-For is believed, separated by commas (10.0.0.0/8)";
    BUS_URL = "DHCHAT_BUS_URL", "bus-url", "", "The NATS servers with user and password (nats://USER:PASSWORD@HOST:PORT, or tls://… for TLS alone), separated by commas; needed by edge and actors";
    BUS_CA_FILE = "DHCHAT_BUS_CA_FILE", "bus-ca-file", "", "The PEM file with the authorities that may vouch for the NATS servers; with it nothing is said to them but over TLS, without it those of the system count";
    DATABASE_URL = "DHCHAT_DATABASE_URL", "database-url", "", "The database (postgres://… or sqlite:PATH); needed by actors and migrate, a file in the data folder for serve";
    DATA_DIR = "DHCHAT_DATA_DIR", "data-dir", "./data", "The folder where serve keeps its database and its root key";
    ROOT_KEY_FILE = "DHCHAT_ROOT_KEY_FILE", "root-key-file", "", "The file with the 32 secret bytes that every server key comes from; needed by the auth of actors, made by serve";
    ONLY = "DHCHAT_ONLY", "only", "", "Which of auth, identity and directory actors is to be, separated by commas; all three when not given";
    BCRYPT_COST = "DHCHAT_BCRYPT_COST", "bcrypt-cost", "12", "The cost of a password hash; under 12 only where the public URL is not https";
    HASH_THREADS = "DHCHAT_HASH_THREADS", "hash-threads", "0", "Threads that hash passwords; 0 for half of the cores";
    GUESSES_FREE = "DHCHAT_GUESSES_FREE", "guesses-free", "5", "Wrong passwords in a row for one account before the next one has to wait";
    GUESS_EVERY = "DHCHAT_GUESS_EVERY_SECONDS", "guess-every-seconds", "12", "Seconds between wrong passwords after that; from 45 more on it doubles again and again, up to 15 minutes";
    ARBITERS = "DHCHAT_ARBITERS", "arbiters", "0", "Threads that carry sockets; 0 for one per core";
    LIMIT_LOGIN = "DHCHAT_LIMIT_LOGIN_PER_SECOND", "limit-login-per-second", "5", "Logins per second and client network";
    LIMIT_REGISTER = "DHCHAT_LIMIT_REGISTER_PER_SECOND", "limit-register-per-second", "2", "Registrations per second and client network";
    LIMIT_GENERAL = "DHCHAT_LIMIT_GENERAL_PER_SECOND", "limit-general-per-second", "100", "Other requests per second and client network";
    LIMIT_PAIR = "DHCHAT_LIMIT_PAIR_PER_MINUTE", "limit-pair-per-minute", "2", "Logins per minute, client network and name, after the first five";
    LIMIT_PASSWORDS = "DHCHAT_LIMIT_PASSWORDS_AT_ONCE", "limit-passwords-at-once", "16", "Passwords of this process that auth may be looking at; whatever comes above is refused at once";
    TALK_FRAMES = "DHCHAT_TALK_FRAMES_PER_SECOND", "talk-frames-per-second", "200", "Frames per second and connection, sustained";
    TALK_BURST = "DHCHAT_TALK_FRAMES_BURST", "talk-frames-burst", "1000", "Frames per connection at once";
    FILE_BYTES_MAX = "DHCHAT_FILE_BYTES_MAX", "file-bytes-max", "52428800", "Largest file in bytes";
    DRAIN_SECONDS = "DHCHAT_DRAIN_SECONDS", "drain-seconds", "10", "How long open sockets may take to connect elsewhere at a stop";
    CAPTURE = "DHCHAT_CAPTURE", "capture", "refused", "Whether a developer may record this edge: refused or allowed; never where a public URL is https";
    LOG = "DHCHAT_LOG", "log", "info", "What is logged: error, warn, info, debug, trace, or a filter by module";
    LOG_FORMAT = "DHCHAT_LOG_FORMAT", "log-format", "text", "How it is logged: text or json";
    METRICS_ADDRESS = "DHCHAT_METRICS_ADDRESS", "metrics-address", "127.0.0.1", "Address of the metrics and health pages";
    CHAT_HTTP_PORT = "CHAT_HTTP_PORT", "chat-http-port", "8082", "Port of the metrics and health pages of serve and edge";
    AUTH_HTTP_PORT = "AUTH_HTTP_PORT", "auth-http-port", "8081", "Port of the metrics and health pages of actors";
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
