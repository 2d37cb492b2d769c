//! The table of routes: the router is made of it, and so is the document that describes it.
//!
//! What a route takes and gives is read off its handler's signature; what only its answerer can
//! refuse is named beside it. A story that sees an answer which is not named here fails, and so
//! does a named answer that no story has seen.

pub(crate) mod described;
pub mod document;
pub(crate) mod operation;
pub(crate) mod schema;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodRouter, delete, get, post};
use bus_schemas::fault::Code;

use self::described::Described;
use self::operation::{Operation, Verb};
use super::{Doors, account, auth, directory, features, health, identity};
use crate::ws;

/// A method and a path, what answers there, and what there is to know about it.
pub(super) struct Route {
    verb: Verb,
    path: &'static str,
    handler: MethodRouter<Arc<Doors>>,
    operation: Operation,
}

impl Route {
    fn new<T, H>(verb: Verb, path: &'static str, handler: H) -> Self
    where
        H: Described<T> + Handler<T, Arc<Doors>>,
        T: 'static,
    {
        let mut operation = Operation::at(verb, path);
        H::describe(&mut operation);
        let handler = match verb {
            Verb::Get => get(handler),
            Verb::Post => post(handler),
            Verb::Delete => delete(handler),
        };
        Self { verb, path, handler, operation }
    }

    /// What it is called in generated clients, and what it does.
    fn named(mut self, name: &'static str, summary: &'static str) -> Self {
        self.operation.named(name, summary);
        self
    }

    /// Which routes take the id that stands at this place of its answer.
    fn leads_to(mut self, names: &'static [&'static str], id: &'static str) -> Self {
        self.operation.leads_to(names, id);
        self
    }

    /// What its handler or its answerer refuses, besides what every route of its kind does.
    fn refuses(mut self, codes: &[Code]) -> Self {
        self.operation.refuses(codes);
        self
    }
}

/// What can be read about somebody whose id is known.
const OF_A_USER: &[&str] =
    &["readUser", "readUserIdentityKey", "readKey", "readFingerprint", "readHistory"];
/// A name of the right form.
const NAME: &[Code] = &[Code::ValidationUsernameLength, Code::ValidationUsernameChars];
/// A password of the right form.
const PASSWORD: &[Code] = &[Code::ValidationPasswordLength, Code::ValidationPasswordLatinDigit];

fn routes() -> Vec<Route> {
    [signing_in(), own_account(), people(), keys(), around()].into_iter().flatten().collect()
}

fn signing_in() -> Vec<Route> {
    vec![
        Route::new(Verb::Post, "/api/auth/register", auth::register)
            .named("register", "Makes an account and signs in.")
            .refuses(NAME)
            .refuses(PASSWORD)
            .refuses(&[
                Code::ValidationPasswordCommon,
                Code::InvalidIdentityPubKeyEncoding,
                Code::UsernameTaken,
                Code::ServiceUnavailable,
            ]),
        Route::new(Verb::Post, "/api/auth/login", auth::login)
            .named("logIn", "Signs in with name and password.")
            .refuses(NAME)
            .refuses(PASSWORD)
            .refuses(&[Code::InvalidCredentials, Code::ServiceUnavailable]),
        Route::new(Verb::Post, "/api/auth/refresh", auth::refresh)
            .named("refresh", "Gives a new access token, and a new cookie for the next time.")
            .refuses(&[
                Code::InvalidRefreshToken,
                Code::RefreshTokenExpired,
                Code::ServiceUnavailable,
            ]),
        Route::new(Verb::Post, "/api/auth/logout", auth::logout)
            .named("logOut", "Ends what it is given, the device or the token; never fails."),
        Route::new(Verb::Post, "/api/auth/revoke", auth::revoke)
            .named("revoke", "Ends an access token, however often it is asked."),
    ]
}

fn own_account() -> Vec<Route> {
    vec![
        Route::new(Verb::Get, "/api/auth/logins", account::logins)
            .named("listLogins", "One's own devices that are signed in, the newest first.")
            .leads_to(&["endLogin"], "$response.body#/0/id"),
        Route::new(Verb::Delete, "/api/auth/logins/{id}", account::end)
            .named("endLogin", "Signs one of one's own devices out.")
            .refuses(&[Code::LoginNotFound]),
        Route::new(Verb::Post, "/api/auth/password", account::password)
            .named("changePassword", "Changes the password and signs every other device out.")
            .refuses(PASSWORD)
            .refuses(&[
                Code::ValidationPasswordCommon,
                Code::InvalidCredentials,
                Code::UserNotFound,
            ]),
        Route::new(Verb::Delete, "/api/auth/account", account::remove)
            .named("removeAccount", "Removes the account with everything that is known of it.")
            .refuses(&[Code::InvalidCredentials, Code::UserNotFound]),
    ]
}

