//! The bus inside this process with a recorder in front, while it records: what it does must not
//! differ in anything.

use std::sync::Arc;

use actors::bus::embedded::Broker;
use actors::bus::recording::RecordingBus;
use actors::capture::{Recorder, answer};
use bus_schemas::bus::Bus;
use bus_schemas::capture::Bodies;
use bus_schemas::capture::ask::{AskCapture, Plan, Verb, capture};
use bus_schemas::id::{CaptureId, EdgeId};

use super::{DEADLINE, World};

pub(crate) struct Recorded {
    broker: Broker,
    recorder: Recorder,
}

impl Recorded {
    pub(crate) async fn start() -> Self {
        let broker = Broker::new();
        let recorder = Recorder::allowed(EdgeId::from_bytes([1; 16]));
        tokio::spawn(answer::answer(Arc::new(broker.connect()), recorder.clone()));
        let bus: Arc<dyn Bus> = Arc::new(broker.connect());
        let (users, bodies, veil) = (Vec::new(), Bodies::Random, [0; 16]);
        let plan = Plan { for_ms: 600_000, users, bodies, veil };
        let capture_id = CaptureId::from_bytes([2; 16]);
        let begin = AskCapture { capture: capture_id, verb: Verb::Begin(plan) };
        // Until it listens nobody answers.
        while bus.call(&capture(), &begin, None, DEADLINE).await.is_err() {
            tokio::task::yield_now().await;
        }
        Self { broker, recorder }
    }
}

impl World for Recorded {
    async fn connect(&self) -> Arc<dyn Bus> {
        Arc::new(RecordingBus::new(Arc::new(self.broker.connect()), self.recorder.clone()))
    }

    fn cut(&mut self) {
        self.broker.cut();
    }

    fn mend(&mut self) {
        self.broker.mend();
    }
}
