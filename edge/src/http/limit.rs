//! How often a client network may ask: logins, registrations, logins under one name, everything
//! else. How often one account may be tried at all is counted by auth, which knows all edges.
//!
//! A network is an IPv4 address or an IPv6 /64: whoever has one address of a /64 has them all.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bus_schemas::fault::Code;
use bus_schemas::name::Username;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics::{Counter, counter, describe_counter};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Doors;
use super::extract::ClientIp;
use super::metrics::path_label;
use super::problem::Problem;
use crate::config;

/// Networks, or pairs, that are remembered before the quiet ones are forgotten.
const KEYS_MAX: usize = 100_000;
/// Logins of one network under one name that pass at once: somebody who mistypes.
const PAIR_BURST: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
const BLOCKED: &str = "rate_limit_blocked_total";

/// The network of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Network {
    V4([u8; 4]),
    V6([u8; 8]),
}

impl Network {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self::V4(v4.octets()),
            IpAddr::V6(v6) => {
                let bytes = v6.octets();
                Self::V6(*bytes.first_chunk().expect("an address has 16 bytes"))
            }
        }
    }
}

/// Which limit refused a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `POST /api/auth/login` by client network.
    Login,
    /// `POST /api/auth/register` by client network.
    Register,
    /// Everything else by client network, WebSocket upgrades included.
    General,
    /// Logins by client network and name together.
    Pair,
    /// Passwords tried on one account, counted by auth across all edges.
    Account,
}

/// Routes on which auth counts passwords that were tried.
const ACCOUNT_PATHS: [&str; 3] = [LOGIN_PATH, "/api/auth/password", "/api/auth/account"];
const LOGIN_PATH: &str = "/api/auth/login";
const REGISTER_PATH: &str = "/api/auth/register";

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Login, Self::Register, Self::General, Self::Pair, Self::Account];

    /// Its name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Register => "register",
            Self::General => "general",
            Self::Pair => "pair",
            Self::Account => "account",
        }
    }

    /// Whether it can refuse a request to this path.
    #[must_use]
    pub fn guards(self, path: &str) -> bool {
        match self {
            Self::Login | Self::Register | Self::General => {
                self == Self::of(path) && !is_free(path)
            }
            Self::Pair => path == LOGIN_PATH,
            Self::Account => ACCOUNT_PATHS.contains(&path),
        }
    }

    /// The limit of the client network that a path falls under.
    fn of(path: &str) -> Self {
        match path {
            LOGIN_PATH => Self::Login,
            REGISTER_PATH => Self::Register,
            _ => Self::General,
        }
    }
}

/// Health pages are free: whoever asks for them decides whether this process lives.
fn is_free(path: &str) -> bool {
    path.starts_with("/health")
}

/// The limits, shared by every arbiter.
pub struct Limits {
    login: Limiter<Network>,
    register: Limiter<Network>,
    general: Limiter<Network>,
    pair: Limiter<(Network, String)>,
    passwords: Semaphore,
}

struct Limiter<K: Clone + Hash + Eq>(DefaultKeyedRateLimiter<K>);

impl<K: Clone + Hash + Eq> Limiter<K> {
    fn per_second(count: u32) -> Self {
        Self(RateLimiter::keyed(Quota::per_second(at_least_one(count))))
    }

    fn per_minute(count: u32, burst: NonZeroU32) -> Self {
        let quota = Quota::per_minute(at_least_one(count)).allow_burst(burst);
        Self(RateLimiter::keyed(quota))
    }

    /// How many seconds to wait; `None` if the request may pass.
    fn check(&self, key: &K) -> Option<u64> {
        let early = self.0.check_key(key).err()?;
        let wait = early.wait_time_from(DefaultClock::default().now());
        Some((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
    }

    /// Forgets who has been quiet, if there are more than this.
    fn sweep(&self, keys_max: usize) {
        if self.0.len() > keys_max {
            self.0.retain_recent();
            self.0.shrink_to_fit();
        }
    }
}

fn at_least_one(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)
}

impl Limits {
    /// Limits as configured.
    #[must_use]
    pub fn new(config: &config::Limits) -> Self {
        Self {
            login: Limiter::per_second(config.login),
            register: Limiter::per_second(config.register),
            general: Limiter::per_second(config.general),
            pair: Limiter::per_minute(config.pair_per_minute, PAIR_BURST),
            passwords: Semaphore::new(usize::try_from(config.passwords_at_once).unwrap_or(1)),
        }
    }

    /// Refuses what comes too often from one network.
    fn check(&self, path: &str, address: IpAddr) -> Result<(), Problem> {
        let kind = Kind::of(path);
        let limiter = match kind {
            Kind::Login => &self.login,
            Kind::Register => &self.register,
            Kind::General | Kind::Pair | Kind::Account => &self.general,
        };
        let wait_seconds = limiter.check(&Network::of(address));
        wait_seconds.map_or(Ok(()), |seconds| Err(Problem::too_many(kind, seconds)))
    }

