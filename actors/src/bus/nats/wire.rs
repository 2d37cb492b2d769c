//! The protocol of the broker, apart from any socket: what it says is read here, and what is said
//! to it is written here.
//!
//! Reading borrows from the buffer that the bytes came in, and asks for no memory. Everything has a
//! bound. What a broker makes itself has to be right; what it only passes on, subjects and headers,
//! whoever said it may have written as they liked.

use bus_schemas::bus::Outgoing;
use bus_schemas::id::TraceId;
use bus_schemas::limit::BUS_PAYLOAD_BYTES_MAX;
use memchr::{memchr, memchr2};

use crate::bus::{TRACE_HEADER, TRACE_HEADER_BYTES};

/// Longest line of a broker: as long as one that it takes from its clients, and what it adds when
/// it passes that on.
pub const LINE_BYTES_MAX: usize = 4 * 1024 + 64;
/// Longest line in which a broker tells who it is: it lists every broker beside it.
pub const INFO_BYTES_MAX: usize = 64 * 1024;
/// Each line ends with it, and so does each payload.
const END: &[u8] = b"\r\n";
/// What headers begin with.
const HEADERS: &[u8] = b"NATS/1.0";
/// What they begin with when nobody listens.
const NO_RESPONDERS: &[u8] = b"NATS/1.0 503";
/// Digits of a number that is read; none of those that follow from the limits has more.
const DIGITS_MAX: usize = 19;

/// Is it alive?
pub const PING: &[u8] = b"PING\r\n";
/// It is.
pub const PONG: &[u8] = b"PONG\r\n";

/// What a broker says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// Who it is, in JSON.
    Info(&'a [u8]),
    /// What somebody said.
    Message(Message<'a>),
    /// Whether we are there.
    Ping,
    /// That it is.
    Pong,
    /// That it has heard us, which nobody asks of it.
    Fine,
    /// What it has against us.
    Complaint(&'a [u8]),
}

/// A message for a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The number of the subscription.
    pub sid: u64,
    /// Where it was said.
    pub subject: &'a [u8],
    /// Where an answer goes.
    pub reply: Option<&'a [u8]>,
    /// What travels beside the payload; often nothing.
    pub headers: &'a [u8],
    /// What was said.
    pub payload: &'a [u8],
}

/// What stands at the beginning of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read<'a> {
    /// This, in so many bytes.
    Said(Said<'a>, usize),
    /// Something that is not all there yet: it has so many bytes, or more.
    Wants(usize),
}

/// No broker says this, or it is longer than anything may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is none of the broker's language")]
pub struct Garbled;

/// Reads what stands at the beginning.
pub fn read(bytes: &[u8]) -> Result<Read<'_>, Garbled> {
    let Some(line) = first_line(bytes)? else { return Ok(Read::Wants(bytes.len() + 1)) };
    let taken = line.len() + END.len();
    let said = match verb_of(line) {
        (b"MSG", rest) => return with_payload(bytes, taken, &Head::of_plain(rest)?),
        (b"HMSG", rest) => return with_payload(bytes, taken, &Head::of_headed(rest)?),
        (b"PING", _) => Said::Ping,
        (b"PONG", _) => Said::Pong,
        (b"+OK", _) => Said::Fine,
        (b"-ERR", words) => Said::Complaint(unquoted(words)),
        (b"INFO", json) => Said::Info(json),
        _ => return Err(Garbled),
    };
    Ok(Read::Said(said, taken))
}

/// Without its end; `None` if that is still to come.
fn first_line(bytes: &[u8]) -> Result<Option<&[u8]>, Garbled> {
    let bytes_max = if bytes.starts_with(b"INFO ") { INFO_BYTES_MAX } else { LINE_BYTES_MAX };
    let window = &bytes[..bytes.len().min(bytes_max)];
    match memchr(b'\n', window) {
        Some(at) => bytes[..at].strip_suffix(b"\r").map(Some).ok_or(Garbled),
        None if bytes.len() >= bytes_max => Err(Garbled),
        None => Ok(None),
    }
}

fn verb_of(line: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr2(b' ', b'\t', line).unwrap_or(line.len());
    (&line[..end], line[end..].trim_ascii())
}

fn unquoted(words: &[u8]) -> &[u8] {
    words.strip_prefix(b"'").and_then(|words| words.strip_suffix(b"'")).unwrap_or(words)
}

/// The line in front of a payload.
struct Head<'a> {
    subject: &'a [u8],
    sid: u64,
    reply: Option<&'a [u8]>,
    /// Of the headers.
    headers_bytes: usize,
    /// Of both.
    bytes: usize,
}

impl<'a> Head<'a> {
    /// `subject sid [reply] bytes`
    fn of_plain(line: &'a [u8]) -> Result<Self, Garbled> {
        let (words, count) = words(line)?;
        let (reply, bytes) = match count {
            3 => (None, words[2]),
            4 => (Some(words[2]), words[3]),
            _ => return Err(Garbled),
        };
        Self::of([words[0], words[1], b"0", bytes], reply)
    }

    /// `subject sid [reply] headers_bytes bytes`
    fn of_headed(line: &'a [u8]) -> Result<Self, Garbled> {
        let (words, count) = words(line)?;
        let (reply, headers_bytes, bytes) = match count {
            4 => (None, words[2], words[3]),
            5 => (Some(words[2]), words[3], words[4]),
            _ => return Err(Garbled),
        };
        Self::of([words[0], words[1], headers_bytes, bytes], reply)
    }