fn people() -> Vec<Route> {
    vec![
        Route::new(Verb::Get, "/api/chat/me", directory::me)
            .named("readMe", "Oneself.")
            .refuses(&[Code::UserNotFound])
            .leads_to(OF_A_USER, "$response.body#/id"),
        Route::new(Verb::Get, "/api/chat/users", directory::search)
            .named("searchUsers", "People by a part of their name, ordered by name.")
            .refuses(&[Code::EmptyQuery, Code::QueryTooShort, Code::QueryTooLong])
            .leads_to(OF_A_USER, "$response.body#/0/id"),
        Route::new(Verb::Get, "/api/chat/users/{id}", directory::person)
            .named("readUser", "Somebody by id.")
            .refuses(&[Code::UserNotFound]),
        Route::new(Verb::Get, "/api/chat/users/{id}/identity-key", identity::key)
            .named("readUserIdentityKey", "Somebody's public key, under its first path.")
            .refuses(&[Code::IdentityKeyNotFound]),
    ]
}

fn keys() -> Vec<Route> {
    vec![
        Route::new(Verb::Get, "/api/identity/users/{id}/key", identity::key)
            .named("readKey", "Somebody's public key, as it was published.")
            .refuses(&[Code::IdentityKeyNotFound]),
        Route::new(Verb::Get, "/api/identity/users/{id}/fingerprint", identity::fingerprint)
            .named("readFingerprint", "The SHA-256 of somebody's public key.")
            .refuses(&[Code::IdentityKeyNotFound]),
        Route::new(Verb::Get, "/api/identity/users/{id}/history", identity::history)
            .named("readHistory", "Every key that somebody ever published, the first one first.")
            .refuses(&[Code::IdentityKeyNotFound]),
        Route::new(Verb::Post, "/api/identity/update-public-key", identity::publish)
            .named("publishKey", "Publishes one's public key, or replaces it by another.")
            .refuses(&[
                Code::BadRequest,
                Code::InvalidIdentityPubKeyEncoding,
                Code::InvalidPublicKey,
                Code::ReauthenticationRequired,
                Code::UserNotFound,
            ]),
    ]
}

fn around() -> Vec<Route> {
    vec![
        Route::new(Verb::Get, "/api/config", features::features)
            .named("readConfig", "Limits and features of this deployment."),
        Route::new(Verb::Get, "/api/openapi.json", document::serve)
            .named("readOpenApi", "This document."),
        Route::new(Verb::Get, "/health", health::live)
            .named("health", "Whether the process lives."),
        Route::new(Verb::Get, "/health/live", health::live)
            .named("healthLive", "Whether the process lives."),
        Route::new(Verb::Get, "/health/ready", health::ready_here)
            .named("healthReady", "Whether the process should be given work, and why not."),
        Route::new(Verb::Get, "/ws/", ws::upgrade)
            .named("openSocket", "Opens the WebSocket of the chat.")
            .refuses(&[Code::BadRequest, Code::OriginNotAllowed, Code::GoingAway]),
    ]
}

/// Every route, as axum takes them.
pub(super) fn router() -> Router<Arc<Doors>> {
    routes()
        .into_iter()
        .fold(Router::new(), |router, route| router.route(route.path, route.handler))
}

/// Paths that are no route, but are told apart from nothing at all: a user without an id, and
/// what does not exist below a user. And what a browser may write for `/ws/`.
pub(super) fn mistakes() -> Router<Arc<Doors>> {
    Router::new()
        .route("/api/chat/users/", get(directory::nobody))
        .route("/api/chat/users//{*rest}", get(directory::nobody))
        .route("/api/chat/users/{id}/{*rest}", get(directory::nowhere))
        .route("/api/identity/users/", get(directory::nobody))
        .route("/api/identity/users//{*rest}", get(directory::nobody))
        .route("/api/identity/users/{id}", get(directory::nowhere))
        .route("/api/identity/users/{id}/{*rest}", get(directory::nowhere))
        .route("/ws", get(ws::upgrade))
        .route("/ws/{*rest}", get(ws::upgrade))
}

/// Method and path of every route.
pub static PLACES: LazyLock<Vec<(&'static str, &'static str)>> =
    LazyLock::new(|| routes().iter().map(|route| (route.verb.as_str(), route.path)).collect());
