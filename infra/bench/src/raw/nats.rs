//! What a broker alone can do: publish and subscribe, question and answer, with clients that write
//! its protocol by hand and know how long each line is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::json;

use crate::clock::Clock;
use crate::latency::Latency;
use crate::measure::Measure;
use crate::number;
use crate::servers::Broker;
use crate::usage;
use crate::workload::each_us;

const BYTES: usize = 256;
/// What the envelope of a word adds, more or less.
const ENVELOPE_BYTES: usize = 104;
/// Users to whom the house says something.
const USERS: usize = 512;
/// As many as talk when 8 pairs do.
const FEW_USERS: usize = 16;
/// Where an edge wants to hear that nobody was there.
const BOUNCE: &str = "chat.bounce.00000000000000000000000000000007.1000002f.1a";
/// Of subscriptions: all have as many digits, so each message is as long as any other.
const FIRST_NUMBER: u32 = 1_000;
/// Messages that are written in one go.
const AT_ONCE: usize = 128;
/// Messages that may be under way: the broker cuts whoever is far behind.
const UNDER_WAY_MAX: u64 = 32_768;
const WAIT: Duration = Duration::from_secs(10);
const INTRODUCTION: &str = "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n";
/// As an edge of the house, with the password that the bench gives that role.
const EDGE_INTRODUCTION: &str = "CONNECT {\"user\":\"edge\",\"pass\":\"edge-password\",\
    \"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true}\r\n";

/// Both for so long each.
pub(crate) fn run(broker: &Broker, lasts: Duration) -> Result<Vec<Measure>> {
    let mut measures = stream(broker, &Shape::short(), lasts)?;
    measures.push(ask(broker, lasts)?);
    Ok(measures)
}

/// What the broker of the house needs for a message that looks like a word: to one of many users,
/// with its envelope and where a refusal goes, from somebody who may not say everything. Then with
/// less of it, which shows what the rest costs: to one of a few, whom its caches hold, and to them
/// with nowhere for a refusal to go.
pub(crate) fn run_like_words(broker: &Broker, lasts: Duration) -> Result<Vec<Measure>> {
    let shapes = [
        Shape::of_words("raw-words", USERS, BOUNCE),
        Shape::of_words("raw-words-few", FEW_USERS, BOUNCE),
        Shape::of_words("raw-words-few-unrefused", FEW_USERS, ""),
    ];
    let found = shapes.iter().map(|shape| stream(broker, shape, lasts));
    Ok(found.collect::<Result<Vec<_>>>()?.concat())
}

/// What is said, and as whom.
struct Shape {
    name: &'static str,
    subjects: Vec<String>,
    reply: String,
    bytes: usize,
    introduction: &'static str,
}

impl Shape {
    fn short() -> Self {
        let (subjects, reply) = (vec!["raw.s".to_owned()], String::new());
        Self { name: "raw-nats", subjects, reply, bytes: BYTES, introduction: INTRODUCTION }
    }

    fn of_words(name: &'static str, users: usize, reply: &str) -> Self {
        Self {
            name,
            subjects: (0..users).map(|n| format!("chat.peer.{n:032x}")).collect(),
            reply: reply.to_owned(),
            bytes: BYTES + ENVELOPE_BYTES,
            introduction: EDGE_INTRODUCTION,
        }
    }

    /// One message after the other, to each in turn.
    fn batches(&self) -> Vec<Vec<u8>> {
        let said = |subject: &String| publication(subject, &self.reply, self.bytes);
        let all: Vec<Vec<u8>> = self.subjects.iter().cycle().take(USERS).map(said).collect();
        all.chunks(AT_ONCE).map(<[Vec<u8>]>::concat).collect()
    }
}

struct Client(BufReader<TcpStream>);

impl Client {
    fn open(port: u16) -> Result<Self> {
        Self::introduced(port, INTRODUCTION)
    }

