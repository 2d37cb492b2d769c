//! Accounts whose every password and token is remembered, and the search for them in a file.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bus_schemas::id::UserId;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::deployment::Deployment;

const PASSWORD: &str = "correct horse 7 capture";
const OTHER_PASSWORD: &str = "another horse 8 capture";
const WRONG_PASSWORD: &str = "no horse at all 9 capture";
const PUBLIC_KEY: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

/// Somebody who is signed in.
pub(super) struct Account {
    pub(super) id: UserId,
    pub(super) token: String,
}

/// Every secret of a run.
#[derive(Default)]
pub(super) struct Secrets(Vec<Vec<u8>>);

impl Secrets {
    pub(super) async fn registers(&mut self, url: &str, name: &str) -> Account {
        let body = json!({
            "username": name, "password": PASSWORD, "identity_pub_key": PUBLIC_KEY,
        });
        let answer = Client::new().post(format!("{url}/api/auth/register")).json(&body);
        let (token, _) = self.admitted(answer).await;
        let me: Value = get(&format!("{url}/api/chat/me"), &token).await.json().await.unwrap();
        let id = UserId::parse(me["id"].as_str().unwrap()).unwrap();
        Account { id, token }
    }

    /// The access token and the cookies of an answer; all of them are secrets.
    async fn admitted(&mut self, request: RequestBuilder) -> (String, String) {
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        let cookies = answer.headers().get_all(SET_COOKIE).iter();
        let cookies: Vec<String> = cookies
            .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned())
            .collect();
        for cookie in &cookies {
            self.add(cookie.split_once('=').unwrap().1);
        }
        let body: Value = answer.json().await.unwrap();
        let token = body["token"].as_str().unwrap().to_owned();
        self.add(&token);
        // Whoever has the signature has half of it.
        self.add(token.rsplit('.').next().unwrap());
        (token, cookies.join("; "))
    }

    fn add(&mut self, secret: &str) {
        if secret.len() >= 8 {
            self.0.push(secret.as_bytes().to_vec());
        }
        // What stands for bytes may be kept as them.
        for bytes in [URL_SAFE_NO_PAD.decode(secret), hex_bytes(secret)].into_iter().flatten() {
            if bytes.len() >= 8 {
                self.0.push(bytes);
            }
        }
    }

    /// Fails if a secret stands in these bytes in any form. The search is tried on each first.
    pub(super) fn are_not_in(&self, bytes: &[u8]) {
        assert!(self.0.len() > 20, "a run has many secrets");
        for secret in &self.0 {
            for form in forms(secret) {
                let planted = [b"..", form.as_slice(), b".."].concat();
                assert!(finds(&planted, &form), "the search finds nothing");
                assert!(!finds(bytes, &form), "a secret of {} bytes is in it", secret.len());
            }
        }
    }
}

/// As it is, in hexadecimal digits, and in base64 wherever it begins within three bytes.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let digits = hex::encode(secret);
    let mut forms = vec![secret.to_vec(), digits.to_uppercase().into_bytes(), digits.into_bytes()];
    for offset in 0..3 {
        let shifted = [&[0; 2][..offset], secret].concat();
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let text = engine.encode(&shifted);
            // The ends depend on what stands beside them.
            let first = (offset * 8).div_ceil(6);
            forms.push(text.as_bytes()[first..text.len() - 2].to_vec());
        }
    }
    forms
}

fn finds(bytes: &[u8], part: &[u8]) -> bool {
    let first = part[0];
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
    starts.into_iter().any(|(at, _)| bytes[at..].starts_with(part))
}

fn hex_bytes(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    hex::decode(text).map_err(|_| base64::DecodeError::InvalidPadding)
}

/// Whatever an account can do with a password or a token.
pub(super) async fn lives_through_everything(
    secrets: &mut Secrets,
    deployment: &Deployment,
    edge: usize,
    name: &str,
) -> Account {
    let url = deployment.url(edge);
    for password in [PASSWORD, OTHER_PASSWORD, WRONG_PASSWORD] {
        secrets.add(password);
    }
    let account = secrets.registers(&url, name).await;
    let http = Client::new();
    let login = |password: &str| {
        let body = json!({ "username": name, "password": password });
        http.post(format!("{url}/api/auth/login")).json(&body)
    };
    assert_eq!(login(WRONG_PASSWORD).send().await.unwrap().status(), 401);
    let (_, cookie) = secrets.admitted(login(PASSWORD)).await;
    let refresh = http.post(format!("{url}/api/auth/refresh")).header(COOKIE, &cookie);
    let (token, cookie) = secrets.admitted(refresh).await;
    let passwords = json!({ "old_password": PASSWORD, "new_password": OTHER_PASSWORD });
    let change = http.post(format!("{url}/api/auth/password")).bearer_auth(&token);
    assert_eq!(change.json(&passwords).send().await.unwrap().status(), 204);
    let logout = http.post(format!("{url}/api/auth/logout")).header(COOKIE, &cookie);
    assert_eq!(logout.bearer_auth(&token).send().await.unwrap().status(), 204);
    let (token, _) = secrets.admitted(login(OTHER_PASSWORD)).await;
    let account = Account { token, ..account };
    looks_around(&url, &account).await;
    account
}

/// Whatever is asked of identity and of the directory.
pub(super) async fn looks_around(url: &str, who: &Account) {
    let id = who.id;
    for path in [
        "/api/chat/me".to_owned(),
        "/api/chat/users?username=ali".to_owned(),
        format!("/api/chat/users/{id}"),
        format!("/api/identity/users/{id}/key"),
        format!("/api/identity/users/{id}/fingerprint"),
    ] {
        let answer = get(&format!("{url}{path}"), &who.token).await;
        assert_eq!(answer.status(), 200, "{path}");
    }
}

async fn get(url: &str, token: &str) -> Response {
    Client::new().get(url).bearer_auth(token).send().await.unwrap()
}
