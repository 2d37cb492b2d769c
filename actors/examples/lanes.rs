//! How long a word takes beside files: over the connection of the files, and over one of its own.
//!
//! ```sh
//! scripts/with-nats.sh cargo run --release --package actors --example lanes
//! ```
//!
//! Two threads stand for the arbiters of two edges. Files go from one to the other, each with as
//! many bytes on their way as it may have; beside them a word every 5 ms. The edge that says all
//! this has a line of 100 Mbit/s to its broker, shared fairly by its connections. The figures are
//! the time from the call that says a word to the moment in which its listener has it.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use actors::bus::Lane;
use actors::bus::nats::{BusUser, NatsConfig, connect};
use bus_schemas::bus::{Bus, BusError, Outgoing, Subscription};
use bus_schemas::secret::Secret;
use bus_schemas::topic::Subject;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore, mpsc, oneshot};

type Failure = Box<dyn Error + Send + Sync>;

/// Words of one measurement, and how long it may take.
const WORDS: usize = 1_000;
const MEASURED: Duration = Duration::from_secs(12);
const WORD_EVERY: Duration = Duration::from_millis(5);
/// What is not counted: everything flows afterwards.
const WARM: Duration = Duration::from_secs(2);
/// What the line carries in a second, and at once.
const LINE_BYTES: f64 = 12.5e6;
const PIECE_BYTES: usize = 16 * 1024;

/// Files under way, the bytes of a chunk, and how many chunks of a file may be on their way.
struct Files {
    name: &'static str,
    count: usize,
    chunk_bytes: usize,
    on_way: usize,
}

const LOADS: [Files; 4] = [
    Files { name: "no file", count: 0, chunk_bytes: 1, on_way: 1 },
    Files { name: "1 file of the web app", count: 1, chunk_bytes: 64 * 1024, on_way: 8 },
    Files { name: "8 files of the web app", count: 8, chunk_bytes: 64 * 1024, on_way: 8 },
    Files { name: "8 files of the text door", count: 8, chunk_bytes: 1_400_000, on_way: 2 },
];

/// Which connection carries the files.
#[derive(Clone, Copy)]
enum Carried {
    WithWords,
    Apart,
}

fn main() -> Result<(), Failure> {
    let url = env::var("DHCHAT_TEST_NATS_EDGE_URL")
        .map_err(|_| "DHCHAT_TEST_NATS_EDGE_URL is not set: scripts/with-nats.sh sets it")?;
    let (place, port) = url.rsplit_once(':').ok_or("the address has a port")?;
    let line = format!("{place}:{}", line_to(port.parse()?)?);
    let mut out = io::stdout().lock();
    writeln!(out, "| beside | files go | word p50 | p99 | longest | files |")?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for load in &LOADS {
        for (carried, words) in [(Carried::WithWords, "with the words"), (Carried::Apart, "apart")]
        {
            let (mut waits, mib) = measure(&url, &line, load, carried)?;
            waits.sort_unstable();
            let at = |share: usize| waits[(waits.len() * share / 1_000).min(waits.len() - 1)];
            let [p50, p99, longest] = [at(500), at(990), at(1_000)];
            let name = load.name;
            writeln!(
                out,
                "| {name} | {words} | {p50:.2?} | {p99:.2?} | {longest:.2?} | {mib:.0} MiB/s |"
            )?;
        }
    }
    Ok(())
}

