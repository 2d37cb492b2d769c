//! What a broker says is understood whatever pieces it comes in, and nothing else is.

use bus_schemas::topic::Subject;
use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Everything that a broker says, one behind the other.
const TALK: &[u8] = b"INFO {\"max_payload\":2097152}\r\n+OK\r\nPING\r\nPONG\r\n\
    MSG a.b 7 5\r\nhello\r\nMSG\ta.b  8 _INBOX.edge.1 0\r\n\r\n\
    HMSG a.b 9 _INBOX.edge.2 16 16\r\nNATS/1.0 503\r\n\r\n\r\n\
    HMSG a.b 10 39 44\r\nNATS/1.0\r\nX-Trace-ID: abcdefgh-1234\r\n\r\nhello\r\n\
    -ERR 'Permissions Violation for Publish to \"a.b\"'\r\n";

fn message<'a>(
    sid: u64,
    reply: Option<&'a [u8]>,
    headers: &'a [u8],
    payload: &'a [u8],
) -> Said<'a> {
    Said::Message(Message { sid, subject: b"a.b", reply, headers, payload })
}

/// Everything in these bytes, and how many are left.
fn all(bytes: &[u8]) -> Result<(Vec<Said<'_>>, usize), Garbled> {
    let (mut said, mut at) = (Vec::new(), 0);
    loop {
        match read(&bytes[at..])? {
            Read::Wants(more) => {
                assert!(more > bytes.len() - at, "it wants what is not there");
                return Ok((said, bytes.len() - at));
            }
            Read::Said(next, taken) => {
                assert!(taken > 0 && at + taken <= bytes.len());
                said.push(next);
                at += taken;
            }
        }
    }
}

#[test]
fn bus27_everything_that_a_broker_says_is_understood() {
    let (said, left) = all(TALK).unwrap();
    let traced = b"NATS/1.0\r\nX-Trace-ID: abcdefgh-1234\r\n\r\n";
    let expected = [
        Said::Info(b"{\"max_payload\":2097152}"),
        Said::Fine,
        Said::Ping,
        Said::Pong,
        message(7, None, b"", b"hello"),
        message(8, Some(b"_INBOX.edge.1"), b"", b""),
        message(9, Some(b"_INBOX.edge.2"), b"NATS/1.0 503\r\n\r\n", b""),
        message(10, None, traced, b"hello"),
        Said::Complaint(b"Permissions Violation for Publish to \"a.b\""),
    ];
    assert_eq!((said, left), (expected.to_vec(), 0));
}

#[test]
fn bus27_whatever_pieces_it_comes_in() {
    let (whole, _) = all(TALK).unwrap();
    for end in 0..TALK.len() {
        let (said, left) = all(&TALK[..end]).unwrap();
        assert_eq!(said, whole[..said.len()], "{end} bytes");
        let (later, _) = all(&TALK[end - left..]).unwrap();
        assert_eq!(later, whole[said.len()..], "after {end} bytes");
    }
}

#[test]
fn bus27_what_is_none_of_its_language_or_too_long_is_refused() {
    let long = |verb: &str, bytes| [verb.as_bytes(), &vec![b'a'; bytes]].concat();
    for garbled in [
        b"HELLO\r\n".to_vec(),
        b"\r\n".to_vec(),
        b"PING\n".to_vec(),
        b"MSG a.b 1\r\n".to_vec(),
        b"MSG a.b 1 2 3 4 5\r\n".to_vec(),
        b"MSG a.b one 5\r\nhello\r\n".to_vec(),
        b"MSG a.b 1 -5\r\nhello\r\n".to_vec(),
        b"MSG a.b 1 5\r\nhello, world\r\n".to_vec(),
        b"MSG a.b 99999999999999999999 5\r\nhello\r\n".to_vec(),
        format!("MSG a.b 1 {}\r\n", BUS_PAYLOAD_BYTES_MAX + 1).into_bytes(),
        b"MSG a.b 1 18446744073709551615\r\n".to_vec(),
        b"HMSG a.b 1 6 5\r\nhello\r\n".to_vec(),
        long("MSG ", LINE_BYTES_MAX),
        long("INFO ", INFO_BYTES_MAX),
    ] {
        let shown = String::from_utf8_lossy(&garbled[..garbled.len().min(60)]).into_owned();
        assert_eq!(read(&garbled), Err(Garbled), "{shown}");
    }
    let largest = format!("MSG a.b 1 {BUS_PAYLOAD_BYTES_MAX}\r\n").into_bytes();
    let bytes = largest.len() + BUS_PAYLOAD_BYTES_MAX + 2;
    assert_eq!(read(&largest), Ok(Read::Wants(bytes)));
    // Some brokers have many others to tell of.
    assert!(read(&long("INFO ", LINE_BYTES_MAX + 1)).is_ok());
}

