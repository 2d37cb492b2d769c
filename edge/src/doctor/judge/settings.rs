//! Settings that can be used, and are not wise.

use super::super::report::{Finding, Part};
use crate::config::{Capture, Command, Config, Network};

/// What there is to say about the settings.
pub(super) fn configuration(config: &Config) -> Vec<Finding> {
    let part = Part::Configuration;
    let mut findings = Vec::new();
    if has_doors(config) {
        findings.extend(doors(config));
    }
    if config
        .bus
        .url
        .as_ref()
        .is_some_and(|url| config.bus.ca_file.is_none() && is_open(url.expose()))
    {
        let says = "the broker is on another machine, and nothing hides what is said to it";
        findings.push(Finding::careful(part, says, "tls:// in DHCHAT_BUS_URL (nats/README.md)"));
    }
    if config.capture == Capture::Allowed {
        let says = "developers may record this edge";
        findings.push(Finding::careful(part, says, "DHCHAT_CAPTURE=refused where people talk"));
    }
    if findings.is_empty() {
        findings.push(Finding::good(part, format!("{} can be started so", config.command.name())));
    }
    findings
}

/// Whether browsers come in here.
pub(super) const fn has_doors(config: &Config) -> bool {
    matches!(config.command, Command::Serve | Command::Edge)
}

/// What only matters where browsers come in.
fn doors(config: &Config) -> Vec<Finding> {
    let (part, http) = (Part::Configuration, &config.http);
    let mut findings = Vec::new();
    if !http.public.is_https() && !http.public.is_local() {
        let says = "browsers give a page no cryptography at an address without TLS";
        findings.push(Finding::wrong(part, says, "https:// in DHCHAT_PUBLIC_URL, TLS in front"));
    }
    if http.public.is_https() && http.trusted_proxies.is_empty() {
        let says = "TLS ends at a proxy whose word is not believed: all clients count as one, and \
                    share the limits of one";
        findings.push(Finding::careful(part, says, "its network in DHCHAT_TRUSTED_PROXIES"));
    }
    if http.trusted_proxies.iter().any(Network::is_everybody) {
        let says = "everybody's word about addresses is believed: no limit holds";
        findings.push(Finding::wrong(part, says, "only proxies in DHCHAT_TRUSTED_PROXIES"));
    }
    findings
}

/// Whether passwords and ciphertext go to another machine in the clear.
fn is_open(urls: &str) -> bool {
    let host = |url: &str| {
        let rest = url.trim().strip_prefix("nats://")?;
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        Some(place.rsplit_once(':').map_or(place, |(host, _)| host).to_owned())
    };
    let is_here = |host: &str| ["localhost", "[::1]"].contains(&host) || host.starts_with("127.");
    urls.split(',').filter_map(host).any(|host| !is_here(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doc3_a_broker_on_this_machine_or_over_tls_is_no_open_wire() {
        for (urls, open) in [
            ("nats://edge:a@127.0.0.1:4222", false),
            ("nats://localhost", false),
            ("tls://edge:a@nats-1:4222, tls://nats-2", false),
            ("nats://edge:a%40@nats-1:4222", true),
            ("tls://nats-1,nats://nats-2", true),
        ] {
            assert_eq!(is_open(urls), open, "{urls}");
        }
    }
}
