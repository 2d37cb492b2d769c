//! An edge and the actors as processes of their own, at a real broker, on SQLite.

use tempfile::TempDir;

use super::broker::Broker;
use super::child::{Child, dhchat, free_port};
use super::until;

/// They end with this value.
pub(crate) struct Processes {
    doors: u16,
    /// The port of the edge's own pages.
    pub(crate) of_edge: u16,
    /// The port of the actors' own pages.
    pub(crate) of_actors: u16,
    _both: [Child; 2],
    broker: Broker,
    _folder: TempDir,
}

impl Processes {
    /// Returns when the edge is ready.
    pub(crate) async fn start() -> Self {
        let (broker, folder) = (Broker::start().await, tempfile::tempdir().unwrap());
        let database = format!("sqlite:{}", folder.path().join("dhchat.db").display());
        let key = folder.path().join("root.key");
        std::fs::write(&key, [7; 32]).unwrap();
        actors::store::migrate(&database).await.unwrap();
        let (doors, of_edge, of_actors) = (free_port(), free_port(), free_port());

        let mut actors = dhchat(&["actors"]);
        actors.env("DHCHAT_BUS_URL", broker.url("actors")).env("DHCHAT_DATABASE_URL", database);
        actors.env("DHCHAT_ROOT_KEY_FILE", key).env("DHCHAT_BCRYPT_COST", "4");
        actors.env("AUTH_HTTP_PORT", of_actors.to_string());
        let mut edge = dhchat(&["edge"]);
        edge.env("DHCHAT_BUS_URL", broker.url("edge")).env("CHAT_HTTP_PORT", of_edge.to_string());
        edge.env("DHCHAT_LISTEN", format!("127.0.0.1:{doors}")).env("DHCHAT_ARBITERS", "1");
        let both = [Child::spawn(&mut actors), Child::spawn(&mut edge)];
        let started = Self { doors, of_edge, of_actors, _both: both, broker, _folder: folder };
        until("the edge is ready", async || {
            let ready = reqwest::get(format!("{}/health/ready", started.url())).await;
            ready.is_ok_and(|ready| ready.status() == 200)
        })
        .await;
        started
    }

    /// The broker that they speak over.
    pub(crate) const fn broker(&self) -> &Broker {
        &self.broker
    }

    /// The address of the edge's doors.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.doors)
    }
}