    /// Refuses what comes too often from one network for one name, in whichever case.
    pub(super) fn check_pair(&self, address: IpAddr, name: &Username) -> Result<(), Problem> {
        let wait_seconds = self.pair.check(&(Network::of(address), name.folded()));
        wait_seconds.map_or(Ok(()), |seconds| Err(Problem::too_many(Kind::Pair, seconds)))
    }

    /// A place for a password that auth is to look at. Whoever finds none is refused without
    /// a question on the bus: a storm of logins must not take the time of those who talk.
    pub(super) fn password(&self) -> Result<SemaphorePermit<'_>, Problem> {
        self.passwords.try_acquire().map_err(|_| Problem::new(Code::ServiceUnavailable))
    }

    /// Forgets the networks that have been quiet, if there are many.
    pub fn sweep(&self) {
        self.keep(KEYS_MAX);
    }

    fn keep(&self, keys_max: usize) {
        for limiter in [&self.login, &self.register, &self.general] {
            limiter.sweep(keys_max);
        }
        self.pair.sweep(keys_max);
    }
}

/// Refuses what comes too often from one network, and counts whatever any limit refused.
pub async fn limit(
    State(doors): State<Arc<Doors>>,
    ClientIp(address): ClientIp,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if is_free(path) {
        return next.run(request).await;
    }
    let label = path_label(request.extensions().get::<MatchedPath>());
    let response = match doors.limits.check(path, address) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let limiter = response.extensions().get::<Problem>().and_then(|problem| problem.limiter);
    // An answer of the bus may name a limit that does not guard this route: that is no series.
    if let Some(kind) = limiter.filter(|kind| kind.guards(label)) {
        blocked(label, kind).increment(1);
    }
    response
}

