//! The addresses of the doors, and whose word about a client's address is taken.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use sha2::{Digest, Sha256};

use super::read::Reader;
use super::variables::{LISTEN, PUBLIC_URL, TRUSTED_PROXIES};

/// Hexadecimal digits of a deployment's name.
const DEPLOYMENT_ID_DIGITS: usize = 32;

/// What the doors need to know.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where the doors listen.
    pub listen: SocketAddr,
    /// Where browsers find them.
    pub public: PublicUrl,
    /// Whose forwarded headers count.
    pub trusted_proxies: Vec<Network>,
}

impl Http {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            listen: reader.read(LISTEN, |text| {
                text.parse().map_err(|_| "expected an address and a port (0.0.0.0:8080)".to_owned())
            }),
            public: reader.read(PUBLIC_URL, PublicUrl::parse),
            trusted_proxies: reader
                .read(TRUSTED_PROXIES, |text| list(text).map(Network::parse).collect()),
        }
    }
}

/// The addresses by which browsers know this deployment; the first is its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origins: Vec<String>,
    /// How many of them were said; the rest are other names of the own machine.
    given: usize,
}

impl PublicUrl {
    /// Reads origins, separated by commas.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut origins = list(text).map(origin).collect::<Result<Vec<_>, _>>()?;
        if origins.is_empty() {
            return Err("expected an address such as https://chat.example.org".to_owned());
        }
        let given = origins.len();
        // A household types whichever of the three comes to mind.
        let loopback: Vec<String> = origins.iter().flat_map(|o| loopback_names(o)).collect();
        origins.extend(loopback);
        Ok(Self { origins, given })
    }

    /// The first address, without a path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.origins.first().map_or("", String::as_str)
    }

    /// The addresses that were said, in their order.
    pub(crate) fn given(&self) -> impl Iterator<Item = &str> {
        self.origins.iter().take(self.given).map(String::as_str)
    }

    /// Whether browsers come over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.as_str().starts_with("https://")
    }

    /// Whether browsers come from the own machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        !loopback_names(self.as_str()).is_empty()
    }

    /// Whether any of the addresses is one that strangers reach: over TLS.
    #[must_use]
    pub fn is_anywhere_https(&self) -> bool {
        self.origins.iter().any(|origin| origin.starts_with("https://"))
    }

    /// Whether an `Origin` header names this deployment.
    #[must_use]
    pub fn is_own(&self, origin: &str) -> bool {
        self.origins.iter().any(|own| own == origin)
    }

    /// A stable public name of this deployment: what two browsers agree to talk over.
    #[must_use]
    pub fn deployment_id(&self) -> String {
        let mut digits = hex::encode(Sha256::digest(self.as_str()));
        digits.truncate(DEPLOYMENT_ID_DIGITS);
        digits
    }
}

/// An address as a browser writes it in an `Origin` header, which it has to be equal to.
fn origin(text: &str) -> Result<String, String> {
    let wrong = || {
        "expected http://HOST or https://HOST without a path, and with a port where it is not the \
         usual one (https://chat.example.org:8443)"
            .to_owned()
    };
    let lower = text.trim_end_matches('/').to_ascii_lowercase();
    let (scheme, place) = lower.split_once("://").ok_or_else(wrong)?;
    let usual_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return Err(wrong()),
    };
    let (host, port) = host_and_port(place).ok_or_else(wrong)?;
    // A browser leaves the port of the scheme out of an origin.
    let port = port.filter(|port| *port != usual_port).map(|port| format!(":{port}"));
    Ok(format!("{scheme}://{host}{}", port.unwrap_or_default()))
}

/// A name or an address, and a port if there is one; `None` for what is neither.
fn host_and_port(place: &str) -> Option<(String, Option<u16>)> {
    // Within brackets colons are no port's.
    let end_of_host = place.find(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match place[end_of_host..].find(':') {
        Some(colon) => place.split_at(end_of_host + colon),
        None => (place, ""),
    };
    let port = match port.strip_prefix(':') {
        Some(digits) => Some(port_number(digits)?),
        None => None,
    };
    Some((canonical_host(host)?, port))
}

fn port_number(digits: &str) -> Option<u16> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| is_number && *port > 0)
}

fn canonical_host(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !host.split('.').all(is_label) {
        return None;
    }
    // A browser takes a name whose last part is a number for an address.
    let last = host.rsplit('.').next()?;
    let is_address = last.bytes().all(|byte| byte.is_ascii_digit());
    if is_address {
        host.parse().ok().map(|ip: Ipv4Addr| ip.to_string())
    } else {
        Some(host.to_owned())
    }
}

