//! What a broker alone can do: publish and subscribe, question and answer, with clients that write
//! its protocol by hand and know how long each line is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use serde_json::json;

use crate::clock::Clock;
use crate::latency::Latency;
use crate::measure::Measure;
use crate::number;
use crate::servers::Broker;
use crate::usage;
use crate::workload::each_us;

const BYTES: usize = 256;
/// Messages that are written in one go.
const AT_ONCE: usize = 128;
/// Messages that may be under way: the broker cuts whoever is far behind.
const UNDER_WAY_MAX: u64 = 32_768;
const WAIT: Duration = Duration::from_secs(10);

/// Both for so long each.
pub(crate) fn run(broker: &Broker, lasts: Duration) -> Result<Vec<Measure>> {
    let mut measures = stream(broker, lasts)?;
    measures.push(ask(broker, lasts)?);
    Ok(measures)
}

struct Client(BufReader<TcpStream>);

impl Client {
    fn open(port: u16) -> Result<Self> {
        let tcp = TcpStream::connect(("127.0.0.1", port))?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(WAIT))?;
        let mut client = Self(BufReader::with_capacity(256 * 1024, tcp));
        client.say(b"CONNECT {\"verbose\":false,\"pedantic\":false}\r\n")?;
        client.flush()?;
        Ok(client)
    }

    fn say(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.0.get_mut().write_all(bytes)?)
    }

    /// Returns when the broker has done whatever it was told.
    fn flush(&mut self) -> Result<()> {
        self.say(b"PING\r\n")?;
        while self.line()? != "PONG\r\n" {}
        Ok(())
    }

    /// The first byte of the next message. The broker asks within a second whether we are there.
    fn hear(&mut self) -> Result<u8> {
        while !self.line()?.starts_with("MSG ") {}
        let mut payload = [0; BYTES + 2];
        self.0.read_exact(&mut payload)?;
        Ok(payload[0])
    }

    /// The next line; a question whether we are there is answered.
    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.0.read_line(&mut line)? > 0, "the broker has hung up");
        ensure!(!line.starts_with("-ERR"), "the broker complains: {line}");
        if line == "PING\r\n" {
            self.say(b"PONG\r\n")?;
        }
        Ok(line)
    }
}

fn publication(subject: &str, reply: &str) -> Vec<u8> {
    let space = if reply.is_empty() { "" } else { " " };
    let mut bytes = format!("PUB {subject} {reply}{space}{BYTES}\r\n").into_bytes();
    bytes.extend([7; BYTES]);
    bytes.extend(b"\r\n");
    bytes
}

/// How many bytes a subscriber reads for one message.
fn message_bytes(subject: &str) -> usize {
    format!("MSG {subject} 1 {BYTES}\r\n").len() + BYTES + 2
}

/// One who says as much as goes, and one who listens.
fn stream(broker: &Broker, lasts: Duration) -> Result<Vec<Measure>> {
    let heard = Arc::new(AtomicU64::new(0));
    let [enough_heard, enough_said] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
    let mut subscriber = Client::open(broker.port)?;
    subscriber.say(b"SUB raw.s 1\r\n")?;
    subscriber.flush()?;
    let (count, over) = (Arc::clone(&heard), Arc::clone(&enough_heard));
    let listening = thread::spawn(move || listen(subscriber, &count, &over));
    let mut publisher = Client::open(broker.port)?;
    let (count, over) = (Arc::clone(&heard), Arc::clone(&enough_said));
    let speaking = thread::spawn(move || -> Result<()> {
        let batch = publication("raw.s", "").repeat(AT_ONCE);
        let mut said = 0;
        while !over.load(Ordering::Relaxed) {
            let under_way = u64::saturating_sub(said, count.load(Ordering::Relaxed));
            if under_way < UNDER_WAY_MAX {
                publisher.say(&batch)?;
                said += u64::try_from(AT_ONCE)?;
            } else {
                thread::yield_now();
            }
        }
        Ok(())
    });
    thread::sleep(lasts / 4);
    let pid = [broker.process.pid()];
    let (before, from, begun) = (usage::cpu(&pid)?, heard.load(Ordering::Relaxed), Instant::now());
    thread::sleep(lasts);
    let cpu = usage::cpu(&pid)?.saturating_sub(before);
    let (count, took) = (heard.load(Ordering::Relaxed) - from, begun.elapsed());
    // Whoever listens ends first: with nothing more to read it would wait.
    for (is_over, thread) in [(enough_heard, listening), (enough_said, speaking)] {
        is_over.store(true, Ordering::Relaxed);
        thread.join().map_err(|_| anyhow!("a thread panicked"))??;
    }
    let rate = number::of(count) / took.as_secs_f64();
    let cpu = each_us(cpu, count);
    Ok(vec![
        Measure::new("raw-nats-rate", "messages/s", rate, json!({ "bytes": BYTES })),
        Measure::new("raw-nats-cpu", "cpu-us/message", cpu, json!({ "count": count })),
    ])
}

fn listen(mut subscriber: Client, heard: &AtomicU64, is_over: &AtomicBool) -> Result<()> {
    let each = u64::try_from(message_bytes("raw.s"))?;
    let (mut buffer, mut bytes) = (vec![0; 256 * 1024], 0);
    while !is_over.load(Ordering::Relaxed) {
        let read = subscriber.0.read(&mut buffer)?;
        ensure!(read > 0, "the broker has hung up");
        bytes += u64::try_from(read)?;
        heard.store(bytes / each, Ordering::Relaxed);
    }
    Ok(())
}

/// One who asks and one who answers.
fn ask(broker: &Broker, lasts: Duration) -> Result<Measure> {
    let mut answerer = Client::open(broker.port)?;
    answerer.say(b"SUB raw.q 1\r\n")?;
    answerer.flush()?;
    let answering = thread::spawn(move || -> Result<()> {
        let answer = publication("raw.a", "");
        // The last one begins with nothing.
        while answerer.hear()? != 0 {
            answerer.say(&answer)?;
        }
        Ok(())
    });
    let mut asker = Client::open(broker.port)?;
    asker.say(b"SUB raw.a 1\r\n")?;
    asker.flush()?;
    let mut question = publication("raw.q", "raw.a");
    let (clock, mut latency, begun) = (Clock::start(), Latency::new()?, Instant::now());
    while begun.elapsed() < lasts {
        let from = clock.now();
        asker.say(&question)?;
        asker.hear()?;
        latency.record(from, clock.now());
    }
    let first = question.len() - BYTES - 2;
    question[first] = 0;
    asker.say(&question)?;
    answering.join().map_err(|_| anyhow!("the answerer panicked"))??;
    Ok(Measure::new("raw-nats-ask-p50", "us", latency.quantile_us(0.5), latency.summary()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_and_read_is_as_long_as_the_protocol_says() {
        let said = publication("raw.q", "raw.a");
        assert!(said.starts_with(b"PUB raw.q raw.a 256\r\n"));
        assert_eq!(said.len(), 21 + 256 + 2);
        assert!(publication("raw.s", "").starts_with(b"PUB raw.s 256\r\n"));
        assert_eq!(message_bytes("raw.s"), "MSG raw.s 1 256\r\n".len() + 258);
    }
}
