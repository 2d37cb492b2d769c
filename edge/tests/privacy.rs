//! Nothing secret is logged: a whole conversation at TRACE under a layer that remembers every
//! word, and what must not be among them.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::support::socket::Socket;
use super::support::{House, PASSWORD, PUBLIC_KEY, given};

/// Where the client seems to be.
const ADDRESS: &str = "203.0.113.77";
/// What the password is changed to.
const OTHER_PASSWORD: &str = "another horse 8 battery";
/// What a browser says it is known by.
const DEVICE: &str = "0123456789abcdef.0123456789abcdef.0123456789abcdef";

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<String>>);

impl Visit for &Heard {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = self.0.lock().unwrap();
        writeln!(text, "{}={value:?}", field.name()).unwrap();
    }
}

impl<S: Subscriber> Layer<S> for Heard {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        attributes.record(&mut &*self);
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        values.record(&mut &*self);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut &*self);
    }
}

/// Another password, a browser that says it is known, and the end of the account.
async fn device_and_farewell(house: &House, token: &str) {
    let login = house.post("/api/auth/login").header("cookie", format!("device={DEVICE}"));
    let body = json!({ "username": "alice-in-logs", "password": PASSWORD });
    given(login.json(&body), 200).await;
    given(house.get("/api/auth/logins").bearer(token), 200).await;
    let passwords = json!({ "old_password": PASSWORD, "new_password": OTHER_PASSWORD });
    let change = house.post("/api/auth/password").bearer(token).json(&passwords);
    assert_eq!(change.send().await.unwrap().status(), 204);
    let farewell = json!({ "password": OTHER_PASSWORD });
    let remove = house.delete("/api/auth/account").bearer(token).json(&farewell);
    assert_eq!(remove.send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn a_whole_conversation_leaves_nothing_secret_in_the_logs() {
    let heard = Heard::default();
    let layers = tracing_subscriber::registry().with(heard.clone());
    tracing::subscriber::set_global_default(layers).unwrap();

    let house = House::open_with(&[("DHCHAT_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let (alice, bob) = (house.person("alice-in-logs").await, house.person("bob-in-logs").await);
    let search = house.get("/api/chat/users?username=in-logs").bearer(&alice.token);
    given(search, 200).await;
    let wrong = json!({ "username": "alice-in-logs", "password": "wrong password 1" });
    let login = house.post("/api/auth/login").header("x-forwarded-for", ADDRESS).json(&wrong);
    given(login, 401).await;
    let refresh = house.post("/api/auth/refresh").header("cookie", &alice.cookie);
    let refreshed = given(refresh, 200).await["token"].as_str().unwrap().to_owned();
    let mut from_alice = Socket::text_as(house.doors, &refreshed).await;
    let mut from_bob = Socket::text_as(house.doors, &bob.token).await;
    let payload = json!({ "to": bob.id, "message_id": "1", "ciphertext": "c2VjcmV0LWNpcGhlcg==" });
    from_alice.say(&json!({ "type": "message", "payload": payload })).await;
    assert_eq!(from_bob.hear().await["type"], "message");
    from_alice.say_text("not JSON c2VjcmV0LWNpcGhlcg==").await;
    from_alice.hear().await;
    from_bob.close().await;
    device_and_farewell(&house, &refreshed).await;
    house.running.drain().await;
    house.running.stop().await;

    let heard = heard.0.lock().unwrap();
    assert!(heard.contains("answering"), "the layer hears nothing");
    let cookie = alice.cookie.trim_start_matches("refresh_token=");
    for secret in [
        PASSWORD,
        "wrong password 1",
        OTHER_PASSWORD,
        DEVICE,
        &alice.token,
        &bob.token,
        &refreshed,
        cookie,
        "in-logs",
        PUBLIC_KEY,
        "c2VjcmV0LWNpcGhlcg==",
        ADDRESS,
    ] {
        let line = heard.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} in {line:?}");
    }
}