    fn of(words: [&'a [u8]; 4], reply: Option<&'a [u8]>) -> Result<Self, Garbled> {
        let [subject, sid, headers_bytes, bytes] = words;
        let sid = number(sid).ok_or(Garbled)?;
        let [headers_bytes, bytes] = [headers_bytes, bytes].map(|text| size(text).ok_or(Garbled));
        let (headers_bytes, bytes) = (headers_bytes?, bytes?);
        if headers_bytes > bytes {
            return Err(Garbled);
        }
        Ok(Self { subject, sid, reply, headers_bytes, bytes })
    }
}

/// The words of a line, and how many there are: five at most.
fn words(line: &[u8]) -> Result<([&[u8]; 5], usize), Garbled> {
    let (mut words, mut count, mut rest) = ([&[][..]; 5], 0, line);
    while !rest.is_empty() {
        let end = memchr2(b' ', b'\t', rest).unwrap_or(rest.len());
        if end > 0 {
            *words.get_mut(count).ok_or(Garbled)? = &rest[..end];
            count += 1;
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Ok((words, count))
}

fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > DIGITS_MAX || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(text.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// Of a payload, within what the bus carries.
fn size(text: &[u8]) -> Option<usize> {
    let bytes = usize::try_from(number(text)?).ok()?;
    (bytes <= BUS_PAYLOAD_BYTES_MAX).then_some(bytes)
}

fn with_payload<'a>(bytes: &'a [u8], taken: usize, head: &Head<'a>) -> Result<Read<'a>, Garbled> {
    let end = taken + head.bytes;
    let Some(after) = bytes.get(end..end + END.len()) else {
        return Ok(Read::Wants(end + END.len()));
    };
    if after != END {
        return Err(Garbled);
    }
    let (headers, payload) = bytes[taken..end].split_at(head.headers_bytes);
    let Head { subject, sid, reply, .. } = *head;
    let message = Message { sid, subject, reply, headers, payload };
    Ok(Read::Said(Said::Message(message), end + END.len()))
}

impl Message<'_> {
    /// The broker itself speaks: nobody listens where this reply's question went.
    #[must_use]
    pub fn is_no_responders(&self) -> bool {
        self.headers.starts_with(NO_RESPONDERS)
    }

    /// The trace id beside the payload, if there is one that is well formed.
    #[must_use]
    pub fn trace(&self) -> Option<TraceId> {
        let lines = self.headers.strip_prefix(HEADERS)?;
        let values = lines.split(|byte| *byte == b'\n').filter_map(|line| {
            line.strip_prefix(TRACE_HEADER.as_bytes())?.strip_prefix(b":").map(<[u8]>::trim_ascii)
        });
        TraceId::parse(std::str::from_utf8(values.into_iter().next()?).ok()?)
    }
}

/// Whether subject and reply are single words, which a line of the protocol is made of.
#[must_use]
pub fn may_be_said(message: &Outgoing) -> bool {
    let is_word = |text: &[u8]| text.iter().copied().min().is_some_and(|least| least > b' ');
    let reply = message.reply.as_ref();
    is_word(message.subject.as_bytes()) && reply.is_none_or(|reply| is_word(reply.as_bytes()))
}

/// Everything of a message in front of its payload. After the payload comes [`put_end`].
pub fn put_head(out: &mut Vec<u8>, message: &Outgoing) {
    let trace = message.trace.as_ref().map(TraceId::as_str);
    out.extend_from_slice(if trace.is_some() { b"HPUB " } else { b"PUB " });
    out.extend_from_slice(message.subject.as_bytes());
    out.push(b' ');
    if let Some(reply) = &message.reply {
        out.extend_from_slice(reply.as_bytes());
        out.push(b' ');
    }
    let headers_bytes = trace.map_or(0, |id| TRACE_HEADER_BYTES + id.len());
    if trace.is_some() {
        put_number(out, headers_bytes as u64);
        out.push(b' ');
    }
    put_number(out, (headers_bytes + message.bytes()) as u64);
    put_end(out);
    if let Some(id) = trace {
        for part in [HEADERS, END, TRACE_HEADER.as_bytes(), b": ", id.as_bytes(), END, END] {
            out.extend_from_slice(part);
        }
    }
}

/// What stands behind each line and each payload.
pub fn put_end(out: &mut Vec<u8>) {
    out.extend_from_slice(END);
}

/// From here on a subject is heard, by this number; behind it may stand a space and a group.
pub fn put_subscribe(out: &mut Vec<u8>, sid: u64, wants: &str) {
    out.extend_from_slice(b"SUB ");
    out.extend_from_slice(wants.as_bytes());
    out.push(b' ');
    put_number(out, sid);
    put_end(out);
}

/// From here on it is not.
pub fn put_unsubscribe(out: &mut Vec<u8>, sid: u64) {
    out.extend_from_slice(b"UNSUB ");
    put_number(out, sid);
    put_end(out);
}

fn put_number(out: &mut Vec<u8>, number: u64) {
    let (mut digits, mut at, mut rest) = ([0; 20], 20, number);
    while at == digits.len() || rest > 0 {
        at -= 1;
        digits[at] = b"0123456789"[usize::try_from(rest % 10).unwrap_or_default()];
        rest /= 10;
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
#[path = "wire/tests.rs"]
mod tests;
