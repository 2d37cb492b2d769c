//! Files that are announced in the clear: a Session of the text door takes what is within every
//! limit, and answers anything else with a code.

use actors_core::session::{Bearer, Config, Effect, Event, Session};
use bus_schemas::chat::Delivery;
use bus_schemas::fault::Code;
use bus_schemas::frame::announcement::Announcement;
use bus_schemas::frame::{self, ClientFrame, Door, Label, ServerFrame};
use bus_schemas::id::{ConnId, Instance, LoginId, TokenId, UserId};
use bus_schemas::limit::{
    CHUNK_BYTES_MAX_TEXT, CHUNKS_MAX_TEXT, FILE_BYTES_MAX, TALK_FRAMES_BURST,
    TALK_FRAMES_PER_SECOND, VOICE_BYTES_MAX,
};
use bus_schemas::secret::Secret;
use bus_schemas::time::Millis;
use bytes::Bytes;

const ALICE: UserId = UserId::from_bytes([0xa1; 16]);
const NOW: Millis = Millis(1_000);

const REFUSALS: [Code; 7] = [
    Code::FrameToSelf,
    Code::InvalidFileSize,
    Code::FileSizeExceeded,
    Code::InvalidTotalChunks,
    Code::InvalidMimeType,
    Code::MimeTypeNotAllowed,
    Code::InvalidPayload,
];

/// A frame of the text door, looked at if it is a `file_start`.
pub fn announcement(bytes: &[u8]) {
    let Ok(frame) = frame::decode(Door::Text, &Bytes::copy_from_slice(bytes)) else { return };
    let ClientFrame::Announce { announcement, .. } = &frame else { return };
    let announcement = announcement.clone();
    let mut session = live();
    let done = told(&mut session, Event::Frame(frame));
    let is_taken = done.iter().any(|effect| {
        matches!(effect, Effect::Deliver { delivery: Delivery::Frame { frame, .. }, .. }
            if frame.label == Label::FileStart && frame.peer == ALICE)
    });
    if is_taken {
        is_within_limits(&announcement);
        assert_eq!(session.kept().transfers, 1);
    } else {
        let [Effect::Send(ServerFrame::Error { code, .. })] = &done[..] else {
            panic!("neither taken nor refused: {done:?}");
        };
        assert!(REFUSALS.contains(code), "{code:?}");
        assert_eq!(session.kept().transfers, 0);
    }
}

fn is_within_limits(announcement: &Announcement) {
    let Announcement { mime_type, total_size, total_chunks, chunk_size, access_mode } =
        announcement;
    let number = |number: i64| u64::try_from(number).expect("a number of something");
    let (bytes, chunks, chunk) = (number(*total_size), number(*total_chunks), number(*chunk_size));
    let is_voice = mime_type.starts_with("audio/");
    assert!((1..=if is_voice { VOICE_BYTES_MAX } else { FILE_BYTES_MAX }).contains(&bytes));
    assert!((1..=u64::from(CHUNKS_MAX_TEXT)).contains(&chunks));
    assert!((1..=CHUNK_BYTES_MAX_TEXT).contains(&chunk));
    assert!((chunks - 1) * chunk < bytes && bytes <= chunks * chunk, "every chunk but the last");
    assert!(["", "both", "view_only", "download_only"].contains(&access_mode.as_str()));
    // A page is never offered: whoever opens it would run it. What follows a type names a codec.
    let kind = mime_type.split(';').next().unwrap_or_default().to_ascii_lowercase();
    assert!(!kind.contains("html") && !kind.contains("javascript"), "{kind}");
}

fn live() -> Session {
    let config = Config {
        conn: ConnId::from_bytes([0x50; 16]),
        door: Door::Text,
        instance: Instance::from_bytes([0x11; 16]),
        talk_frames_per_second: TALK_FRAMES_PER_SECOND,
        talk_frames_burst: TALK_FRAMES_BURST,
        file_bytes_max: FILE_BYTES_MAX,
    };
    let mut session = Session::new(config, NOW);
    let token = Secret::new("token".to_owned());
    let auth = ClientFrame::Auth { token, instance: None, attach: 0 };
    let bearer = Bearer {
        user: ALICE,
        login: LoginId::from_bytes([0x21; 16]),
        token: TokenId::from_bytes([0x31; 16]),
        expires_in_ms: 900_000,
    };
    told(&mut session, Event::Frame(auth));
    told(&mut session, Event::TokenChecked(Ok(bearer)));
    told(&mut session, Event::Listening(Ok(())));
    session
}

fn told(session: &mut Session, event: Event) -> Vec<Effect> {
    session.handle(NOW, event);
    std::iter::from_fn(|| session.next_effect()).collect()
}
