//! AUTH rules of what an operator hears of attacks: each once, and of nobody in particular.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use actors_core::auth::guessing::Bucket;
use actors_core::auth::refresh::RefreshToken;
use bus_schemas::auth::Admission;
use bus_schemas::fault::Code;
use bus_schemas::secret::Secret;
use futures_util::future::join_all;
use tracing::Level;

use crate::support::house::{House, PASSWORD, client, username};

const WRONG: &str = "tr0ub4dor and 4";
const OTHER: &str = "c0rrect horse battery";
/// What is said with a guess that slows the next one down.
const SLOWER: [&str; 2] = ["failures", "pause_seconds"];

thread_local! {
    static WRITTEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Takes what is logged on its thread: each test has one of its own, and its actors run on it.
struct Ear;

impl io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        WRITTEN.with_borrow_mut(|written| written.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A house whose log is heard, as a server writes it.
async fn house() -> House {
    static LISTENS: Once = Once::new();
    LISTENS.call_once(|| {
        let lines = tracing_subscriber::fmt().with_max_level(Level::INFO).with_writer(|| Ear);
        let lines = lines.with_ansi(false).without_time().finish();
        tracing::subscriber::set_global_default(lines).unwrap();
    });
    House::open().await
}

/// The warnings, and worse, since it was asked for the last time.
fn warnings() -> Vec<String> {
    let text = String::from_utf8(WRITTEN.take()).unwrap();
    let lines = text.lines().map(str::trim_start);
    let warnings = lines.filter(|line| line.starts_with("WARN") || line.starts_with("ERROR"));
    warnings.map(str::to_owned).collect()
}

/// What a line says beside its sentence.
fn fields(line: &str) -> Vec<&str> {
    line.split_whitespace().filter_map(|word| Some(word.split_once('=')?.0)).collect()
}

/// Letters in one case and ids in one spelling.
fn plain(text: &str) -> String {
    text.to_lowercase().replace('-', "")
}

/// By what Alice could be found or robbed.
async fn private(house: &House, admission: &Admission) -> Vec<String> {
    let claims = house.claims(admission).await;
    let client = client();
    let refresh_token = admission.refresh_token.expose();
    let hash = RefreshToken::parse(refresh_token).unwrap().hash();
    let mut words = vec![
        "Alice".to_owned(),
        PASSWORD.to_owned(),
        WRONG.to_owned(),
        client.address,
        client.user_agent,
        refresh_token.clone(),
        hex::encode(hash.as_bytes()),
        claims.user.to_string(),
        claims.user.token(),
        claims.login.to_string(),
        claims.login.token(),
        claims.token.to_string(),
        claims.token.token(),
        hex::encode(Bucket::of_name(&username("Alice")).as_bytes()),
        hex::encode(Bucket::of_login(claims.login).as_bytes()),
    ];
    let device = admission.device.iter().map(Secret::expose);
    let texts = device.chain([admission.access_token.expose()]);
    words.extend(texts.flat_map(|text| text.split('.')).map(str::to_owned));
    words
}

/// Holds that a line says nothing of that.
fn assert_about_nobody(line: &str, private: &[String]) {
    for word in private {
        assert!(!plain(line).contains(&plain(word)), "{word} in {line}");
    }
}

#[actix_rt::test]
async fn auth40_a_reused_refresh_token_is_logged_once() {
    let house = house().await;
    let alice = house.alice().await;
    let second = house.refresh(&alice.refresh_token).await.unwrap();
    house.refresh(&alice.refresh_token).await.unwrap();
    assert_eq!(warnings(), [""; 0], "a repeat is no reuse");
    let mut private = private(&house, &alice).await;
    private.push(second.refresh_token.expose().clone());

    house.clock.advance_seconds(60);
    let reused = join_all((0..8).map(|_| house.refresh(&alice.refresh_token))).await;
    assert!(reused.iter().all(|one| one.as_ref().err() == Some(&Code::InvalidRefreshToken)));
    let heard = warnings();
    let [line] = &heard[..] else { panic!("one of {heard:?}") };
    assert_eq!(fields(line), [""; 0], "{line}");
    assert_about_nobody(line, &private);

    house.refresh(&alice.refresh_token).await.unwrap_err();
    house.refresh(&second.refresh_token).await.unwrap_err();
    assert_eq!(warnings(), [""; 0], "its Login has ended already");
}

#[actix_rt::test]
async fn auth40_guesses_that_slow_down_are_logged_once_each_time() {
    let house = house().await;
    let alice = house.alice().await;
    let mut private = private(&house, &alice).await;
    private.push("Nobody".to_owned());
    for name in ["Alice", "Nobody"] {
        // As many as are free, and more that have to wait.
        join_all((0..10).map(|_| house.log_in(name, WRONG))).await;
        let mut slower = Vec::new();
        for failures in 5..=60 {
            for line in warnings() {
                assert_eq!(fields(&line), SLOWER, "{line}");
                assert_about_nobody(&line, &private);
                slower.push(failures);
            }
            house.clock.advance_seconds(60);
            join_all((0..2).map(|_| house.log_in(name, WRONG))).await;
        }
        assert_eq!(slower, [5, 50, 60], "{name}");
    }
}

#[actix_rt::test]
async fn auth40_guesses_of_a_known_browser_and_of_a_login_are_logged_alike() {
    let house = house().await;
    let alice = house.alice().await;
    let private = private(&house, &alice).await;
    for _ in 0..5 {
        house.log_in_from(alice.device.as_ref(), "Alice", WRONG).await.unwrap_err();
        house.change_password(&alice, WRONG, OTHER).await.unwrap_err();
    }
    house.remove_account(&alice, WRONG).await.unwrap_err();
    let heard = warnings();
    assert_eq!(heard.len(), 2, "{heard:?}");
    for line in &heard {
        assert_eq!(fields(line), SLOWER, "{line}");
        assert_about_nobody(line, &private);
    }
}

#[actix_rt::test]
async fn auth40_single_guesses_are_not_logged() {
    let house = house().await;
    house.alice().await;
    for _ in 0..3 {
        for _ in 0..4 {
            house.log_in("Alice", WRONG).await.unwrap_err();
        }
        house.log_in("Alice", PASSWORD).await.unwrap();
    }
    assert_eq!(warnings(), [""; 0]);
}
