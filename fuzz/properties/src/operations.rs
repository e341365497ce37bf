//! Owns the invariant: whatever is called on one side, in whatever order, the other side reports it, and
//! a call that is refused as ours leaves no byte behind.
//!
//! Does not own bytes that no side of ours would send (`records`).

use std::collections::BTreeMap;

use fastcgi::limits::{PARAMS_BYTES_MAX, REPLY_BYTES_MAX, REQUESTS_PER_CONNECTION_MAX};
use fastcgi::{
    Connection, EndRequest, Error, Event, Padding, ProtocolStatus, RequestId, Role, Side,
};

use crate::taker::Taker;

/// More is said by longer conversations elsewhere.
const OPERATIONS_MAX: usize = 200;

/// What one request has come to, on either side.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    /// Nothing before they are complete.
    params: Vec<u8>,
    stdin: Vec<u8>,
    stdin_ended: bool,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    ended: Option<u32>,
}

#[derive(Debug)]
struct Joined {
    web_server: Connection,
    application: Connection,
    sent: BTreeMap<u16, Seen>,
    reported: BTreeMap<u16, Seen>,
    /// Params that are not complete.
    begun: BTreeMap<u16, Vec<u8>>,
    /// Requests whose rest is thrown away by the rules: only what came before counts.
    given_up: Vec<u16>,
}

pub(crate) fn hold(bytes: &[u8]) {
    let mut taker = Taker(bytes);
    let mut joined = Joined {
        web_server: Connection::new(Side::WebServer),
        application: Connection::new(Side::Application),
        sent: BTreeMap::new(),
        reported: BTreeMap::new(),
        begun: BTreeMap::new(),
        given_up: Vec::new(),
    };
    for _ in 0..OPERATIONS_MAX {
        if taker.is_empty() {
            break;
        }
        joined.operate(&mut taker);
    }
    let Joined { sent, mut reported, given_up, .. } = joined;
    for (id, seen) in &sent {
        let reported = reported.remove(id).unwrap_or_default();
        if given_up.contains(id) {
            assert!(seen.stdin.starts_with(&reported.stdin), "request {id}");
        } else {
            assert_eq!(&reported, seen, "request {id}");
        }
    }
    assert!(reported.is_empty(), "nobody asked: {reported:?}");
}

impl Joined {
    fn operate(&mut self, taker: &mut Taker<'_>) {
        let (what, number) = (taker.byte(), u16::from(taker.byte() % 4) + 1);
        let id = RequestId::new(number).expect("not 0");
        let padding = if what & 0x80 == 0 { Padding::None } else { Padding::Align8 };
        let mut wire = Vec::new();
        let from_web_server = what % 9 < 5;
        let result = match what % 9 {
            0 => self.begin(id, taker, &mut wire),
            1 => {
                let size = taker.size();
                let content = taker.content(size);
                let done = self.web_server.params_piece(id, &content, padding, &mut wire);
                done.inspect(|()| self.begun.entry(number).or_default().extend(&content))
            }
            2 => {
                let done = self.web_server.end_params(id, &mut wire);
                done.inspect(|()| {
                    self.seen(id).params = self.begun.remove(&number).unwrap_or_default();
                })
            }
            3 => {
                let size = taker.size();
                let content = taker.content(size);
                let done = self.web_server.stdin(id, &content, padding, &mut wire);
                done.inspect(|()| self.seen(id).stdin.extend(&content))
            }
            4 if what & 0x40 == 0 => {
                let done = self.web_server.end_stdin(id, &mut wire);
                done.inspect(|()| self.seen(id).stdin_ended = true)
            }
            4 => {
                let done = self.web_server.abort(id, &mut wire);
                done.inspect(|()| self.given_up.push(number))
            }
            5 | 6 => {
                let size = taker.size();
                let content = taker.content(size);
                let done = self.application.stdout(id, &content, padding, &mut wire);
                done.inspect(|()| self.seen(id).stdout.extend(&content))
            }
            7 => {
                let content = taker.content(9);
                let done = self.application.stderr(id, &content, padding, &mut wire);
                done.inspect(|()| self.seen(id).stderr.extend(&content))
            }
            _ => {
                let app_status = taker.byte().into();
                let end =
                    EndRequest { app_status, protocol_status: ProtocolStatus::RequestComplete };
                let done = self.application.end_request(id, end, &mut wire);
                done.inspect(|()| {
                    let seen = self.seen(id);
                    seen.ended = Some(app_status);
                    // What of the request was not read by then is nobody's.
                    self.given_up.push(number);
                })
            }
        };
        match result {
            Ok(()) => {}
            Err(Error::Usage { .. }) => assert!(wire.is_empty(), "a refused call left bytes"),
            Err(other) => panic!("{other}"),
        }
        self.deliver(from_web_server, &wire, usize::from(taker.byte()) + 1);
    }

    fn begin(
        &mut self,
        id: RequestId,
        taker: &mut Taker<'_>,
        wire: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let role = if taker.byte() < 240 { Role::Responder } else { Role::Filter };
        // The application may have ended one that the web server still sends for.
        let is_open = self.application.is_open(id);
        self.web_server.begin_request(id, role, true, wire)?;
        assert!(!is_open, "both sides know what is open");
        self.sent.insert(id.get(), Seen::default());
        self.reported.insert(id.get(), Seen::default());
        self.begun.remove(&id.get());
        self.given_up.retain(|other| *other != id.get());
        if role != Role::Responder {
            self.given_up.push(id.get());
        }
        Ok(())
    }

    fn seen(&mut self, id: RequestId) -> &mut Seen {
        self.sent.entry(id.get()).or_default()
    }

    fn deliver(&mut self, from_web_server: bool, wire: &[u8], cut: usize) {
        for piece in wire.chunks(cut) {
            let mut rest = piece;
            while !rest.is_empty() {
                let receiver =
                    if from_web_server { &mut self.application } else { &mut self.web_server };
                let taken = receiver.receive(rest);
                rest = &rest[taken..];
                self.report(from_web_server);
            }
        }
        let replies = self.application.take_replies();
        assert!(replies.len() <= REPLY_BYTES_MAX);
        if !replies.is_empty() {
            self.deliver(false, &replies, usize::MAX);
        }
        assert!(self.application.open_requests() <= REQUESTS_PER_CONNECTION_MAX);
    }

    fn report(&mut self, by_application: bool) {
        let Joined { web_server, application, reported, given_up, .. } = self;
        let receiver = if by_application { application } else { web_server };
        while let Some(event) = receiver.poll_event().expect("the other side is ours") {
            let of = |id: RequestId| id.get();
            match event {
                Event::Request { id, params, .. } => {
                    assert!(params.bytes().len() <= PARAMS_BYTES_MAX);
                    reported.entry(of(id)).or_default().params = params.bytes().to_vec();
                }
                Event::Refused { id, .. } => given_up.push(of(id)),
                Event::Stdin { id, data } => {
                    reported.entry(of(id)).or_default().stdin.extend_from_slice(data);
                }
                Event::EndOfStdin { id } => {
                    reported.entry(of(id)).or_default().stdin_ended = true;
                }
                Event::Stdout { id, data } => {
                    reported.entry(of(id)).or_default().stdout.extend_from_slice(data);
                }
                Event::Stderr { id, data } => {
                    reported.entry(of(id)).or_default().stderr.extend_from_slice(data);
                }
                Event::EndRequest { id, end } => {
                    reported.entry(of(id)).or_default().ended = Some(end.app_status);
                }
                _ => {}
            }
        }
    }
}
