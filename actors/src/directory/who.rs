//! One user, as others or as they themselves see them.

use bus_schemas::directory::{Me, Person, Who};
use bus_schemas::fault::Code;

use super::Directory;

impl Directory {
    pub(super) async fn me(&self, asked: Who) -> Result<Me, Code> {
        self.store.me(asked.user).await?.ok_or(Code::UserNotFound)
    }

    pub(super) async fn who(&self, asked: Who) -> Result<Person, Code> {
        self.store.person(asked.user).await?.ok_or(Code::UserNotFound)
    }
}
