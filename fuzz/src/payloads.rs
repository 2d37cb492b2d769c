//! What is said on each subject but those of deliveries: whatever is read as a payload is written
//! in one way, which is read as the same again.

use bus_schemas::auth::{
    Admission, AskLease, AskLogins, ChangePassword, EndLogin, Heard, Lease, LogIn, LogOut,
    LoginShown, Refresh, Register, RemoveAccount, Revoked, Verified, Verify,
};
use bus_schemas::blob::{Fingerprint, PublicKey};
use bus_schemas::capture::ask::{AskCapture, Page};
use bus_schemas::chat::{Bounce, Evict, Presence};
use bus_schemas::codec;
use bus_schemas::directory::{Find, Me, Person, Seen, Who};
use bus_schemas::identity::{OfUser, PastKey, Publish};
use bus_schemas::verbs::Reply;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Every payload: questions and answers of each call, and what is told.
const ALL: &[fn(&[u8])] = &[
    // Chat.
    hold::<Bounce>,
    hold::<Presence>,
    hold::<Evict>,
    // Auth: what it is asked, what it answers, what it tells.
    hold::<Register>,
    hold::<LogIn>,
    hold::<Refresh>,
    hold::<LogOut>,
    hold::<Revoked>,
    hold::<Verify>,
    hold::<ChangePassword>,
    hold::<RemoveAccount>,
    hold::<AskLogins>,
    hold::<EndLogin>,
    hold::<AskLease>,
    hold::<Vec<Revoked>>,
    hold::<Reply<Admission>>,
    hold::<Reply<()>>,
    hold::<Reply<Verified>>,
    hold::<Reply<Vec<LoginShown>>>,
    hold::<Reply<Lease>>,
    hold::<Reply<Heard>>,
    // Identity.
    hold::<Publish>,
    hold::<OfUser>,
    hold::<Reply<PublicKey>>,
    hold::<Reply<Fingerprint>>,
    hold::<Reply<Vec<PastKey>>>,
    // The directory.
    hold::<Who>,
    hold::<Find>,
    hold::<Seen>,
    hold::<Reply<Me>>,
    hold::<Reply<Person>>,
    hold::<Reply<Vec<Person>>>,
    // Captures.
    hold::<AskCapture>,
    hold::<Reply<Page>>,
];

/// The first byte says on which subject.
pub fn payload(bytes: &[u8]) {
    let Some((which, payload)) = bytes.split_first() else { return };
    ALL[usize::from(*which) % ALL.len()](payload);
}

fn hold<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    let Ok(value) = codec::decode::<T>(bytes) else { return };
    let written = codec::encode(&value).expect("what was read can be written");
    let Ok(again) = codec::decode::<T>(&written) else { panic!("what was written cannot be read") };
    assert_eq!(codec::encode(&again).expect("what was read can be written"), written);
    // Nothing may follow it.
    let longer = [&written[..], &[0xc0]].concat();
    assert!(codec::decode::<T>(&longer).is_err());
}
