//! REVOKE rules of what an edge knows of tokens, with an auth that the test plays.

use std::sync::Arc;
use std::time::Duration;

use actors::bus::embedded::Broker;
use actors::clock::{Clock, SystemClock};
use actors::session::{TokenCheck, Told};
use actors_core::auth::access::{self, Claims};
use actors_core::auth::keys::Keys;
use bus_schemas::auth::{self as said, AskLease, Lease, Revoked, Verified, Verify};
use bus_schemas::bus::{Bus, Group};
use bus_schemas::fault::Code;
use bus_schemas::id::{EdgeId, LoginId, TokenId, UserId};
use bus_schemas::limit::LEASE_MS;
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::verbs::{Question, Questions, Reply};
use edge::http::health::{Health, Watched};
use edge::lifecycle::Lifecycle;
use edge::tokens::Tokens;
use futures_util::{FutureExt, StreamExt};
use tokio::time::timeout;

use super::support::until;

const WAIT: Duration = Duration::from_secs(10);
const GROUP: Group = Group("auth");

/// An edge and the other side of its bus.
struct World {
    bus: Arc<dyn Bus>,
    keys: Keys,
    tokens: Arc<Tokens>,
    leases: Questions<AskLease>,
}

impl World {
    /// The edge asks, and has no answer yet.
    async fn start() -> Self {
        Self::beside(&Broker::new()).await
    }

    /// The edge has yet to begin: nothing has waited since.
    async fn beside(broker: &Broker) -> Self {
        let bus: Arc<dyn Bus> = Arc::new(broker.connect());
        let leases = bus.serve(&said::lease(), GROUP, 64).await.unwrap();
        let health = Arc::new(Health::new(Lifecycle::default(), &[Watched::Tokens]));
        let own: Arc<dyn Bus> = Arc::new(broker.connect());
        let tokens = Arc::new(Tokens::new(own, Arc::new(SystemClock), health));
        tokio::spawn(Arc::clone(&tokens).keep());
        Self { bus, keys: Keys::derive(&[3; 32]), tokens, leases }
    }

    /// The edge has a lease on which this is revoked.
    async fn with_lease(revoked: Vec<Revoked>) -> Self {
        let mut world = Self::start().await;
        world.until_leased(revoked).await;
        world
    }

    async fn until_leased(&mut self, revoked: Vec<Revoked>) {
        let question = self.is_asked().await;
        assert_eq!((question.body.mark, question.body.after), (None, None));
        self.gives(question.reply, revoked);
        timeout(WAIT, self.tokens.until_known()).await.unwrap();
    }

    async fn is_asked(&mut self) -> Question<AskLease> {
        timeout(WAIT, self.leases.next()).await.unwrap().unwrap().unwrap()
    }

    fn gives(&self, reply: bus_schemas::topic::Subject, revoked: Vec<Revoked>) {
        let keys = self.keys.verifying(SystemClock.now());
        let lease = Lease { mark: 7, revoked, next: None, keys };
        self.bus.answer(reply, &Reply::Done(lease)).unwrap();
    }

    /// Asks nothing of auth for so long that the lease is over.
    async fn until_stale(&self) {
        until("the lease is over", async || !self.tokens.gate().is_open()).await;
    }

    fn token(&self, claims: &Claims) -> Secret<String> {
        Secret::new(access::issue(&self.keys.signer(claims.issued_at), claims))
    }
}

fn claims(number: u8) -> Claims {
    let now = SystemClock.now();
    Claims {
        user: UserId::from_bytes([number; 16]),
        username: Username::parse("alice").unwrap(),
        login: LoginId::from_bytes([number; 16]),
        token: TokenId::from_bytes([number; 16]),
        issued_at: now,
        expires_at: now.plus_seconds(900),
        authenticated_at: now,
    }
}

fn revoked(claims: &Claims) -> Revoked {
    let Claims { user, login, token, expires_at, .. } = claims;
    Revoked { user: *user, login: *login, token: Some(*token), until: *expires_at }
}

