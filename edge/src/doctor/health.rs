//! Asks the process beside this one whether it is ready, as whoever starts containers does again
//! and again: nothing but its own page is asked, so that it costs next to nothing.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use serde::Deserialize;

use crate::config::variables::{
    AUTH_HTTP_PORT, CHAT_HTTP_PORT, METRICS_ADDRESS, Variable, Variables,
};

/// How long the process may take for each step.
const WAIT: Duration = Duration::from_secs(2);
/// Its answer has some dozens.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// What came of asking at a port.
#[derive(Debug)]
pub(super) struct Asked {
    /// Where.
    pub(super) port: u16,
    /// What.
    pub(super) heard: Heard,
}

/// What somebody said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nobody listens there.
    Nobody,
    /// Whether it is ready.
    Readiness(Readiness),
    /// Something else, or nothing in time.
    Nonsense(String),
}

/// `GET /health/ready`
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Readiness {
    /// Whether it is about to stop.
    pub(super) draining: bool,
    /// What it waits for.
    pub(super) away: Vec<String>,
}

/// Asks at the ports of both kinds of processes: which one runs here need not be said.
pub(super) fn ask(variables: &dyn Variables) -> Vec<Asked> {
    let text = |variable: Variable| {
        let given = variables.get(variable.name).filter(|given| !given.trim().is_empty());
        given.unwrap_or_else(|| variable.default.to_owned())
    };
    let address = here(text(METRICS_ADDRESS).trim().parse().unwrap_or(Ipv4Addr::LOCALHOST.into()));
    let mut ports: Vec<u16> = [CHAT_HTTP_PORT, AUTH_HTTP_PORT]
        .into_iter()
        .filter_map(|variable| text(variable).trim().parse().ok())
        .collect();
    ports.dedup();
    ports.into_iter().map(|port| Asked { port, heard: heard_at((address, port).into()) }).collect()
}

/// Whoever listens everywhere listens here as well.
const fn here(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        IpAddr::V4(_) | IpAddr::V6(_) => address,
    }
}

fn heard_at(address: SocketAddr) -> Heard {
    let line = match TcpStream::connect_timeout(&address, WAIT) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Heard::Nobody,
        Err(error) => return Heard::Nonsense(error.to_string()),
        Ok(line) => line,
    };
    match exchange(line) {
        Err(error) => Heard::Nonsense(error.to_string()),
        Ok(answer) => {
            let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
            serde_json::from_str(body).map_or_else(
                |_| Heard::Nonsense("what answers there is no dhchat".to_owned()),
                Heard::Readiness,
            )
        }
    }
}

fn exchange(mut line: TcpStream) -> io::Result<String> {
    line.set_read_timeout(Some(WAIT))?;
    line.set_write_timeout(Some(WAIT))?;
    line.write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    line.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// Somebody who hears one question and answers it so.
    fn somebody(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut line, _) = listener.accept().unwrap();
            let mut question = [0; 512];
            let heard = line.read(&mut question).unwrap();
            assert!(question[..heard].starts_with(b"GET /health/ready "));
            line.write_all(answer.as_bytes()).unwrap();
        });
        address
    }

    #[test]
    fn what_is_said_is_told_apart() {
        let busy = "HTTP/1.1 503 Service Unavailable\r\n\r\n\
                    {\"status\":\"unavailable\",\"draining\":false,\"away\":[\"bus\"]}";
        let readiness = Readiness { draining: false, away: vec!["bus".to_owned()] };
        assert_eq!(heard_at(somebody(busy)), Heard::Readiness(readiness));
        for strange in ["HTTP/1.1 200 OK\r\n\r\nok", "", "SSH-2.0-house\r\n"] {
            assert!(matches!(heard_at(somebody(strange)), Heard::Nonsense(_)), "{strange}");
        }
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(heard_at(nobody), Heard::Nobody);
    }

    #[test]
    fn whoever_listens_everywhere_is_asked_here() {
        for (given, asked) in [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("10.0.0.9", "10.0.0.9")] {
            assert_eq!(here(given.parse().unwrap()), asked.parse::<IpAddr>().unwrap());
        }
    }
}