#[test]
fn bus7_a_trace_id_is_found_among_other_headers_or_there_is_none() {
    let trace = |headers: &str| {
        let headers = headers.as_bytes();
        Message { sid: 1, subject: b"a", reply: None, headers, payload: b"" }.trace()
    };
    let found =
        trace("NATS/1.0\r\nOther: x\r\nX-Trace-ID:abcdefgh\r\nX-Trace-ID: second-one\r\n\r\n");
    assert_eq!(found.unwrap().as_str(), "abcdefgh");
    for none in
        ["", "NATS/1.0\r\n\r\n", "NATS/1.0\r\nX-Trace-ID: a b\r\n\r\n", "X-Trace-ID: abcdefgh"]
    {
        assert!(trace(none).is_none(), "{none}");
    }
}

#[test]
fn bus27_only_words_become_part_of_a_line() {
    let outgoing = |subject: &str, reply: Option<&str>| Outgoing {
        subject: Subject::received(subject),
        reply: reply.map(Subject::received),
        trace: None,
        payload: Bytes::new(),
        body: Bytes::new(),
    };
    assert!(may_be_said(&outgoing("a.b", Some("a.c"))));
    for (subject, reply) in [("", None), ("a b", None), ("a", Some("")), ("a", Some("b\r\nPING"))] {
        assert!(!may_be_said(&outgoing(subject, reply)), "{subject:?} {reply:?}");
    }
}

#[test]
fn bus27_numbers_are_written_as_they_are_read() {
    for n in [0, 1, 9, 10, 1_234_567_890, 999_999_999_999_999_999] {
        let mut out = Vec::new();
        put_number(&mut out, n);
        assert_eq!(out, n.to_string().into_bytes());
        assert_eq!(number(&out), Some(n));
    }
}

#[test]
fn bus7_what_is_said_is_what_others_hear() {
    let trace = TraceId::parse("abcdefgh-1234");
    let (subject, reply) = (Subject::received("a.b"), Some(Subject::received("c")));
    let mut out = Vec::new();
    let (payload, body) = (Bytes::from_static(b"he"), Bytes::from_static(b"llo"));
    let plain = Outgoing { subject, reply, trace: None, payload, body };
    put_head(&mut out, &plain);
    assert_eq!(out, b"PUB a.b c 5\r\n");
    out.clear();
    put_head(&mut out, &Outgoing { trace, reply: None, ..plain });
    assert_eq!(out, b"HPUB a.b 39 44\r\nNATS/1.0\r\nX-Trace-ID: abcdefgh-1234\r\n\r\n");
    out.clear();
    put_subscribe(&mut out, 12, "a.* auth");
    put_subscribe(&mut out, 13, "a.b");
    put_unsubscribe(&mut out, 12);
    assert_eq!(out, b"SUB a.* auth 12\r\nSUB a.b 13\r\nUNSUB 12\r\n");
}

proptest! {
    #[test]
    fn bus27_any_bytes_are_read_or_refused_and_more_of_them_change_nothing(
        bytes in vec(any::<u8>(), 0..200),
        more in vec(any::<u8>(), 0..50),
    ) {
        let longer = [&bytes[..], &more].concat();
        match read(&bytes) {
            Ok(Read::Said(said, taken)) => prop_assert_eq!(read(&longer), Ok(Read::Said(said, taken))),
            Ok(Read::Wants(least)) => prop_assert!(least > bytes.len()),
            Err(Garbled) => prop_assert_eq!(read(&longer), Err(Garbled)),
        }
    }

    #[test]
    fn bus27_a_message_is_heard_as_it_was_said(
        (sid, subject) in (1..u64::from(u32::MAX), "[a-z0-9_$]{1,20}(\\.[a-z0-9]{1,40}){0,4}"),
        reply in proptest::option::of("[a-z0-9.]{1,80}"),
        headers in proptest::option::of(vec(any::<u8>(), 0..100)),
        payload in vec(any::<u8>(), 0..5_000),
    ) {
        let reply_word = reply.as_ref().map_or(String::new(), |reply| format!("{reply} "));
        let head = headers.clone().unwrap_or_default();
        let bytes = head.len() + payload.len();
        let line = if headers.is_some() {
            format!("HMSG {subject} {sid} {reply_word}{} {bytes}\r\n", head.len())
        } else {
            format!("MSG {subject} {sid} {reply_word}{bytes}\r\n")
        };
        let bytes = [line.as_bytes(), &head, &payload, b"\r\nPING\r\n"].concat();
        let heard = Message {
            sid,
            subject: subject.as_bytes(),
            reply: reply.as_ref().map(String::as_bytes),
            headers: &head,
            payload: &payload,
        };
        let taken = bytes.len() - PING.len();
        prop_assert_eq!(read(&bytes), Ok(Read::Said(Said::Message(heard), taken)));
        let least = match read(&bytes[..taken - 1]) {
            Ok(Read::Wants(least)) => least,
            other => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        prop_assert_eq!(least, taken);
    }
}
