//! Answers `dev.capture`: begins to record when it is asked to, gives what was recorded page by
//! page, and forgets a capture that nobody asks about any more.

use std::sync::Arc;
use std::time::Duration;

use bus_schemas::bus::Bus;
use bus_schemas::capture::Why;
use bus_schemas::capture::ask::{
    AskCapture, CAPTURE_MS_MAX, FORGOTTEN_MS, Next, PAGE_BYTES, Page, Plan, Taken, USERS_MAX, Verb,
    capture,
};
use bus_schemas::fault::Code;
use bus_schemas::id::{CaptureId, EdgeId};
use bus_schemas::verbs::{Questions, Reply};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Recorder, Recording};

/// Questions that may wait.
const QUESTIONS_WAITING_MAX: usize = 64;
/// How soon it is tried again to listen, where the bus did not let us.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);
const FORGOTTEN: Duration = Duration::from_millis(FORGOTTEN_MS);

/// Answers for as long as the process runs. The bus is not one that records.
pub async fn answer(bus: Arc<dyn Bus>, recorder: Recorder) {
    let Some(edge) = recorder.0.as_ref().map(|shared| shared.edge) else { return };
    let mut answerer = Answerer { edge, recorder, under_way: None };
    loop {
        match bus.serve_each(&capture(), QUESTIONS_WAITING_MAX).await {
            Ok(questions) => answerer.follow(&*bus, questions).await,
            Err(error) => tracing::warn!(%error, "questions about captures cannot be heard"),
        }
        tokio::time::sleep(LISTEN_AGAIN).await;
    }
}

struct Answerer {
    edge: EdgeId,
    recorder: Recorder,
    under_way: Option<UnderWay>,
}

/// The capture that is under way.
struct UnderWay {
    capture: CaptureId,
    recording: Arc<Recording>,
    records: mpsc::Receiver<Bytes>,
    /// What was answered last; it is answered again until it has arrived.
    page: Page,
    forgotten_at: Instant,
}

impl Answerer {
    async fn follow(&mut self, bus: &dyn Bus, mut questions: Questions<AskCapture>) {
        loop {
            let forgotten_at = self.under_way.as_ref().map(|under_way| under_way.forgotten_at);
            let forgotten = async {
                match forgotten_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let question = tokio::select! {
                question = questions.next() => question,
                () = forgotten => {
                    tracing::warn!("nobody asks about a capture any more; it is forgotten");
                    self.forget();
                    continue;
                }
            };
            match question {
                Some(Ok(question)) => {
                    let answer = match self.judge(question.body) {
                        Ok(page) => Reply::Done(page),
                        Err(code) => Reply::Refused(code.into()),
                    };
                    if let Err(error) = bus.answer(question.reply, &answer) {
                        tracing::debug!(%error, "a page of a capture could not be given");
                    }
                }
                // Whoever asked asks again.
                Some(Err(_gap)) => {}
                None => return,
            }
        }
    }

    fn judge(&mut self, ask: AskCapture) -> Result<Page, Code> {
        let AskCapture { capture, verb } = ask;
        match verb {
            Verb::Begin(plan) => self.begin(capture, &plan),
            Verb::Take { taken } => self.next_page(capture, &taken),
            Verb::End { taken } => {
                self.under_way(capture)?.recording.close(Why::Asked);
                self.next_page(capture, &taken)
            }
        }
    }

    fn begin(&mut self, capture: CaptureId, plan: &Plan) -> Result<Page, Code> {
        if let Some(under_way) = &self.under_way {
            if under_way.capture == capture {
                return Ok(under_way.page.clone());
            }
            if under_way.page.next != Next::Nothing {
                return Err(Code::TooManyRequests);
            }
        }
        if plan.users.len() > USERS_MAX || plan.for_ms == 0 || plan.for_ms > CAPTURE_MS_MAX {
            return Err(Code::BadRequest);
        }
        let (recording, records) = self.recorder.begin(plan).ok_or(Code::NotFound)?;
        let page = Page { edge: self.edge, number: 0, records: Vec::new(), next: Next::Later };
        tracing::warn!(for_ms = plan.for_ms, "a developer records this edge");
        let forgotten_at = Instant::now() + FORGOTTEN;
        self.under_way =
            Some(UnderWay { capture, recording, records, page: page.clone(), forgotten_at });
        Ok(page)
    }

    fn next_page(&mut self, capture: CaptureId, arrived: &[Taken]) -> Result<Page, Code> {
        let edge = self.edge;
        let under_way = self.under_way(capture)?;
        under_way.forgotten_at = Instant::now() + FORGOTTEN;
        let last = Taken { edge, page: under_way.page.number };
        if arrived.contains(&last) && under_way.page.next != Next::Nothing {
            under_way.turn();
        }
        let page = under_way.page.clone();
        if page.next == Next::Nothing {
            self.recorder.end();
        }
        Ok(page)
    }

    fn under_way(&mut self, capture: CaptureId) -> Result<&mut UnderWay, Code> {
        self.under_way
            .as_mut()
            .filter(|under_way| under_way.capture == capture)
            .ok_or(Code::NotFound)
    }

    fn forget(&mut self) {
        self.recorder.end();
        if let Some(under_way) = self.under_way.take() {
            under_way.recording.close(Why::Asked);
        }
    }
}

impl UnderWay {
    /// The page after the present one.
    fn turn(&mut self) {
        // Asked first: what comes after this moment may be missing, and nothing before it.
        let has_ended = self.recording.ended().is_some();
        let (mut records, mut bytes) = (Vec::new(), 0);
        while bytes < PAGE_BYTES
            && let Ok(record) = self.records.try_recv()
        {
            self.recording.took(&record);
            bytes += record.len();
            records.push(record);
        }
        let next = if !self.records.is_empty() {
            Next::More
        } else if has_ended {
            records.extend(self.recording.farewell());
            Next::Nothing
        } else {
            Next::Later
        };
        self.page = Page { edge: self.page.edge, number: self.page.number + 1, records, next };
    }
}

#[cfg(test)]
mod tests {
    use bus_schemas::capture::Bodies;
    use futures_util::stream;
    use tokio::time::timeout;

    use super::*;
    use crate::bus::embedded::Broker;

    #[tokio::test]
    async fn cap4_a_capture_that_nobody_asks_about_any_more_is_forgotten() {
        let edge = EdgeId::from_bytes([1; 16]);
        let recorder = Recorder::allowed(edge);
        let mut answerer = Answerer { edge, recorder: recorder.clone(), under_way: None };
        let (users, bodies) = (Vec::new(), Bodies::Random);
        let plan = Plan { for_ms: CAPTURE_MS_MAX, users, bodies, veil: [0; 16] };
        answerer.begin(CaptureId::from_bytes([2; 16]), &plan).unwrap();
        let recording = recorder.running().unwrap();
        assert!(recording.now().is_some());

        let under_way = answerer.under_way.as_mut().unwrap();
        assert!(under_way.forgotten_at > Instant::now() + FORGOTTEN / 2);
        under_way.forgotten_at = Instant::now();
        let bus = Broker::new().connect();
        let nobody = answerer.follow(&bus, stream::pending().boxed());
        // Nobody asks; it goes on until it is stopped here.
        assert!(timeout(Duration::from_millis(200), nobody).await.is_err());
        assert!(answerer.under_way.is_none());
        assert!(recorder.running().is_none() && recording.now().is_none());
    }
}
