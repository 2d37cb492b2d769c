//! What a broker says. It means the same however the network cuts it, nothing is waited for beyond
//! a bound, and what is heard is what was there.

use actors::bus::nats::wire::{Garbled, INFO_BYTES_MAX, LINE_BYTES_MAX, Message, Read, Said, read};
use bus_schemas::limit::BUS_PAYLOAD_BYTES_MAX;

/// The first byte says into how large pieces the others are cut.
pub fn broker(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let whole = heard(bytes, bytes.len().max(1));
    let step = 1 + usize::from(*first);
    assert_eq!(whole, heard(bytes, step), "cut into pieces of {step}");
}

/// What is heard, in words, and whether it ended in nonsense.
fn heard(bytes: &[u8], step: usize) -> (Vec<String>, bool) {
    let (mut words, mut buffer, mut wants) = (Vec::new(), Vec::new(), 0);
    for piece in bytes.chunks(step) {
        buffer.extend_from_slice(piece);
        if buffer.len() < wants {
            continue;
        }
        loop {
            match read(&buffer) {
                Ok(Read::Said(said, taken)) => {
                    assert!(0 < taken && taken <= buffer.len());
                    words.push(in_words(&buffer[..taken], &said));
                    buffer.drain(..taken);
                }
                Ok(Read::Wants(bytes)) => {
                    let bytes_max = BUS_PAYLOAD_BYTES_MAX + LINE_BYTES_MAX + 2;
                    assert!(buffer.len() < bytes && bytes <= bytes_max.max(INFO_BYTES_MAX));
                    wants = bytes;
                    break;
                }
                Err(Garbled) => return (words, true),
            }
        }
    }
    (words, false)
}

fn in_words(whole: &[u8], said: &Said<'_>) -> String {
    if let Said::Message(message) = said {
        is_part_of_it(whole, message);
    }
    format!("{said:?}")
}

/// Each part stands in what was read, and the sizes are those that were told.
fn is_part_of_it(whole: &[u8], message: &Message<'_>) {
    assert!(
        whole.ends_with(b"\r\n")
            && whole.starts_with(if message.headers.is_empty() { &b""[..] } else { b"HMSG" })
    );
    let reply = message.reply.unwrap_or(b"-");
    for word in [message.subject, reply] {
        assert!(!word.is_empty() && !word.contains(&b' ') && !word.contains(&b'\n'));
    }
    let behind = [message.headers, message.payload, b"\r\n"].concat();
    assert!(whole.ends_with(&behind));
    let line = &whole[..whole.len() - behind.len()];
    assert!(line.ends_with(b"\r\n") && line.len() <= LINE_BYTES_MAX);
    // Whatever the headers are, asking for what is in them does no harm.
    if let Some(trace) = message.trace() {
        let told = String::from_utf8_lossy(message.headers).into_owned();
        assert!(told.contains(trace.as_str()) && told.starts_with("NATS/1.0"));
    }
    assert!(!message.is_no_responders() || message.headers.starts_with(b"NATS/1.0 503"));
}