#[tokio::test]
async fn revoke2_an_edge_answers_that_it_applied_a_revocation_after_it_has() {
    let world = World::with_lease(Vec::new()).await;
    for number in 1..20 {
        let claims = claims(number);
        let token = world.token(&claims);
        assert!(world.tokens.claims(&token).await.is_ok());
        let told = world.bus.ask_every(&said::revoked(), &vec![revoked(&claims)], 4).await;
        timeout(WAIT, told.unwrap().next()).await.unwrap().unwrap().unwrap().unwrap();
        let judged = world.tokens.claims(&token).now_or_never();
        assert_eq!(judged.unwrap().err(), Some(Code::TokenRevoked));
        assert!(world.tokens.read(&token).is_ok(), "it can still be revoked");
    }
}

#[tokio::test]
async fn revoke3_before_the_first_lease_nobody_is_judged() {
    let world = World::start().await;
    let token = world.token(&claims(1));
    assert_eq!(world.tokens.claims(&token).await.err(), Some(Code::ServiceUnavailable));
    assert!(!world.tokens.gate().is_open());
    assert!(world.tokens.until_known().now_or_never().is_none());
}

#[tokio::test]
async fn revoke3_what_a_lease_says_is_known_on_whichever_page() {
    let (one, two) = (claims(1), claims(2));
    let mut world = World::start().await;
    let first = world.is_asked().await;
    let page = Lease { mark: 7, revoked: vec![revoked(&one)], next: Some(11), keys: Vec::new() };
    world.bus.answer(first.reply, &Reply::Done(page)).unwrap();
    let second = loop {
        // Meanwhile it may have asked for the first page once more.
        let question = world.is_asked().await;
        if question.body.after.is_some() {
            break question;
        }
    };
    assert_eq!((second.body.edge, second.body.after), (first.body.edge, Some(11)));
    world.gives(second.reply, vec![revoked(&two)]);
    timeout(WAIT, world.tokens.until_known()).await.unwrap();
    for claims in [one, two] {
        let judged = world.tokens.claims(&world.token(&claims)).await;
        assert_eq!(judged.err(), Some(Code::TokenRevoked));
    }
    assert!(world.tokens.claims(&world.token(&claims(3))).await.is_ok());
}

#[tokio::test]
async fn revoke9_pages_that_lead_back_or_never_end_are_no_lease() {
    const PAGES_MAX: i64 = 256;
    for step in [0, 1] {
        let mut world = World::start().await;
        let (mut pages, mut anew, mut at) = (0, 0, None);
        // Meanwhile it asks for first pages, and of those the first one is answered.
        while anew < 4 {
            let Question { body, reply, .. } = world.is_asked().await;
            if body.after.is_none() {
                anew += 1;
            }
            if body.after != at {
                continue;
            }
            let next = body.after.map_or(1, |after| after + step);
            (pages, anew, at) = (pages + 1, 0, Some(next));
            assert!(pages <= PAGES_MAX && (step == 1 || pages <= 2), "{pages} pages");
            let page = Lease { mark: 7, revoked: Vec::new(), next: at, keys: Vec::new() };
            world.bus.answer(reply, &Reply::Done(page)).unwrap();
        }
        assert!(world.tokens.until_known().now_or_never().is_none());
    }
}

#[tokio::test]
async fn revoke3_without_a_lease_auth_is_asked_about_each_token() {
    let world = World::with_lease(Vec::new()).await;
    let (good, bad) = (claims(1), claims(2));
    world.until_stale().await;
    let verify = said::verify();
    let mut asked = world.bus.serve(&verify, GROUP, 64).await.unwrap();
    let auth = async {
        for _ in 0..2 {
            let Question { body: Verify { login, token }, reply, .. } =
                asked.next().await.unwrap().unwrap();
            assert_eq!(token.unwrap().as_bytes(), login.as_bytes());
            let alive = login == good.login;
            world.bus.answer(reply, &Reply::Done(Verified { alive })).unwrap();
        }
    };
    let (good, bad) = (world.token(&good), world.token(&bad));
    let judged = async {
        assert!(world.tokens.claims(&good).await.is_ok());
        assert_eq!(world.tokens.claims(&bad).await.err(), Some(Code::TokenRevoked));
    };
    timeout(WAIT, async { tokio::join!(auth, judged) }).await.unwrap();
    drop(asked);
    assert_eq!(world.tokens.claims(&good).await.err(), Some(Code::ServiceUnavailable));
}