    fn introduced(port: u16, introduction: &str) -> Result<Self> {
        let tcp = TcpStream::connect(("127.0.0.1", port))?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(WAIT))?;
        let mut client = Self(BufReader::with_capacity(256 * 1024, tcp));
        client.say(introduction.as_bytes())?;
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

fn publication(subject: &str, reply: &str, bytes: usize) -> Vec<u8> {
    let space = if reply.is_empty() { "" } else { " " };
    let mut said = format!("PUB {subject} {reply}{space}{bytes}\r\n").into_bytes();
    said.extend(std::iter::repeat_n(7, bytes));
    said.extend(b"\r\n");
    said
}

/// How many bytes a subscriber reads for one message.
fn message_bytes(subject: &str, reply: &str, bytes: usize) -> usize {
    let space = if reply.is_empty() { "" } else { " " };
    format!("MSG {subject} {FIRST_NUMBER} {reply}{space}{bytes}\r\n").len() + bytes + 2
}

/// One who says as much as goes, and one who listens.
fn stream(broker: &Broker, shape: &Shape, lasts: Duration) -> Result<Vec<Measure>> {
    let heard = Arc::new(AtomicU64::new(0));
    let [enough_heard, enough_said] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
    let mut subscriber = Client::introduced(broker.port, shape.introduction)?;
    for (number, subject) in (FIRST_NUMBER..).zip(&shape.subjects) {
        subscriber.say(format!("SUB {subject} {number}\r\n").as_bytes())?;
    }
    subscriber.flush()?;
    let (count, over) = (Arc::clone(&heard), Arc::clone(&enough_heard));
    let each =
        message_bytes(shape.subjects.first().context("a subject")?, &shape.reply, shape.bytes);
    let listening = thread::spawn(move || listen(subscriber, each, &count, &over));
    let mut publisher = Client::introduced(broker.port, shape.introduction)?;
    let (count, over) = (Arc::clone(&heard), Arc::clone(&enough_said));
    let batches = shape.batches();
    let speaking = thread::spawn(move || -> Result<()> {
        let mut said = 0;
        let mut batches = batches.iter().cycle();
        while !over.load(Ordering::Relaxed) {
            let under_way = u64::saturating_sub(said, count.load(Ordering::Relaxed));
            if under_way < UNDER_WAY_MAX {
                publisher.say(batches.next().context("a batch")?)?;
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
    let (rate_name, cpu_name) = (format!("{}-rate", shape.name), format!("{}-cpu", shape.name));
    Ok(vec![
        Measure::new(&rate_name, "messages/s", rate, json!({ "bytes": shape.bytes })),
        Measure::new(&cpu_name, "cpu-us/message", cpu, json!({ "count": count })),
    ])
}

fn listen(
    mut subscriber: Client,
    each: usize,
    heard: &AtomicU64,
    is_over: &AtomicBool,
) -> Result<()> {
    let each = u64::try_from(each)?;
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
        let answer = publication("raw.a", "", BYTES);
        // The last one begins with nothing.
        while answerer.hear()? != 0 {
            answerer.say(&answer)?;
        }
        Ok(())
    });
    let mut asker = Client::open(broker.port)?;
    asker.say(b"SUB raw.a 1\r\n")?;
    asker.flush()?;
    let mut question = publication("raw.q", "raw.a", BYTES);
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
        let said = publication("raw.q", "raw.a", 256);
        assert!(said.starts_with(b"PUB raw.q raw.a 256\r\n"));
        assert_eq!(said.len(), 21 + 256 + 2);
        assert!(publication("raw.s", "", 256).starts_with(b"PUB raw.s 256\r\n"));
        assert_eq!(message_bytes("raw.s", "", 256), "MSG raw.s 1000 256\r\n".len() + 258);
        assert_eq!(message_bytes("a", "b", 9), "MSG a 1000 b 9\r\n".len() + 11);
    }
}