fn loopback_names(origin: &str) -> Vec<String> {
    const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
    let Some((scheme, host)) = origin.split_once("://") else { return Vec::new() };
    let port = NAMES.iter().find_map(|name| {
        host.strip_prefix(name).filter(|port| port.is_empty() || port.starts_with(':'))
    });
    port.map_or_else(Vec::new, |port| {
        NAMES.iter().map(|name| format!("{scheme}://{name}{port}")).collect()
    })
}

/// An address and how many of its leading bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `10.0.0.0/8`, or one address.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "expected networks such as 10.0.0.0/8 or fd00::/8".to_owned();
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(bits_max);
        if bits > bits_max {
            return Err(wrong());
        }
        Ok(Self { address, bits })
    }

    /// Whether it is every address there is.
    #[must_use]
    pub const fn is_everybody(&self) -> bool {
        self.bits == 0
    }

    /// Whether an address lies within.
    #[must_use]
    pub fn contains(&self, other: IpAddr) -> bool {
        let (mine, theirs, width) = match (self.address, other) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits().into(), b.to_bits().into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
        };
        let ignored = width - u32::from(self.bits);
        let leading = |bits: u128| bits.checked_shr(ignored).unwrap_or(0);
        leading(mine) == leading(theirs)
    }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_what_shares_its_leading_bits() {
        let within = |network: &str, address: &str| {
            Network::parse(network).unwrap().contains(address.parse().unwrap())
        };
        assert!(within("10.0.0.0/8", "10.255.0.1"));
        assert!(!within("10.0.0.0/8", "11.0.0.1"));
        assert!(within("127.0.0.1", "127.0.0.1"));
        assert!(!within("127.0.0.1", "127.0.0.2"));
        assert!(within("0.0.0.0/0", "203.0.113.9"));
        assert!(within("fd00::/8", "fd12::1"));
        assert!(within("::/0", "fd12::1"));
        assert!(!within("0.0.0.0/0", "::1"));
        assert!(Network::parse("10.0.0.0/33").is_err());
        assert!(Network::parse("ten").is_err());
    }

    #[test]
    fn a_public_url_names_one_deployment_by_its_first_address() {
        let public = PublicUrl::parse("https://Chat.Example.org:443/, https://b.example").unwrap();
        assert_eq!(public.as_str(), "https://chat.example.org");
        assert!(public.is_own("https://chat.example.org") && public.is_own("https://b.example"));
        assert!(!public.is_own("https://chat.example.org.evil.example"));
        assert!(!public.is_own("http://chat.example.org"));
        let alone = PublicUrl::parse("https://chat.example.org").unwrap();
        assert_eq!(public.deployment_id(), alone.deployment_id());
        assert_eq!(public.deployment_id().len(), 32);
        for wrong in ["", "chat.example.org", "ftp://a", "http://", "http://a/b", "http://a b"] {
            assert!(PublicUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_public_url_is_written_as_a_browser_writes_it_or_refused_with_a_sentence_that_helps() {
        for (written, origin) in [
            ("http://a:80", "http://a"),
            ("https://a:443/", "https://a"),
            ("http://a:443", "http://a:443"),
            ("https://A.example:08443", "https://a.example:8443"),
            ("http://10.0.0.1:8080", "http://10.0.0.1:8080"),
            ("http://[fd00:0:0::1]:80", "http://[fd00::1]"),
            ("http://xn--bcher-kva.example", "http://xn--bcher-kva.example"),
        ] {
            let public = PublicUrl::parse(written).unwrap();
            assert_eq!(public.as_str(), origin);
            assert_eq!(PublicUrl::parse(origin).unwrap(), public, "it is its own spelling");
        }
        for wrong in [
            "http://:80",
            "http://a:80:80",
            "http://a:",
            "http://a:0",
            "http://a:65536",
            "http://a:+80",
            "http://a:b",
            "http://.",
            "http://a..b",
            "http://a.",
            "http://[a]",
            "http://[::1",
            "http://::1",
            "http://[::1]x",
            "http://127.1",
            "http://1.2.3.256",
            "http://a]:80",
            "http://[]",
        ] {
            let told = PublicUrl::parse(wrong).expect_err(wrong);
            assert!(told.contains("https://chat.example.org:8443"), "{wrong}: {told}");
        }
    }

    #[test]
    fn the_names_of_the_own_machine_are_one_origin() {
        let public = PublicUrl::parse("http://localhost:8080").unwrap();
        assert!(public.is_own("http://127.0.0.1:8080") && public.is_own("http://[::1]:8080"));
        assert!(!public.is_own("http://127.0.0.1:8081"));
        assert!(!public.is_own("http://localhost.evil.example:8080"));
    }
}
