//! A listener on the subjects of chats counts as somebody who heard.

use actors::bus::embedded::Broker;
use actors_core::refusals::Seen;
use bus_schemas::bus::Bus;
use bus_schemas::topic::Subject;
use futures_util::StreamExt;

use crate::world::World;

#[tokio::test]
async fn shell19_whoever_listens_to_everybody_is_noticed_and_so_is_that_they_stopped() {
    let broker = Broker::new();
    let stranger = broker.connect();
    let everything = Subject::received("chat.>");
    let mut overheard = stranger.subscribe(&everything, None, 64).await.unwrap();
    let mut world = World::start_on(broker).await;
    // What is said to nobody says nothing.
    let first = overheard.next().await.unwrap().unwrap();
    assert!(first.payload.is_empty());
    world.eventually_seen(Seen::Silenced).await;
    drop(overheard);
    world.eventually_seen(Seen::Heard).await;
    world.stop().await;
}
