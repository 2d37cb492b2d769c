//! How often a client network may ask: logins, registrations, everything else.
//!
//! A network is an IPv4 address or an IPv6 /64: whoever has one address of a /64 has them all.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::Doors;
use super::extract::ClientIp;
use super::metrics::path_label;
use super::problem::Problem;
use crate::config;

/// Networks that are remembered before the quiet ones are forgotten.
const NETWORKS_MAX: usize = 100_000;

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

/// Which limit a request falls under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `POST /api/auth/login`.
    Login,
    /// `POST /api/auth/register`.
    Register,
    /// Everything else, WebSocket upgrades included.
    General,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Login, Self::Register, Self::General];

    /// Its name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Register => "register",
            Self::General => "general",
        }
    }

    fn of(path: &str) -> Self {
        match path {
            "/api/auth/login" => Self::Login,
            "/api/auth/register" => Self::Register,
            _ => Self::General,
        }
    }
}

/// The three limits, shared by every arbiter.
pub struct Limits {
    login: Limiter,
    register: Limiter,
    general: Limiter,
}

struct Limiter(DefaultKeyedRateLimiter<Network>);

impl Limiter {
    fn per_second(count: u32) -> Self {
        let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        Self(RateLimiter::keyed(Quota::per_second(count)))
    }

    /// How many seconds to wait; `None` if the request may pass.
    fn check(&self, network: Network) -> Option<u64> {
        let early = self.0.check_key(&network).err()?;
        let wait = early.wait_time_from(DefaultClock::default().now());
        Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }
}

impl Limits {
    /// Limits as configured.
    #[must_use]
    pub fn new(config: &config::Limits) -> Self {
        Self {
            login: Limiter::per_second(config.login),
            register: Limiter::per_second(config.register),
            general: Limiter::per_second(config.general),
        }
    }

    /// How many seconds this client has to wait; `None` if the request may pass.
    #[must_use]
    pub fn check(&self, kind: Kind, address: IpAddr) -> Option<u64> {
        let limiter = match kind {
            Kind::Login => &self.login,
            Kind::Register => &self.register,
            Kind::General => &self.general,
        };
        limiter.check(Network::of(address))
    }

    /// Forgets the networks that have been quiet, if there are many.
    pub fn sweep(&self) {
        for Limiter(limiter) in [&self.login, &self.register, &self.general] {
            if limiter.len() > NETWORKS_MAX {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
    }
}

/// Refuses what comes too often. Health pages are free: whoever asks for them decides whether
/// this process lives.
pub async fn limit(
    State(doors): State<Arc<Doors>>,
    ClientIp(address): ClientIp,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if path.starts_with("/health") {
        return next.run(request).await;
    }
    let kind = Kind::of(path);
    let Some(wait_seconds) = doors.limits.check(kind, address) else {
        return next.run(request).await;
    };
    let path = path_label(request.extensions().get::<MatchedPath>());
    metrics::counter!("rate_limit_blocked_total", "path" => path, "limiter_type" => kind.as_str())
        .increment(1);
    Problem::too_many(wait_seconds.max(1)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits::new(&config::Limits {
            login: 5,
            register: 2,
            general: 100,
            talk_frames_per_second: 200,
            talk_frames_burst: 1_000,
        })
    }

    fn passed(limits: &Limits, kind: Kind, address: &str) -> usize {
        let address = address.parse().unwrap();
        (0..200).take_while(|_| limits.check(kind, address).is_none()).count()
    }

    #[test]
    fn each_kind_has_its_own_number() {
        let limits = limits();
        assert_eq!(passed(&limits, Kind::Login, "203.0.113.9"), 5);
        assert_eq!(passed(&limits, Kind::Register, "203.0.113.9"), 2);
        // Time passes between requests, so a fast limit lets a few more through.
        assert!((100..110).contains(&passed(&limits, Kind::General, "203.0.113.9")));
        assert_eq!(limits.check(Kind::Register, "203.0.113.9".parse().unwrap()), Some(1));
    }

    #[test]
    fn a_network_is_one_ipv4_address_or_64_bits_of_ipv6() {
        let limits = limits();
        assert_eq!(passed(&limits, Kind::Register, "203.0.113.9"), 2);
        assert_eq!(passed(&limits, Kind::Register, "::ffff:203.0.113.9"), 0);
        assert_eq!(passed(&limits, Kind::Register, "203.0.113.10"), 2);
        assert_eq!(passed(&limits, Kind::Register, "2001:db8::1"), 2);
        assert_eq!(passed(&limits, Kind::Register, "2001:db8::ffff:1"), 0);
        assert_eq!(passed(&limits, Kind::Register, "2001:db8:0:1::1"), 2);
    }
}
