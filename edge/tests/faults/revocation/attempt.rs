//! Trying a token that was revoked on every edge, by HTTP and by socket.

use tokio::task::JoinSet;

use super::speaker::Speaker;
use crate::deployment::Deployment;
use crate::person::connect;
use crate::servers::DEADLINE;

/// Uses under way.
pub(super) struct Attempts(JoinSet<(String, bool)>);

impl Attempts {
    /// Begins at once; an edge that stands still answers when it goes on.
    pub(super) fn begin(deployment: &Deployment, speaker: &Speaker) -> Self {
        let mut attempts = JoinSet::new();
        for edge in 0..deployment.edges() {
            let (url, token) = (deployment.url(edge), speaker.resident().token.clone());
            attempts.spawn(async move {
                let me = reqwest::Client::new().get(format!("{url}/api/chat/me"));
                let answer = me.bearer_auth(token).timeout(DEADLINE).send().await;
                let answer = answer.expect("an answer");
                let (status, body) = (answer.status(), answer.text().await.unwrap());
                assert!(!status.is_server_error() || status == 503, "{status}: {body}");
                (format!("{url} by HTTP: {body}"), status.is_success())
            });
            let (url, token) = (deployment.url(edge), speaker.resident().token.clone());
            attempts.spawn(async move {
                let socket = tokio::time::timeout(DEADLINE, connect(&url, &token)).await;
                (format!("{url} by socket"), socket.expect("an answer").is_some())
            });
        }
        Self(attempts)
    }

    /// Waits for all of them; how many there were.
    pub(super) async fn none_was_accepted(&mut self, what: &str) -> usize {
        let mut count = 0;
        while let Some(attempt) = self.0.join_next().await {
            let (how, is_accepted) = attempt.unwrap();
            assert!(!is_accepted, "accepted after {what}: {how}");
            count += 1;
        }
        count
    }
}
