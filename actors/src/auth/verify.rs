//! Whether a Login still lives, and an access token of it is still good.

use bus_schemas::auth::{Verified, Verify};
use bus_schemas::fault::Code;

use super::Auth;

impl Auth {
    pub(super) async fn verify(&self, asked: Verify) -> Result<Verified, Code> {
        let alive = self.store.login_lives(asked.login, asked.token, self.clock.now()).await?;
        Ok(Verified { alive })
    }
}
