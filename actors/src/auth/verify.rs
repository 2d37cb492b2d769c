//! Whether a Login still lives.

use bus_schemas::auth::{Verified, Verify};
use bus_schemas::fault::Code;

use super::Auth;

impl Auth {
    pub(super) async fn verify(&self, asked: Verify) -> Result<Verified, Code> {
        let alive = self.store.login_lives(asked.login, asked.token, self.clock.now()).await?;
        Ok(Verified { alive })
    }
}
