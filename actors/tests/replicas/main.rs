//! Stories of three replicas of auth over one store, and three edges that ask them: on a real
//! NATS server and PostgreSQL, and in one process on SQLite.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../bus_support/mod.rs"]
#[expect(dead_code, reason = "each test program uses a part of it")]
mod bus_support;
#[path = "../support/mod.rs"]
mod support;

mod ending;
mod guessing;
mod password;
mod refresh;
mod signing;
mod world;

/// Makes a test of each story on each world.
macro_rules! on_both {
    ($($story:ident)*) => {
        mod on_nats_and_postgres {
            $(
                #[actix_rt::test]
                async fn $story() {
                    let replicas = crate::world::Replicas::on_nats_and_postgres().await;
                    super::$story(&replicas).await;
                    replicas.stop().await;
                }
            )*
        }

        mod in_one_process {
            $(
                #[actix_rt::test]
                async fn $story() {
                    let replicas = crate::world::Replicas::in_one_process().await;
                    super::$story(&replicas).await;
                    replicas.stop().await;
                }
            )*
        }
    };
}
use on_both;