#[tokio::test]
async fn revoke5_a_leaving_edge_admits_nobody_and_says_so() {
    let mut world = World::with_lease(Vec::new()).await;
    let token = world.token(&claims(1));
    assert!(world.tokens.claims(&token).await.is_ok());
    let tokens = Arc::clone(&world.tokens);
    let leaves = tokio::spawn(async move { tokens.leave().await });
    let edge: EdgeId = loop {
        let question = world.is_asked().await;
        world.gives(question.reply, Vec::new());
        if question.body.leaving {
            break question.body.edge;
        }
    };
    timeout(WAIT, leaves).await.unwrap().unwrap();
    assert!(!world.tokens.gate().is_open());
    assert_eq!(world.tokens.claims(&token).await.err(), Some(Code::ServiceUnavailable));
    // It asks no more.
    let asks = timeout(Duration::from_millis(LEASE_MS), world.leases.next()).await;
    assert!(asks.is_err(), "{edge:?} asks again");
}

#[tokio::test]
async fn revoke4_an_edge_that_may_not_listen_yet_tries_again() {
    let broker = Broker::new();
    let mut world = World::beside(&broker).await;
    broker.cut();
    tokio::task::yield_now().await;
    assert!(world.leases.next().now_or_never().is_none(), "nothing can be asked");
    broker.mend();
    world.until_leased(Vec::new()).await;
    assert!(world.tokens.claims(&world.token(&claims(1))).await.is_ok());
}

#[tokio::test]
async fn revoke2_a_revocation_is_applied_though_its_answer_is_lost() {
    let broker = Broker::new();
    let mut world = World::beside(&broker).await;
    world.until_leased(Vec::new()).await;
    let claims = claims(1);
    let told = world.bus.ask_every(&said::revoked(), &vec![revoked(&claims)], 4).await;
    broker.cut();
    until("it is applied", async || {
        let judged = world.tokens.claims(&world.token(&claims)).await;
        judged.err() == Some(Code::TokenRevoked)
    })
    .await;
    let answer = told.unwrap().next().now_or_never().flatten();
    assert!(!matches!(answer, Some(Ok(Ok(_)))), "{answer:?}");
}

#[tokio::test]
async fn revoke5_an_edge_leaves_though_nobody_can_be_told() {
    let broker = Broker::new();
    let mut world = World::beside(&broker).await;
    world.until_leased(Vec::new()).await;
    broker.cut();
    timeout(WAIT, world.tokens.leave()).await.unwrap();
    assert!(!world.tokens.gate().is_open());
}

#[tokio::test]
async fn an_arbiter_that_falls_behind_is_told_to_look_for_itself() {
    let world = World::with_lease(Vec::new()).await;
    let mut told = world.tokens.told();
    for number in 0..1_100_u128 {
        let token = Some(TokenId::from_bytes(number.to_be_bytes()));
        let entries = vec![Revoked { token, ..revoked(&claims(1)) }];
        let applied = world.bus.ask_every(&said::revoked(), &entries, 4).await;
        timeout(WAIT, applied.unwrap().next()).await.unwrap().unwrap().unwrap().unwrap();
    }
    assert!(matches!(told.next().await, Some(Told::Missed)));
    let Some(Told::Ended(entries)) = told.next().await else { panic!("what came last is kept") };
    assert_eq!(entries.len(), 1);
}
