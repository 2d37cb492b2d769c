//! BUS17: the users of `nats/users.conf` may say and hear their rows of the table of subjects,
//! and nothing else. A client of its own, which knows the bare protocol, asks the broker.

use actors::bus::nats::BusUser;
use bus_schemas::bus::{echo, inbox, inboxes};
use bus_schemas::chat::{self, BounceTag};
use bus_schemas::id::{BusId, UserId};
use bus_schemas::limit::BUS_PAYLOAD_BYTES_MAX;
use bus_schemas::topic::Subject;
use bus_schemas::{auth, capture, directory, identity};

use super::bare::{Client, Place};

use BusUser::{Actors, Auth, Capture, Directory, Edge, Identity};

/// A subject or pattern, who says it and who hears it.
struct Row(Subject, &'static [BusUser], &'static [BusUser]);

const USER: UserId = UserId::from_bytes([0xa1; 16]);
const BUS: BusId = BusId::from_bytes([0xb5; 16]);
const NOBODY: &[BusUser] = &[];
const AUTH: &[BusUser] = &[Auth, Actors];
const IDENTITY: &[BusUser] = &[Identity, Actors];
const DIRECTORY: &[BusUser] = &[Directory, Actors];

/// The table of subjects, with the subjects as the code writes them.
fn table() -> Vec<Row> {
    let between_edges = [
        chat::peer(USER),
        chat::bulk(USER),
        chat::presence(USER).subject().clone(),
        chat::evict(USER).subject().clone(),
    ];
    let to_auth = [
        auth::register().subject().clone(),
        auth::log_in().subject().clone(),
        auth::refresh().subject().clone(),
        auth::log_out().subject().clone(),
        auth::revoke().subject().clone(),
        auth::verify().subject().clone(),
        auth::lease().subject().clone(),
        auth::change_password().subject().clone(),
        auth::remove_account().subject().clone(),
        auth::logins().subject().clone(),
        auth::end_login().subject().clone(),
    ];
    let to_identity = [
        identity::publish().subject().clone(),
        identity::key().subject().clone(),
        identity::fingerprint().subject().clone(),
        identity::history().subject().clone(),
    ];
    let to_directory = [
        directory::me().subject().clone(),
        directory::who().subject().clone(),
        directory::find().subject().clone(),
        directory::seen().subject().clone(),
    ];
    let from_auth = [auth::revoked().subject().clone()];
    let by = |said: &'static [BusUser], heard: &'static [BusUser]| {
        move |subject: Subject| Row(subject, said, heard)
    };
    let mut rows: Vec<Row> = between_edges.into_iter().map(by(&[Edge], &[Edge])).collect();
    rows.extend(to_auth.into_iter().map(by(&[Edge], AUTH)));
    rows.extend(to_identity.into_iter().map(by(&[Edge], IDENTITY)));
    rows.extend(to_directory.into_iter().map(by(&[Edge], DIRECTORY)));
    rows.extend(from_auth.into_iter().map(by(AUTH, &[Edge])));
    rows.push(Row(chat::bounce(BUS, BounceTag { slot: 1, n: 2 }), &[Edge], &[Edge]));
    rows.push(Row(chat::bounces(BUS), NOBODY, &[Edge]));
    rows.push(Row(capture::ask::capture().subject().clone(), &[Capture], &[Edge]));
    rows.push(Row(echo(), BusUser::ALL, NOBODY));
    rows
}

/// Patterns and subjects that are for nobody.
const FORBIDDEN: [&str; 12] = [
    ">",
    "*",
    "*.>",
    "chat.>",
    "chat.*.>",
    "chat.*.a1",
    "*.peer.a1",
    "chat.bounce.>",
    "auth.>",
    "_INBOX.>",
    "_INBOX.*.a1.1",
    "$SYS.>",
];

/// Compares what the broker allows with the table.
pub(crate) fn compare_with_the_table(place: &Place) {
    for user in BusUser::ALL {
        let mut client = Client::connect(place, user.name(), &password(*user)).expect("welcome");
        for Row(subject, said_by, heard_by) in table() {
            let (subject, name) = (subject.as_str(), user.name());
            assert_eq!(client.may_say(subject), said_by.contains(user), "{name} says {subject}");
            assert_eq!(client.may_hear(subject), heard_by.contains(user), "{name} hears {subject}");
        }
        for owner in BusUser::ALL {
            let own = inboxes(owner.name(), BUS);
            assert_eq!(client.may_hear(own.as_str()), user == owner, "{owner:?}: {user:?} hears");
            let any = inbox(owner.name(), BUS, 1);
            // Edges answer auth and captures by name: what they hear besides is never answered.
            let unasked = *user == Edge && matches!(owner, Auth | Actors | Capture);
            assert_eq!(client.may_say(any.as_str()), unasked, "{owner:?}: {user:?} says unasked");
        }
        for subject in FORBIDDEN {
            assert!(!client.may_hear(subject), "{user:?} hears {subject}");
            assert!(!client.may_say(subject), "{user:?} says {subject}");
        }
    }
}

/// Compares what the broker says of itself with what the language counts on.
pub(crate) fn compare_with_the_limits(place: &Place) {
    let info = Client::open(place).info;
    assert!(info.contains(&format!("\"max_payload\":{BUS_PAYLOAD_BYTES_MAX},")), "{info}");
    assert!(info.contains("\"headers\":true"), "{info}");
    assert!(!info.contains("jetstream"), "nothing that is said may be kept: {info}");
}

/// Nobody comes in without the password of a user.
pub(crate) fn try_to_come_in(place: &Place) {
    for user in BusUser::ALL {
        for password in ["", "guess", user.name()] {
            assert!(Client::connect(place, user.name(), password).is_err(), "{user:?}");
        }
    }
    assert!(Client::connect(place, "somebody", "edge-password").is_err());
    assert!(Client::connect(place, "", "").is_err());
}

pub(crate) fn password(user: BusUser) -> String {
    format!("{}-password", user.name())
}
