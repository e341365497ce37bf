//! Owns the tests of what becomes of a response whose parts come one after the other.
//!
//! Does not own the instance that sends them: see `tests/it`.

use fastcgi::{Connection, RecordHeader, RecordType, RequestId, Role, Side};
use iis::fastcgi::StderrMode;

use super::{Reply, Started};
use crate::failure::Failure;
use crate::runtime::oneshot;

const ID: u16 = 7;

/// A reply in the mode of `stderr`, its connection with a request under way, and who waits for the head.
fn waiting() -> (Reply, Connection, oneshot::Receiver<Started>) {
    let mut connection = Connection::new(Side::WebServer);
    let (id, mut out) = (RequestId::new(ID).unwrap(), Vec::new());
    connection.begin_request(id, Role::Responder, true, &mut out).unwrap();
    connection.params(id, [], &mut out).unwrap();
    connection.end_stdin(id, &mut out).unwrap();
    let (start, started) = oneshot::channel();
    (Reply::new(start, StderrMode::ReturnStdErrIn500, false, 0), connection, started)
}

fn take(reply: &mut Reply, connection: &mut Connection, records: &[(RecordType, &[u8])]) {
    for (kind, content) in records {
        let head = RecordHeader::new(*kind, ID, u16::try_from(content.len()).unwrap()).encode();
        let bytes = [&head[..], content].concat();
        connection.space()[..bytes.len()].copy_from_slice(&bytes);
        connection.filled(bytes.len());
    }
    reply.take(connection).unwrap();
}

const HEAD: (RecordType, &[u8]) = (RecordType::Stdout, b"Status: 200 OK\r\n\r\n");
const END: (RecordType, &[u8]) = (RecordType::EndRequest, &[0; 8]);

#[test]
fn a_head_alone_is_held_back_for_what_is_complained_about() {
    let (mut reply, mut connection, mut started) = waiting();
    take(&mut reply, &mut connection, &[HEAD]);
    assert!(reply.head_due().is_some() && started.try_recv().is_err());
    take(&mut reply, &mut connection, &[(RecordType::Stderr, b"Traceback")]);
    assert!(started.try_recv().is_err());
    take(&mut reply, &mut connection, &[END]);
    let Ok(Err(Failure::Stderr(text))) = started.try_recv() else { panic!("a failure is told") };
    assert_eq!(text, "Traceback");
}

#[test]
fn nobody_waits_for_complaints_for_ever() {
    let (mut reply, mut connection, mut started) = waiting();
    take(&mut reply, &mut connection, &[HEAD]);
    reply.release_head().unwrap();
    assert!(reply.head_due().is_none());
    assert_eq!(started.try_recv().unwrap().unwrap().0.status, 200);
}