/// Describes what is counted here and lets it begin at 0.
pub(super) fn register(paths: &[&'static str]) {
    describe_counter!(BLOCKED, "Requests refused for coming too often.");
    for kind in Kind::ALL {
        for path in paths.iter().filter(|path| kind.guards(path)) {
            blocked(path, kind).absolute(0);
        }
    }
}

fn blocked(path: &'static str, kind: Kind) -> Counter {
    counter!(BLOCKED, "path" => path, "limiter_type" => kind.as_str())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    const LOGIN: &str = LOGIN_PATH;
    const REGISTER: &str = REGISTER_PATH;
    const GENERAL: &str = "/api/chat/me";
    /// At this pace, a second or a minute, whoever asked is quiet again a moment later.
    const FAST: u32 = 60_000_000;

    fn limits() -> Limits {
        Limits::new(&config::Limits {
            login: 5,
            register: 2,
            general: 100,
            pair_per_minute: 2,
            passwords_at_once: 2,
            talk_frames_per_second: 200,
            talk_frames_burst: 1_000,
        })
    }

    fn passed(limits: &Limits, path: &str, address: &str) -> usize {
        let address = address.parse().unwrap();
        (0..200).take_while(|_| limits.check(path, address).is_ok()).count()
    }

    fn passed_as(limits: &Limits, address: &str, name: &str) -> usize {
        let (address, name) = (address.parse().unwrap(), Username::parse(name).unwrap());
        (0..20).take_while(|_| limits.check_pair(address, &name).is_ok()).count()
    }

    #[test]
    fn each_kind_has_its_own_number() {
        let limits = limits();
        assert_eq!(passed(&limits, LOGIN, "203.0.113.9"), 5);
        assert_eq!(passed(&limits, REGISTER, "203.0.113.9"), 2);
        // Time passes between requests, so a fast limit lets a few more through.
        assert!((100..110).contains(&passed(&limits, GENERAL, "203.0.113.9")));
        let refused = limits.check(REGISTER, "203.0.113.9".parse().unwrap()).unwrap_err();
        assert_eq!(refused, Problem::too_many(Kind::Register, 1));
    }

    #[test]
    fn door9_a_password_above_the_limit_finds_no_place_until_another_has_left() {
        let limits = limits();
        let places = [limits.password().unwrap(), limits.password().unwrap()];
        let refused = limits.password().map(drop).unwrap_err();
        assert_eq!(refused, Problem::new(Code::ServiceUnavailable));
        drop(places);
        assert!(limits.password().is_ok());
    }

    #[test]
    fn a_network_is_one_ipv4_address_or_64_bits_of_ipv6() {
        let limits = limits();
        assert_eq!(passed(&limits, REGISTER, "203.0.113.9"), 2);
        assert_eq!(passed(&limits, REGISTER, "::ffff:203.0.113.9"), 0);
        assert_eq!(passed(&limits, REGISTER, "203.0.113.10"), 2);
        assert_eq!(passed(&limits, REGISTER, "2001:db8::1"), 2);
        assert_eq!(passed(&limits, REGISTER, "2001:db8::ffff:1"), 0);
        assert_eq!(passed(&limits, REGISTER, "2001:db8:0:1::1"), 2);
    }

    #[test]
    fn a_pair_is_a_network_and_a_name_in_whichever_case() {
        let limits = limits();
        assert_eq!(passed_as(&limits, "203.0.113.9", "alice"), 5);
        assert_eq!(passed_as(&limits, "203.0.113.9", "ALICE"), 0);
        assert_eq!(passed_as(&limits, "203.0.113.9", "bob"), 5);
        assert_eq!(passed_as(&limits, "203.0.113.10", "alice"), 5);
        let name = Username::parse("alice").unwrap();
        let refused = limits.check_pair("203.0.113.9".parse().unwrap(), &name).unwrap_err();
        assert_eq!(refused, Problem::too_many(Kind::Pair, 30));
    }

    fn remember(limiter: &Limiter<u32>, keys: usize) {
        for key in (0..).take(keys) {
            assert_eq!(limiter.check(&key), None);
        }
        assert_eq!(limiter.0.len(), keys);
    }

    #[test]
    fn the_quiet_ones_are_forgotten_only_where_there_are_too_many() {
        let limiter = Limiter::per_second(FAST);
        remember(&limiter, 100);
        limiter.sweep(100);
        assert_eq!(limiter.0.len(), 100);
        limiter.sweep(99);
        assert!(limiter.0.len() < 100, "the last ones may not be quiet yet");
    }

    #[test]
    fn whoever_is_not_quiet_is_remembered_through_a_sweep() {
        let limiter = Limiter::per_minute(1, NonZeroU32::MIN);
        remember(&limiter, 100);
        limiter.sweep(1);
        assert_eq!(limiter.0.len(), 100);
        assert!(limiter.check(&0).is_some());
    }

    #[test]
    fn a_sweep_covers_every_limit() {
        let limits = Limits::new(&config::Limits {
            login: FAST,
            register: FAST,
            general: FAST,
            pair_per_minute: FAST,
            passwords_at_once: FAST,
            talk_frames_per_second: 200,
            talk_frames_burst: 1_000,
        });
        let name = Username::parse("alice").unwrap();
        for bits in 0..100 {
            let address = Ipv4Addr::from_bits(bits).into();
            for path in [LOGIN, REGISTER, GENERAL] {
                assert_eq!(limits.check(path, address), Ok(()));
            }
            assert_eq!(limits.check_pair(address, &name), Ok(()));
        }
        let remembered = || {
            let networks = [&limits.login, &limits.register, &limits.general];
            let [login, register, general] = networks.map(|limiter| limiter.0.len());
            [login, register, general, limits.pair.0.len()]
        };
        limits.sweep();
        assert_eq!(remembered(), [100; 4], "a hundred are not many");
        limits.keep(99);
        assert!(remembered().iter().all(|keys| *keys < 100), "{:?}", remembered());
    }

    #[test]
    fn a_hundred_thousand_networks_are_many() {
        let limits = limits();
        for bits in 0..=100_000 {
            let _answer = limits.check(GENERAL, Ipv4Addr::from_bits(bits).into());
        }
        limits.sweep();
        assert!(limits.general.0.len() <= KEYS_MAX, "whoever asked first is quiet by now");
    }

    #[test]
    fn what_each_limit_refuses_begins_at_0_for_every_path_that_it_guards() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let paths = [LOGIN, GENERAL, "/health/ready"];
        metrics::with_local_recorder(&recorder, || register(&paths));
        let page = recorder.handle().render();
        let counted: Vec<&str> = page.lines().filter(|line| line.starts_with(BLOCKED)).collect();
        assert_eq!(counted.len(), 4, "{page}");
        for (path, kind) in
            [(LOGIN, "login"), (LOGIN, "pair"), (LOGIN, "account"), (GENERAL, "general")]
        {
            let line = format!(r#"{BLOCKED}{{path="{path}",limiter_type="{kind}"}} 0"#);
            assert!(page.contains(&line), "{line} in {page}");
        }
    }

    #[test]
    fn every_kind_guards_something_and_health_is_free() {
        let guarding = |path: &str| -> Vec<&str> {
            Kind::ALL.into_iter().filter(|kind| kind.guards(path)).map(Kind::as_str).collect()
        };
        assert_eq!(guarding(LOGIN), ["login", "pair", "account"]);
        assert_eq!(guarding(REGISTER), ["register"]);
        assert_eq!(guarding("/api/auth/password"), ["general", "account"]);
        assert_eq!(guarding("/ws/"), ["general"]);
        assert!(guarding("/health/ready").is_empty());
    }
}
