//! AUTH rules of a password that is changed while it is used, at several replicas.

use actors_core::auth::guessing::Bucket;
use bus_schemas::auth::{self as said, Admission, ChangePassword, RemoveAccount};
use bus_schemas::fault::Code;
use bus_schemas::id::LoginId;
use bus_schemas::verbs::Refusal;
use futures_util::future::{join, join_all};

use crate::on_both;
use crate::support::NOW;
use crate::support::house::{PASSWORD, secret, username};
use crate::world::{REPLICAS, Replicas};

/// How often a race is run.
const ROUNDS: usize = 10;

/// The passwords that follow one another.
fn password(number: usize) -> String {
    if number == 0 { PASSWORD.to_owned() } else { format!("c0rrect horse {number}") }
}

async fn change(
    replicas: &Replicas,
    edge: usize,
    from: &Admission,
    old: &str,
    new: &str,
) -> Result<(), Refusal> {
    let (old, new) = (secret(old), secret(new));
    let question = ChangePassword { user: from.user, login: login(replicas, from), old, new };
    replicas.ask(edge, &said::change_password(), &question).await
}

fn login(replicas: &Replicas, admission: &Admission) -> LoginId {
    replicas.login_of(admission, NOW)
}

async fn auth27_of_several_changes_at_once_one_is_done(replicas: &Replicas) {
    let alice = &replicas.register("Alice").await;
    for round in 0..ROUNDS {
        let new = |edge| format!("{}, edge {edge}", password(round + 1));
        let changes = join_all((0..REPLICAS).map(|edge| {
            let (old, new) = (password(round), new(edge));
            async move { change(replicas, edge, alice, &old, &new).await }
        }))
        .await;
        let done: Vec<usize> = (0..REPLICAS).filter(|edge| changes[*edge].is_ok()).collect();
        assert_eq!(done.len(), 1, "{changes:?}");
        let others = changes.iter().filter(|change| change.is_err());
        assert!(others.into_iter().all(|other| *other == Err(Code::InvalidCredentials.into())));
        change(replicas, 0, alice, &new(done[0]), &password(round + 1)).await.unwrap();
    }
}

async fn auth28_who_signs_in_while_the_password_is_changed_has_no_login_afterwards(
    replicas: &Replicas,
) {
    let alice = replicas.register("Alice").await;
    for round in 0..ROUNDS {
        let (old, new) = (password(round), password(round + 1));
        let thieves = join_all((0..4).map(|edge| replicas.log_in(edge, None, "Alice", &old)));
        let (changed, thieves) = join(change(replicas, round, &alice, &old, &new), thieves).await;
        changed.unwrap();
        for thief in &thieves {
            match thief {
                Ok(admitted) => assert!(!replicas.lives(login(replicas, admitted)).await),
                Err(refusal) => assert_eq!(refusal.code, Code::InvalidCredentials),
            }
        }
        let left = replicas.store.logins(alice.user, NOW).await.unwrap();
        let left: Vec<LoginId> = left.into_iter().map(|shown| shown.id).collect();
        assert_eq!(left, [login(replicas, &alice)], "round {round}");
        // Some of them guessed, which is not what this is about.
        replicas.store.forgive(&Bucket::of_name(&username("Alice"))).await.unwrap();
    }
}

async fn auth39_of_removals_and_a_change_at_once_the_later_are_refused(replicas: &Replicas) {
    for round in 0..ROUNDS {
        let alice = &replicas.register("Alice").await;
        let (old, new) = (password(0), password(1));
        let remove = |edge: usize, password: String| async move {
            let (login, password) = (login(replicas, alice), secret(&password));
            let question = RemoveAccount { user: alice.user, login, password };
            replicas.ask(edge, &said::remove_account(), &question).await
        };
        let removals = join_all((0..4).map(|edge| remove(edge, old.clone())));
        let (changed, removed) = join(change(replicas, round, alice, &old, &new), removals).await;
        let (done, refusal) = match changed {
            Ok(()) => (0, Code::InvalidCredentials),
            Err(refusal) => {
                assert_eq!(refusal, Code::UserNotFound.into(), "round {round}");
                (1, Code::UserNotFound)
            }
        };
        assert_eq!(removed.iter().filter(|one| one.is_ok()).count(), done, "{removed:?}");
        let others = removed.into_iter().filter_map(Result::err);
        assert!(others.into_iter().all(|other| other == refusal.into()), "round {round}");
        if done == 0 {
            remove(round, new).await.unwrap();
        }
    }
}

on_both! {
    auth27_of_several_changes_at_once_one_is_done
    auth28_who_signs_in_while_the_password_is_changed_has_no_login_afterwards
    auth39_of_removals_and_a_change_at_once_the_later_are_refused
}
