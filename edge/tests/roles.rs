//! Each answering actor as a process of its own, under the permissions of its role at a real
//! broker, with nothing that its role does not need.

use std::path::{Path, PathBuf};

use edge::config::Command;
use serde_json::json;

use crate::support::broker::Broker;
use crate::support::child::{Child, dhchat};
use crate::support::{House, PASSWORD, PUBLIC_KEY, generous, given, refused, until};

/// What all processes share: a broker, and a folder with the database and the root key.
struct Place {
    broker: Broker,
    folder: tempfile::TempDir,
    database: String,
}

impl Place {
    async fn make() -> Self {
        let broker = Broker::start().await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.key"), [7; 32]).unwrap();
        let database = format!("sqlite:{}", folder.path().join("dhchat.db").display());
        actors::store::migrate(&database).await.unwrap();
        Self { broker, folder, database }
    }

    fn root_key(&self) -> PathBuf {
        self.folder.path().join("root.key")
    }

    /// `dhchat actors --only ROLE` as that role's user; the key only for whom it is given.
    fn actor(&self, role: &str, root_key: Option<&Path>) -> Child {
        let mut command = dhchat(&["actors", "--only", role]);
        command.env("DHCHAT_BUS_URL", self.broker.url(role));
        command.env("DHCHAT_DATABASE_URL", &self.database);
        command.env("DHCHAT_BCRYPT_COST", "4").env("AUTH_HTTP_PORT", "0");
        if let Some(path) = root_key {
            command.env("DHCHAT_ROOT_KEY_FILE", path);
        }
        Child::spawn(&mut command)
    }

    async fn edge(&self) -> House {
        let config = generous(Command::Edge, &[("DHCHAT_BUS_URL", &self.broker.url("edge"))]);
        House::start(config, tempfile::tempdir().unwrap()).await
    }
}

#[tokio::test]
async fn three_processes_answer_each_for_its_role_and_for_no_other() {
    let place = Place::make().await;
    let auth = place.actor("auth", Some(&place.root_key()));
    let house = place.edge().await;
    let body = json!({ "username": "alice", "password": PASSWORD, "identity_pub_key": PUBLIC_KEY });
    let token = given(house.post("/api/auth/register").json(&body), 201).await;
    let token = token["token"].as_str().unwrap();
    let me = || house.get("/api/chat/me").bearer(token);
    refused(me(), 503, "SERVICE_UNAVAILABLE").await;

    // Neither has a root key, and neither needs one.
    let directory = place.actor("directory", None);
    until("the directory answers", async || me().send().await.unwrap().status() == 200).await;
    let id = given(me(), 200).await["id"].as_str().unwrap().to_owned();
    let key = || house.get(&format!("/api/identity/users/{id}/key")).bearer(token);
    refused(key(), 503, "SERVICE_UNAVAILABLE").await;
    let identity = place.actor("identity", None);
    until("identity answers", async || key().send().await.unwrap().status() == 200).await;
    assert_eq!(given(key(), 200).await, json!({ "public_key": PUBLIC_KEY }));

    // One that ends takes only its own answers with it.
    directory.stop();
    refused(me(), 503, "SERVICE_UNAVAILABLE").await;
    given(key(), 200).await;
    given(house.post("/api/auth/login").json(&body), 200).await;
    drop((auth, identity));
}

#[test]
fn an_actor_nobody_knows_is_a_fault_of_the_configuration() {
    let output = dhchat(&["actors", "--only", "auth,sing"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("DHCHAT_ONLY: expected auth, identity or directory"), "{said}");
}
