//! What is told when those who answer on the bus are away, or do not make sense.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actors::bus::nats::{self, BusUser, NatsConfig};
use bus_schemas::bus::{Bus, Group};
use bus_schemas::directory::Me;
use bus_schemas::name::Username;
use bus_schemas::secret::Secret;
use bus_schemas::topic::Call;
use bus_schemas::verbs::Reply;
use bus_schemas::{directory, identity};
use edge::compose::Running;
use edge::config::Command;
use futures_util::StreamExt;
use reqwest::StatusCode;
use serde::de::DeserializeOwned;

use crate::support::asking::every;
use crate::support::broker::Broker;
use crate::support::place::{Database, Place};
use crate::support::stories::stories;
use crate::support::{House, generous, given, refused};

stories! {
    without_the_actors_every_question_is_unavailable => ["every 503 SERVICE_UNAVAILABLE"];
    door10_whoever_takes_a_question_along_is_not_waited_for => [];
    an_answer_that_makes_no_sense_is_our_fault => [
        "GET /api/chat/users 500 INTERNAL_ERROR",
        "GET /api/chat/users/{id} 500 INTERNAL_ERROR",
        "GET /api/chat/users/{id}/identity-key 500 INTERNAL_ERROR",
        "GET /api/identity/users/{id}/key 500 INTERNAL_ERROR",
        "GET /api/identity/users/{id}/fingerprint 500 INTERNAL_ERROR",
        "GET /api/identity/users/{id}/history 500 INTERNAL_ERROR",
        "POST /api/identity/update-public-key 500 INTERNAL_ERROR",
    ];
}

/// An edge and actors of some roles, apart, around a broker.
struct Apart {
    actors: Running,
    edge: House,
    broker: Broker,
    _database: Database,
    _folder: tempfile::TempDir,
}

impl Apart {
    async fn start(place: Place, only: &str, user: &str) -> Self {
        let (broker, folder) = (Broker::start().await, tempfile::tempdir().unwrap());
        let database = place.database(&folder);
        actors::store::migrate(&database.url).await.unwrap();
        let key = folder.path().join("root.key");
        std::fs::write(&key, [7; 32]).unwrap();
        let given = [
            ("DHCHAT_BUS_URL", broker.url(user)),
            ("DHCHAT_DATABASE_URL", database.url.clone()),
            ("DHCHAT_ROOT_KEY_FILE", key.display().to_string()),
            ("DHCHAT_ONLY", only.to_owned()),
        ];
        let given = given.each_ref().map(|(name, value)| (*name, value.as_str()));
        let actors = Running::start(generous(Command::Actors, &given)).await.unwrap();
        let config = generous(Command::Edge, &[("DHCHAT_BUS_URL", &broker.url("edge"))]);
        let edge = House::start(config, tempfile::tempdir().unwrap()).await;
        Self { actors, edge, broker, _database: database, _folder: folder }
    }
}

async fn without_the_actors_every_question_is_unavailable(place: Place) {
    let apart = Apart::start(place, "", "actors").await;
    let house = &apart.edge;
    let alice = house.person("alice").await;
    apart.actors.stop().await;

    for operation in every("503 SERVICE_UNAVAILABLE") {
        let asked = operation.asked(house, &alice);
        let answer = asked.try_clone().unwrap().send().await.unwrap();
        let place = format!("{} {}", operation.verb, operation.path);
        assert!(answer.headers().contains_key("retry-after"), "{place}: {answer:?}");
        refused(asked, 503, "SERVICE_UNAVAILABLE").await;
    }
    // Signing out is done as far as the browser is concerned, and what asks nobody goes on.
    let logout = house.post("/api/auth/logout").header("cookie", &alice.cookie);
    assert_eq!(logout.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(house.get("/api/config").send().await.unwrap().status(), StatusCode::OK);
}

async fn an_answer_that_makes_no_sense_is_our_fault(place: Place) {
    let apart = Apart::start(place, "auth", "auth").await;
    let url = Secret::new(apart.broker.url("actors"));
    let config = NatsConfig::new(url, BusUser::Actors);
    let bus: Arc<dyn Bus> = Arc::new(nats::connect(config).await.unwrap());
    babble(&bus, &directory::who(), "directory").await;
    babble(&bus, &directory::find(), "directory").await;
    babble(&bus, &identity::key(), "identity").await;
    babble(&bus, &identity::fingerprint(), "identity").await;
    babble(&bus, &identity::history(), "identity").await;
    babble(&bus, &identity::publish(), "identity").await;

    let alice = apart.edge.stranger("alice").await;
    for operation in every("500 INTERNAL_ERROR") {
        let asks_them = ["/api/chat/users", "/api/identity/"];
        if asks_them.iter().any(|start| operation.path.starts_with(start)) {
            refused(operation.asked(&apart.edge, &alice), 500, "INTERNAL_ERROR").await;
        }
    }
}

async fn door10_whoever_takes_a_question_along_is_not_waited_for(place: Place) {
    let apart = Apart::start(place, "auth", "auth").await;
    let url = Secret::new(apart.broker.url("actors"));
    let bus: Arc<dyn Bus> =
        Arc::new(nats::connect(NatsConfig::new(url, BusUser::Actors)).await.unwrap());
    let alice = apart.edge.stranger("alice").await;
    let me = || apart.edge.get("/api/chat/me").bearer(&alice.token);
    let group = Group("directory");

    // One that is killed with the question in its hands, and nobody else.
    let mut questions = bus.serve(&directory::me(), group, 16).await.unwrap();
    let began = Instant::now();
    let gone = async {
        questions.next().await.unwrap().unwrap();
        drop(questions);
    };
    tokio::join!(refused(me(), 503, "SERVICE_UNAVAILABLE"), gone);
    assert!(began.elapsed() < Duration::from_secs(8), "it was waited for");

    // The same, and another one takes its place.
    let mut questions = bus.serve(&directory::me(), group, 16).await.unwrap();
    let another = async {
        questions.next().await.unwrap().unwrap();
        drop(questions);
        let mut questions = bus.serve(&directory::me(), group, 16).await.unwrap();
        let question = questions.next().await.unwrap().unwrap();
        let username = Username::parse("alice").unwrap();
        let me = Me { id: question.body.user, username, has_identity_key: true };
        bus.answer(question.reply, &Reply::Done(me)).unwrap();
    };
    let (answer, ()) = tokio::join!(given(me(), 200), another);
    assert_eq!(answer["username"], "alice");
}

/// Answers whatever is asked with a number.
async fn babble<Q, R>(bus: &Arc<dyn Bus>, call: &Call<Q, R>, group: &'static str)
where
    Q: DeserializeOwned + Send + 'static,
{
    let mut questions = bus.serve(call, Group(group), 16).await.unwrap();
    let bus = Arc::clone(bus);
    tokio::spawn(async move {
        while let Some(Ok(question)) = questions.next().await {
            bus.answer(question.reply, &Reply::Done(7)).unwrap();
        }
    });
}