/// How long the words took, and how much of the files came in a second.
fn measure(
    url: &str,
    line: &str,
    load: &Files,
    carried: Carried,
) -> Result<(Vec<Duration>, f64), Failure> {
    let (listens, listening) = oneshot::channel();
    let (stops, stop) = oneshot::channel::<()>();
    let (said, hears) = mpsc::channel(8_192);
    let listener = url.to_owned();
    let hearing = thread::spawn(move || {
        runtime()?.block_on(async move { hear(&listener, carried, listens, said, stop).await })
    });
    let (began, bytes) = (Instant::now(), load.chunk_bytes);
    let waits = runtime()?.block_on(async {
        listening.await?;
        speak(line, load, carried, hears).await
    })?;
    let seconds = began.elapsed().as_secs_f64();
    drop(stops);
    let chunks = hearing.join().map_err(|_| "the listener ended early")??;
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    Ok((waits, (chunks * bytes) as f64 / seconds / f64::from(1 << 20)))
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// The connections of an edge: the one for words, and the one for files.
async fn lanes(url: &str, carried: Carried) -> Result<[Arc<dyn Bus>; 2], Failure> {
    let open = async |lane| -> Result<Arc<dyn Bus>, Failure> {
        let config = NatsConfig::new(Secret::new(url.to_owned()), BusUser::Edge);
        let bus: Arc<dyn Bus> = Arc::new(connect(NatsConfig { lane, ..config }).await?);
        Ok(bus)
    };
    let talk = open(Lane::Talk).await?;
    let bulk = match carried {
        Carried::WithWords => Arc::clone(&talk),
        Carried::Apart => open(Lane::Bulk).await?,
    };
    Ok([talk, bulk])
}

async fn listen(bus: &dyn Bus, subject: &str) -> Result<Subscription, BusError> {
    bus.subscribe(&Subject::received(subject), None, 8_192).await
}

/// Answers each chunk, as an edge does that has written it; tells when each word came.
async fn hear(
    url: &str,
    carried: Carried,
    listens: oneshot::Sender<()>,
    said: mpsc::Sender<Instant>,
    mut stop: oneshot::Receiver<()>,
) -> Result<usize, Failure> {
    let [talk, bulk] = lanes(url, carried).await?;
    let mut words = listen(&*talk, "chat.peer.b0b").await?;
    let mut chunks = listen(&*bulk, "chat.bulk.b0b").await?;
    listens.send(()).map_err(|()| "nobody speaks")?;
    let mut count = 0;
    loop {
        tokio::select! {
            Some(Ok(_)) = words.next() => said.try_send(Instant::now())?,
            Some(Ok(chunk)) = chunks.next() => {
                count += 1;
                let subject = chunk.reply.ok_or("a chunk asks for an answer")?;
                talk.publish(message(subject, None, Bytes::from_static(b"written")))?;
            }
            _ = &mut stop => return Ok(count),
        }
    }
}

/// Says words, and sends as much of the files as may be on the way; how long each word took.
async fn speak(
    url: &str,
    load: &Files,
    carried: Carried,
    mut hears: mpsc::Receiver<Instant>,
) -> Result<Vec<Duration>, Failure> {
    let [talk, bulk] = lanes(url, carried).await?;
    let bounces = format!("chat.bounce.{}.", bulk.id().token());
    let mut written = listen(&*bulk, &format!("{bounces}>")).await?;
    let room = Arc::new(Semaphore::new(load.count * load.on_way));
    let freed = Arc::clone(&room);
    let freeing = tokio::spawn(async move {
        while written.next().await.is_some() {
            freed.add_permits(1);
        }
    });
    let chunk = Bytes::from(vec![7; load.chunk_bytes]);
    let sending = tokio::spawn(async move {
        while let Ok(place) = room.acquire().await {
            place.forget();
            let reply = Subject::received(format!("{bounces}1.1"));
            let subject = Subject::received("chat.bulk.b0b");
            if bulk.publish(message(subject, Some(reply), chunk.clone())).is_err() {
                room.add_permits(1);
            }
            tokio::task::yield_now().await;
        }
    });
    let mut waits = Vec::new();
    let mut every = tokio::time::interval(WORD_EVERY);
    let started = Instant::now();
    while waits.len() < WORDS && started.elapsed() < WARM + MEASURED {
        every.tick().await;
        let began = Instant::now();
        talk.publish(message(Subject::received("chat.peer.b0b"), None, Bytes::from(vec![7; 300])))?;
        let ended = hears.recv().await.ok_or("the listener has gone")?;
        if started.elapsed() > WARM {
            waits.push(ended - began);
        }
    }
    sending.abort();
    freeing.abort();
    Ok(waits)
}

/// A line to this port, on a thread of its own; returns its port.
fn line_to(port: u16) -> Result<u16, Failure> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    let own = listener.local_addr()?.port();
    thread::spawn(move || -> io::Result<()> {
        runtime()?.block_on(async {
            let listener = TcpListener::from_std(listener)?;
            let free_at = Arc::new(Mutex::new(Instant::now()));
            loop {
                let (near, _) = listener.accept().await?;
                let far = TcpStream::connect(("127.0.0.1", port)).await?;
                let ((near_in, near_out), (far_in, far_out)) =
                    (near.into_split(), far.into_split());
                tokio::spawn(carry(near_in, far_out, Some(Arc::clone(&free_at))));
                tokio::spawn(carry(far_in, near_out, None));
            }
        })
    });
    Ok(own)
}

/// Carries bytes, on a line that others share if there is one: whoever waits longest is next.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    line: Option<Arc<Mutex<Instant>>>,
) -> io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = from.read(&mut piece).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        if let Some(line) = &line {
            let mut free_at = line.lock().await;
            #[expect(clippy::cast_precision_loss, reason = "a piece is small")]
            let takes = Duration::from_secs_f64(read as f64 / LINE_BYTES);
            *free_at = (*free_at).max(Instant::now()) + takes;
            tokio::time::sleep_until((*free_at).into()).await;
        }
        to.write_all(&piece[..read]).await?;
    }
}

fn message(subject: Subject, reply: Option<Subject>, payload: Bytes) -> Outgoing {
    Outgoing { subject, reply, trace: None, payload, body: Bytes::new() }
}
