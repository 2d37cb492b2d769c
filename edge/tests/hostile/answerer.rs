//! Answers what edges and auth ask, beside the actors and as badly as it can.

use super::payloads::Payloads;
use crate::support::chance::Chance;
use crate::support::nats::Nats;

/// Questions of edges, by the group that answers them. Not leases: without a good one an edge
/// takes nobody in, which is a rule of its own.
const SHARED: &[(&str, &[&str])] = &[
    ("auth", &["auth.register", "auth.login", "auth.refresh", "auth.password", "auth.logins"]),
    ("identity", &["identity.publish", "identity.key", "identity.fingerprint", "identity.history"]),
    ("directory", &["directory.me", "directory.who", "directory.find"]),
];

const ANSWERS: &[&str] = &[
    "auth/admission",
    "auth/refused",
    "auth/refused_for_a_while",
    "auth/logged_out",
    "auth/heard",
    "auth/logins",
    "auth/verified",
    "auth/lease",
    "identity/key",
    "identity/fingerprint",
    "identity/history",
    "directory/me",
    "directory/people",
];

/// Answers for ever.
pub(super) async fn answer_all(url: String) {
    let mut nats = Nats::open(&url).await;
    let (payloads, mut chance) = (Payloads::read(), Chance::of_this_run());
    for (group, subjects) in SHARED {
        for subject in *subjects {
            nats.listen(subject, Some(group));
        }
    }
    // Beside every edge, as one more that has applied it.
    nats.listen("auth.revoked", None);
    nats.flush().await;
    loop {
        let Some(reply) = nats.next().await.reply else { continue };
        let payload = payloads.nearly(ANSWERS, &mut chance);
        nats.say(&reply, None, &payload);
        if chance.one_in(8) {
            let more = payloads.nearly(ANSWERS, &mut chance);
            nats.say(&reply, None, &more);
        }
        nats.flush().await;
    }
}
