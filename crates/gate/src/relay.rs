//! Owns passing bytes between two streams, both ways at once, with their ends: for who must see the
//! bytes, or may not give its pipe away.
//!
//! Does not understand them: whoever wants to look gives a [`Witness`].

use crate::limits::{RELAY_BYTES, RELAY_FLUSH_TIMEOUT};
use crate::turns::Turns;
use platform::Stream;
use std::fmt;
use std::io::{self, IoSlice};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the web server: requests.
    ToApplication,
    /// From the app: responses.
    ToWebServer,
}

/// Looks at what passes. Called by two threads, one for each direction.
pub trait Witness: Send + Sync {
    /// These bytes are about to be passed on: what answers them comes later.
    fn passes(&self, direction: Direction, bytes: &[u8]);

    /// Nothing more comes this way.
    fn ends(&self, direction: Direction);
}

/// How often a waiting thread looks whether the relay is to end.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How long a turn of reading lasts, on a pipe that is read or written, never both.
const READING_TURN: Duration = Duration::from_millis(5);

/// Two streams joined by two threads. They end when both directions have; [`Relay::finish`] ends
/// them sooner. Then the streams are closed.
pub struct Relay {
    joint: Arc<Joint>,
    web_server: Weak<Stream>,
    threads: Vec<JoinHandle<()>>,
    /// Disconnected when nothing more goes to the web server.
    flushed: Receiver<()>,
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("is_ending", &self.joint.is_ending).finish_non_exhaustive()
    }
}

/// What the threads share. The streams are theirs alone: a pipe ends when nobody holds it.
struct Joint {
    witness: Option<Arc<dyn Witness>>,
    /// Nothing more is passed on but what the app has written.
    is_ending: AtomicBool,
    /// Both ways are over, whatever may still come.
    is_over: AtomicBool,
    ended: AtomicUsize,
    turns: Turns,
}

/// Why a direction is over.
enum Over {
    /// Its source has ended: its sink is told.
    Ended,
    /// Its sink takes no more.
    Refused,
    /// The relay is to end.
    Told,
}

impl Relay {
    /// Joins two streams. No more than [`RELAY_BYTES`] are on their way in each direction.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(
        web_server: Stream,
        application: Stream,
        witness: Option<Arc<dyn Witness>>,
    ) -> io::Result<Self> {
        let joint = Arc::new(Joint {
            witness,
            is_ending: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            ended: AtomicUsize::new(0),
            turns: Turns::default(),
        });
        let (is_flushing, flushed) = channel::<()>();
        let (web_server, application) = (Arc::new(web_server), Arc::new(application));
        let weak = Arc::downgrade(&web_server);
        let requests = (Arc::clone(&joint), Arc::clone(&web_server), Arc::clone(&application));
        let responses = (Arc::clone(&joint), application, web_server);
        let thread = |name: &str| std::thread::Builder::new().name(name.into());
        let threads = vec![
            thread("to-app").spawn(move || {
                let (joint, from, to) = requests;
                joint.pass(Direction::ToApplication, &from, &to);
            })?,
            thread("to-web-server").spawn(move || {
                let (joint, from, to) = responses;
                joint.pass(Direction::ToWebServer, &from, &to);
                drop(is_flushing);
            })?,
        ];
        Ok(Self { joint, web_server: weak, threads, flushed })
    }

    /// Passes on what the app has written so far, then ends. Call it when nobody writes any more,
    /// and close the app's end before.
    pub fn finish(self) {
        self.joint.is_ending.store(true, Ordering::Release);
        if self.flushed.recv_timeout(RELAY_FLUSH_TIMEOUT) == Err(RecvTimeoutError::Timeout) {
            log::warn!("the web server did not take the rest of an answer");
            self.joint.is_over.store(true, Ordering::Release);
            if let Some(web_server) = self.web_server.upgrade() {
                web_server.shutdown();
            }
        }
        for thread in self.threads {
            // A panic there has been told.
            let _ = thread.join();
        }
    }
}

/// A fault of ours in one thread ends both: a pipe that is closed is better than one that is silent.
struct Guard<'a>(&'a Joint);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            log::error!("relay: a fault of ours: the pipe is closed");
            self.0.is_over.store(true, Ordering::Release);
        }
    }
}

