//! Tables that are brought up to date while there is something in them.

use actors::store::{self, LeaseAsked, PASSWORD_VERSION_FIRST};
use bus_schemas::id::EdgeId;

use super::beside::{Beside, older, words};
use super::{ended, login, user};
use crate::support::NOW;
use crate::support::house::username;
use crate::support::world::World;

/// One user with a Login, a key and a revocation, as the first tables keep them.
const ROWS: [(&str, &str); 5] = [
    (
        "users",
        "(id, username, username_folded, password_hash, made_at)
      VALUES (ID1, 'A-lice_1', 'a-lice_1', 'a hash', AT0)",
    ),
    ("identity_keys", "(user_id, version, public_key, made_at) VALUES (ID1, 1, KEY, AT0)"),
    (
        "logins",
        "(id, user_id, user_agent, address, made_at, used_at)
      VALUES (ID1, ID1, 'a browser', '192.0.2.1', AT0, AT0)",
    ),
    ("refresh_tokens", "(hash, login_id, expires_at) VALUES (KEY, ID1, AT100)"),
    ("revoked", "(login_id, token_id, user_id, until) VALUES (ID2, NULL, ID1, AT1020)"),
];

pub(crate) async fn sto36_what_is_in_the_tables_stays_when_they_are_brought_up_to_date(
    world: &mut World,
) {
    let url = older(world, 1).await;
    let mut beside = Beside::at(&url).await;
    for (table, row) in ROWS {
        let insert = format!("INSERT INTO {table} {row}");
        let fill = |id: &str, at: &str, key: &str| {
            let mut text = insert.replace("KEY", key);
            for number in [1, 2] {
                let id = id.replace('#', &format!("{number:02x}").repeat(16));
                text = text.replace(&format!("ID{number}"), &id);
            }
            for seconds in [1_020, 100, 0] {
                let at = at.replace('#', &(NOW.0 + seconds).to_string());
                text = text.replace(&format!("AT{seconds}"), &at);
            }
            text
        };
        let sqlite = fill("x'#'", "#", "zeroblob(44)");
        let postgres = fill("'#'", "to_timestamp(#)", "decode(repeat('00', 44), 'hex')");
        beside.say(words(&sqlite, &postgres)).await;
    }

    store::migrate(&url).await.unwrap();
    let store = store::open(&url).await.unwrap();
    let account = store.account(&username("a-lice_1")).await.unwrap().unwrap();
    assert_eq!((account.id, account.password_version), (user(1), PASSWORD_VERSION_FIRST));
    assert!(store.login_lives(login(1), None, NOW).await.unwrap());
    assert_eq!(store.keys(user(1)).await.unwrap().len(), 1);
    for part in ["a-", "-lice", "e_1"] {
        assert_eq!(store.find(part, 20).await.unwrap().len(), 1, "{part}");
    }
    let edge = EdgeId::from_bytes([1; 16]);
    let asked = LeaseAsked { edge, mark: None, after: None, leaving: false };
    let given = store.lease(&asked, NOW).await.unwrap();
    assert_eq!(given.revoked, [ended(1, 2, NOW)]);
    store.revoke(&ended(1, 3, NOW)).await.unwrap();
    let asked = LeaseAsked { mark: Some(given.mark), ..asked };
    let next = store.lease(&asked, NOW).await.unwrap().revoked;
    assert!(next.contains(&ended(1, 3, NOW)), "{next:?}");
    store.close().await;
}
