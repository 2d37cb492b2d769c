//! What people ask of the doors at a steady rate, however long the answers take: signing in,
//! refreshing, looking for somebody.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::interval;

use crate::provision::{PASSWORD, Provision, Resident};

/// People who refresh in turn: more than can be waiting for an answer at once.
const RESIDENTS: usize = 100;

/// What is asked, and everything that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    LogIn,
    Refresh,
    Search,
}

pub(crate) const KINDS: [Kind; 3] = [Kind::LogIn, Kind::Refresh, Kind::Search];

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) kind: Kind,
    pub(crate) begun: Instant,
    pub(crate) took: Duration,
    pub(crate) status: u16,
    /// Of an error.
    pub(crate) code: Option<String>,
}

impl Asked {
    pub(crate) fn is_good(&self) -> bool {
        self.status == 200
    }

    /// Refused as it is promised while the database is away.
    pub(crate) fn is_refused(&self) -> bool {
        self.status == 503 && self.code.as_deref() == Some("SERVICE_UNAVAILABLE")
    }
}

/// People who ask, each thing this often.
pub(crate) struct Calls {
    asking: JoinHandle<Vec<Asked>>,
    over: Arc<AtomicBool>,
    so_far: Arc<Mutex<Vec<Asked>>>,
}

struct People {
    url: String,
    http: Client,
    residents: Vec<Mutex<Resident>>,
    next: AtomicUsize,
    so_far: Arc<Mutex<Vec<Asked>>>,
}

impl Calls {
    pub(crate) async fn begin(url: String, provision: &Provision, every: Duration) -> Self {
        let residents = provision.residents("carol", RESIDENTS).await;
        let so_far = Arc::new(Mutex::new(Vec::new()));
        let people = Arc::new(People {
            url,
            http: Client::new(),
            residents: residents.into_iter().map(Mutex::new).collect(),
            next: AtomicUsize::new(0),
            so_far: Arc::clone(&so_far),
        });
        let over = Arc::new(AtomicBool::new(false));
        let asking = tokio::spawn(ask(people, every, Arc::clone(&over)));
        Self { asking, over, so_far }
    }

    /// What has been answered so far, in the order of the answers.
    pub(crate) fn so_far(&self) -> Vec<Asked> {
        self.so_far.lock().unwrap().clone()
    }

    /// Asks no more, and waits for the answers; in the order in which they were asked for.
    pub(crate) async fn end(self) -> Vec<Asked> {
        self.over.store(true, Ordering::Relaxed);
        self.asking.await.unwrap()
    }
}

async fn ask(people: Arc<People>, every: Duration, over: Arc<AtomicBool>) -> Vec<Asked> {
    let mut under_way = JoinSet::new();
    let mut again = interval(every);
    while !over.load(Ordering::Relaxed) {
        again.tick().await;
        for kind in KINDS {
            let people = Arc::clone(&people);
            under_way.spawn(async move { people.ask(kind).await });
        }
        while under_way.try_join_next().is_some() {}
    }
    while under_way.join_next().await.is_some() {}
    let mut asked = std::mem::take(&mut *people.so_far.lock().unwrap());
    asked.sort_by_key(|asked| asked.begun);
    asked
}

impl People {
    async fn ask(&self, kind: Kind) {
        let n = self.next.fetch_add(1, Ordering::Relaxed) % self.residents.len();
        let resident = self.residents[n].lock().unwrap().clone();
        let url = |path: &str| format!("{}{path}", self.url);
        let begun = Instant::now();
        let request = match kind {
            Kind::LogIn => {
                let body = json!({ "username": resident.name, "password": PASSWORD });
                self.http.post(url("/api/auth/login")).json(&body)
            }
            Kind::Refresh => {
                self.http.post(url("/api/auth/refresh")).header(COOKIE, &resident.cookie)
            }
            Kind::Search => {
                self.http.get(url("/api/chat/users?username=carol-1")).bearer_auth(&resident.token)
            }
        };
        let answer = request.send().await.unwrap();
        let (took, status) = (begun.elapsed(), answer.status().as_u16());
        let code = self.take(kind, n, answer).await;
        let asked = Asked { kind, begun, took, status, code };
        self.so_far.lock().unwrap().push(asked);
    }

    /// Keeps the new cookie; gives the code of an error.
    async fn take(&self, kind: Kind, resident: usize, answer: Response) -> Option<String> {
        if answer.status().is_success() {
            if kind == Kind::Refresh {
                let set = answer.headers()[SET_COOKIE].to_str().unwrap();
                let cookie = set.split(';').next().unwrap().to_owned();
                self.residents[resident].lock().unwrap().cookie = cookie;
            }
            return None;
        }
        let body: Value = answer.json().await.unwrap();
        body["code"].as_str().map(str::to_owned)
    }
}