impl Joint {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire) || self.is_over()
    }

    /// One direction's life.
    fn pass(&self, direction: Direction, from: &Stream, to: &Stream) {
        let _guard = Guard(self);
        let over = self.pump(direction, from, to).unwrap_or_else(|error| {
            log::debug!("relay: {direction:?}: {error}");
            Over::Ended
        });
        if let Some(witness) = &self.witness {
            witness.ends(direction);
        }
        match over {
            Over::Ended => {
                to.shutdown_write();
                // Where an end is the end of both directions, only closing passes it on.
                if !(from.ends_by_halves() && to.ends_by_halves()) {
                    self.is_over.store(true, Ordering::Release);
                }
            }
            // The web server has gone: whoever still writes an answer is to notice. (An app that
            // has gone needs no telling, for the other direction ends with it.)
            Over::Refused if direction == Direction::ToWebServer => {
                self.is_over.store(true, Ordering::Release);
                from.shutdown();
            }
            Over::Refused | Over::Told => {}
        }
        if self.ended.fetch_add(1, Ordering::AcqRel) == 1 {
            // Whoever holds a descriptor of the app's end learns it this way as well.
            from.shutdown();
            to.shutdown();
        }
    }

    fn pump(&self, direction: Direction, from: &Stream, to: &Stream) -> io::Result<Over> {
        let mut buffer = vec![0; RELAY_BYTES];
        loop {
            let turn = from.takes_turns().then(|| self.turns.to_read());
            let count = match from.try_read(&mut buffer)? {
                Some(0) => return Ok(Over::Ended),
                Some(count) => count,
                None if self.is_ending() => return Ok(Over::Told),
                None => {
                    let patience = if turn.is_some() { READING_TURN } else { LOOK_EVERY };
                    from.wait(true, false, Some(patience))?;
                    continue;
                }
            };
            drop(turn);
            if let Some(witness) = &self.witness {
                witness.passes(direction, &buffer[..count]);
            }
            let _turn = to.takes_turns().then(|| self.turns.to_write());
            match self.write(direction, to, &buffer[..count]) {
                Ok(true) => {}
                Ok(false) => return Ok(Over::Told),
                Err(error) => {
                    log::debug!("relay: {direction:?}: {error}");
                    return Ok(Over::Refused);
                }
            }
        }
    }

    /// Writes all; `false` when told to end. What the web server sent nobody will answer then; the
    /// app's last words may pass.
    fn write(&self, direction: Direction, to: &Stream, mut rest: &[u8]) -> io::Result<bool> {
        while !rest.is_empty() || !to.is_written()? {
            match to.try_write(&[IoSlice::new(rest)])? {
                Some(count) if count > 0 => rest = &rest[count..],
                _ if self.is_over() => return Ok(false),
                _ if self.is_ending() && direction == Direction::ToApplication => return Ok(false),
                _ => drop(to.wait(false, true, Some(LOOK_EVERY))?),
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Counts(Mutex<[(usize, usize); 2]>);

    impl Witness for Counts {
        fn passes(&self, direction: Direction, bytes: &[u8]) {
            self.0.lock().unwrap()[direction as usize].0 += bytes.len();
        }

        fn ends(&self, direction: Direction) {
            self.0.lock().unwrap()[direction as usize].1 += 1;
        }
    }

    /// A relay, the web server's end and the app's end.
    fn joined(witness: &Arc<Counts>) -> (Relay, Stream, Stream) {
        let (web_server, outer) = Stream::pair().unwrap();
        let (inner, application) = Stream::pair().unwrap();
        let witness = Arc::clone(witness) as Arc<dyn Witness>;
        (Relay::start(outer, inner, Some(witness)).unwrap(), web_server, application)
    }

    /// Reads `count` bytes, or to the end, slowly.
    fn read(stream: &Stream, count: usize) -> Vec<u8> {
        let (mut all, mut buffer) = (Vec::new(), [0; 1000]);
        while all.len() < count {
            match stream.try_read(&mut buffer).unwrap() {
                Some(0) => break,
                Some(count) => all.extend_from_slice(&buffer[..count]),
                None => drop(stream.wait(true, false, None).unwrap()),
            }
        }
        all
    }

    #[test]
    fn both_ways_at_once_and_more_than_any_buffer_holds() {
        const BYTES: usize = 4 * 1024 * 1024;
        let counts = Arc::new(Counts::default());
        let (relay, web_server, application) = joined(&counts);
        std::thread::scope(|scope| {
            for (stream, byte) in [(&web_server, b'q'), (&application, b'a')] {
                scope.spawn(move || stream.write_all(&vec![byte; BYTES]).unwrap());
            }
            let (a, b) = (&web_server, &application);
            let answers = scope.spawn(move || read(a, BYTES));
            assert!(read(b, BYTES).iter().all(|byte| *byte == b'q'));
            assert!(answers.join().unwrap().iter().all(|byte| *byte == b'a'));
        });
        drop(application);
        assert_eq!(read(&web_server, 1), b"");
        drop(web_server);
        relay.finish();
        assert_eq!(*counts.0.lock().unwrap(), [(BYTES, 1), (BYTES, 1)]);
    }

    /// Pipes of Windows have no halves.
    #[cfg(unix)]
    #[test]
    fn half_a_close_is_passed_on_and_the_other_half_lives() {
        let (relay, web_server, application) = joined(&Arc::default());
        web_server.write_all(b"question").unwrap();
        web_server.shutdown_write();
        assert_eq!(read(&application, usize::MAX), b"question");
        application.write_all(b"answer").unwrap();
        assert_eq!(read(&web_server, 6), b"answer");
        application.shutdown_write();
        assert_eq!(read(&web_server, usize::MAX), b"");
        relay.finish();
    }

    #[test]
    fn the_last_words_of_either_end_come_before_its_end() {
        let (relay, web_server, application) = joined(&Arc::default());
        web_server.write_all(b"question").unwrap();
        drop(web_server);
        assert_eq!(read(&application, usize::MAX), b"question");
        relay.finish();
        let (relay, web_server, application) = joined(&Arc::default());
        application.write_all(b"answer").unwrap();
        drop(application);
        assert_eq!(read(&web_server, usize::MAX), b"answer");
        relay.finish();
    }

    #[test]
    fn who_answers_a_web_server_that_has_gone_is_told() {
        let (relay, web_server, application) = joined(&Arc::default());
        drop(web_server);
        let error = loop {
            if let Err(error) = application.write_all(&[b'a'; 1000]) {
                break error;
            }
        };
        assert!(matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset));
        relay.finish();
    }

    #[cfg(unix)]
    #[test]
    fn an_app_that_shuts_everything_ends_the_web_servers_pipe() {
        let (relay, web_server, application) = joined(&Arc::default());
        application.shutdown();
        assert_eq!(read(&web_server, 1), b"");
        relay.finish();
    }

    #[test]
    fn the_last_words_pass_although_someone_still_holds_the_apps_end() {
        let (relay, web_server, application) = joined(&Arc::default());
        application.write_all(&[b'a'; 100_000]).unwrap();
        std::thread::scope(|scope| {
            let answers = scope.spawn(|| read(&web_server, usize::MAX));
            relay.finish();
            assert_eq!(answers.join().unwrap().len(), 100_000);
        });
        drop(application);
    }

    #[test]
    fn a_fault_ends_both_ways() {
        struct Faulty;
        impl Witness for Faulty {
            fn passes(&self, _: Direction, _: &[u8]) {
                panic!("on purpose");
            }
            fn ends(&self, _: Direction) {}
        }
        let (web_server, outer) = Stream::pair().unwrap();
        let (inner, application) = Stream::pair().unwrap();
        let relay = Relay::start(outer, inner, Some(Arc::new(Faulty))).unwrap();
        web_server.write_all(b"question").unwrap();
        assert_eq!(read(&application, 1), b"");
        assert_eq!(read(&web_server, 1), b"");
        relay.finish();
    }

    #[test]
    fn an_end_while_the_app_takes_nothing() {
        let (relay, web_server, application) = joined(&Arc::default());
        while web_server.try_write(&[IoSlice::new(&[b'q'; 1000])]).unwrap().is_some() {}
        relay.finish();
        drop(application);
    }
}
