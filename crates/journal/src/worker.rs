use crate::{
    appenders::Appenders,
    frame::Record,
    journal::{Options, Shared, Unavailable},
    writer::Writer,
};
use std::{sync::Arc, thread, time::Duration};
use tokio::sync::{mpsc, oneshot};

/// A batch is closed after this many bytes of records.
const BATCH_BYTES: usize = 4 << 20;
/// When so many records were written together, others are likely to be on their way.
const COMPANIONS: usize = 4;
/// How long a batch then waits for them, unless one of the appenders rests before that: a flush costs as much for
/// one record as for a hundred.
const LINGER: Duration = Duration::from_micros(500);
/// Pause between attempts to write again after a failure.
const RETRY: Duration = Duration::from_millis(200);

/// A record on its way, and who waits for it.
pub(crate) struct Request {
    pub(crate) record: Record,
    pub(crate) done: oneshot::Sender<Result<u64, Unavailable>>,
}

/// The thread that owns the files.
pub(crate) struct Worker {
    writer: Writer,
    shared: Arc<Shared>,
    receiver: mpsc::Receiver<Request>,
    batch: usize,
    appenders: Appenders,
}

impl Worker {
    pub(crate) fn new(
        writer: Writer,
        shared: Arc<Shared>,
        receiver: mpsc::Receiver<Request>,
        options: &Options,
    ) -> Self {
        Self { writer, shared, receiver, batch: options.batch, appenders: options.appenders.clone() }
    }

    /// Writes until nobody can append any more.
    pub(crate) fn run(mut self) {
        let (mut held, mut written) = (None, 0);
        loop {
            let Some(first) = held.take().or_else(|| self.receiver.blocking_recv()) else { return };
            if written >= COMPANIONS {
                self.appenders.wait(LINGER);
            }
            let mut bytes = first.record.payload.len();
            let mut batch = vec![first];
            while batch.len() < self.batch {
                let Ok(next) = self.receiver.try_recv() else { break };
                if bytes + next.record.payload.len() > BATCH_BYTES {
                    held = Some(next);
                    break;
                }
                bytes += next.record.payload.len();
                batch.push(next);
            }
            written = batch.len();
            self.commit(batch);
        }
    }

    fn commit(&mut self, batch: Vec<Request>) {
        let first = self.writer.seq();
        match self.writer.commit(batch.iter().map(|request| &request.record)) {
            Ok(()) => {
                self.shared.publish(self.writer.head(), self.writer.segment());
                for (seq, request) in (first..).zip(batch) {
                    // The caller may have given up waiting.
                    let _gone = request.done.send(Ok(seq));
                }
            }
            Err(error) => {
                tracing::error!(error = %error, "the journal cannot be written");
                self.shared.set_writable(false);
                refuse(batch);
                self.heal();
            }
        }
    }

    /// Tries again until it works, refusing what comes in meanwhile.
    fn heal(&mut self) {
        while let Err(error) = self.writer.start_segment() {
            tracing::warn!(error = %error, "the journal still cannot be written");
            while let Ok(request) = self.receiver.try_recv() {
                refuse(vec![request]);
            }
            if self.receiver.is_closed() {
                return;
            }
            thread::sleep(RETRY);
        }
        tracing::info!("the journal can be written again");
        self.shared.set_writable(true);
    }
}

fn refuse(batch: Vec<Request>) {
    for request in batch {
        let _gone = request.done.send(Err(Unavailable));
    }
}
