//! Says and asks again on a live bus what edges said and asked while a capture was made, in the
//! same order and at the same or a higher speed, and compares the answers.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use actors::bus::nats::{self, NatsConfig};
use actors_core::capture::words;
use bus_schemas::bus::{Bus, BusError, Outgoing, echo};
use bus_schemas::capture::{Payload, Record, Said, What, Whom};
use bus_schemas::chat::{self, BounceTag};
use bus_schemas::id::{BusId, EdgeId};
use bytes::Bytes;
use tokio::time::{Instant, sleep_until};

use super::{Outcome, ReplayError};

/// Patience with an answer that the capture does not say.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// A question of a capture: the edge, its connection, the number there.
type Number = (EdgeId, BusId, u64);

pub(super) fn run(
    records: &[(usize, Record)],
    config: NatsConfig,
    speed: u32,
    out: &mut impl Write,
) -> Result<Outcome, ReplayError> {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let main = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    main.block_on(async {
        let bus: Arc<dyn Bus> = Arc::new(nats::connect(config).await?);
        let mut player = Player { answers: answers(records), bus, said: 0, asked: 0, withheld: 0 };
        let began = Instant::now();
        for (place, record) in records {
            sleep_until(began + Duration::from_micros(record.at_us) / speed).await;
            if let Some(differs) = player.play(record).await? {
                writeln!(out, "record {place}: {differs}")?;
                return Ok(Outcome::Differs);
            }
        }
        let Player { bus, said, asked, withheld, .. } = player;
        until_said(&*bus).await?;
        writeln!(
            out,
            "on the bus: {said} messages said again, {asked} questions answered as before, \
             {withheld} left out because captures withhold them"
        )?;
        Ok(Outcome::Same)
    })
}

/// Returns when the bus has taken whatever was said: it answers in order.
async fn until_said(bus: &dyn Bus) -> Result<(), BusError> {
    let (subject, payload, body) = (echo(), Bytes::new(), Bytes::new());
    let echo = Outgoing { subject, reply: None, trace: None, payload, body };
    match bus.request(echo, ANSWER_WAIT).await {
        Ok(_) | Err(BusError::NoResponders) => Ok(()),
        Err(error) => Err(error),
    }
}

struct Player {
    bus: Arc<dyn Bus>,
    answers: HashMap<Number, Result<Payload, BusError>>,
    said: usize,
    asked: usize,
    withheld: usize,
}

impl Player {
    /// Does again what a record says; what came out otherwise, if anything did.
    async fn play(&mut self, record: &Record) -> Result<Option<String>, ReplayError> {
        match &record.what {
            What::Published { said, outcome: Ok(()), .. } => {
                let Some(message) = self.message(record, said) else { return Ok(None) };
                self.bus.publish(message)?;
                self.said += 1;
                Ok(None)
            }
            What::Asked { bus, n, said, whom: Whom::One { wait_ms } } => {
                let Some(message) = self.message(record, said) else { return Ok(None) };
                let wait = Duration::from_millis(*wait_ms).max(ANSWER_WAIT);
                let answer = self.bus.request(message, wait).await;
                self.asked += 1;
                let recorded = self.answers.get(&(record.edge, *bus, *n));
                Ok(recorded.and_then(|recorded| difference(said, recorded, &answer)))
            }
            What::Published { .. }
            | What::Asked { .. }
            | What::Opened { .. }
            | What::Stepped { .. }
            | What::Subscribed { .. }
            | What::Heard { .. }
            | What::Answered { .. }
            | What::Status { .. }
            | What::Gap { .. }
            | What::Ended { .. } => Ok(None),
        }
    }

    /// The message with its body; refusals come back to this connection.
    fn message(&mut self, record: &Record, said: &Said) -> Option<Outgoing> {
        let expanded = said.payload.clone().expanded(&said.subject, record.bodies);
        let Some(Payload::Kept(payload)) = expanded else {
            self.withheld += 1;
            return None;
        };
        let n = u64::try_from(self.said).unwrap_or(u64::MAX);
        let bounce = chat::bounce(self.bus.id(), BounceTag { slot: 0, n });
        let reply = said.reply.as_ref().map(|_| bounce);
        let (subject, trace, body) = (said.subject.clone(), said.trace.clone(), Bytes::new());
        Some(Outgoing { subject, reply, trace, payload, body })
    }
}

fn difference(
    said: &Said,
    recorded: &Result<Payload, BusError>,
    answer: &Result<Bytes, BusError>,
) -> Option<String> {
    let subject = words::place(&said.subject);
    match (recorded, answer) {
        (Ok(Payload::Withheld { .. }), Ok(_)) => None,
        (Ok(Payload::Kept(then)), Ok(now)) if then == now => None,
        (Err(then), Err(now)) if then == now => None,
        (Ok(_), Ok(now)) => {
            Some(format!("{subject} was answered with other bytes, {} of them", now.len()))
        }
        (Ok(_), Err(now)) => Some(format!("{subject} was answered, and is not: {now}")),
        (Err(then), Ok(_)) => Some(format!("{subject} was not answered ({then}), and is")),
        (Err(then), Err(now)) => {
            Some(format!("{subject} was not answered: {then} then, {now} now"))
        }
    }
}

fn answers(records: &[(usize, Record)]) -> HashMap<Number, Result<Payload, BusError>> {
    let answers = records.iter().filter_map(|(_, record)| match &record.what {
        What::Answered { bus, n, answer } => Some(((record.edge, *bus, *n), answer.clone())),
        What::Opened { .. }
        | What::Stepped { .. }
        | What::Published { .. }
        | What::Subscribed { .. }
        | What::Heard { .. }
        | What::Asked { .. }
        | What::Status { .. }
        | What::Gap { .. }
        | What::Ended { .. } => None,
    });
    answers.collect()
}
