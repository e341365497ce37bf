//! Owns one client: a kept HTTP connection, a request after the other, each answer compared.
//!
//! Does not own what failures mean (`tally`).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::tally::Tally;

/// Longer than any answer takes whose worker was killed.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Sizes of bodies: none, within one record, at its border, many.
const SIZES: [usize; 7] = [0, 11, 1000, 65_528, 65_535, 70_001, 300_000];

/// One request and what is right for it.
struct Asked {
    head: String,
    body: Vec<u8>,
    expected: Vec<u8>,
}

/// An answer as it came.
struct Answer {
    status: u16,
    process: u32,
    keeps: bool,
    body: Vec<u8>,
}

/// Asks until it is over.
pub(super) fn ask(
    number: usize,
    address: SocketAddr,
    tally: &Mutex<Tally>,
    is_over: &AtomicBool,
    latest: &AtomicU32,
) {
    let mut kept = None;
    for turn in 0.. {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        let asked = request(number, turn);
        let began = Instant::now();
        let answer = exchange(&mut kept, address, &asked);
        let mut tally = tally.lock().expect("no client panicked");
        match answer {
            Ok(answer) if answer.status == 200 && answer.body == asked.expected => {
                tally.answered(answer.process, answer.body.len(), began.elapsed());
                latest.store(answer.process, Ordering::Relaxed);
            }
            Ok(answer) if answer.status == 200 => {
                let (got, due) = (answer.body.len(), asked.expected.len());
                let line = asked.head.lines().next().unwrap_or_default();
                tally.wrong(format!("wrong answer to {line}: {got} bytes, {due} were due"));
            }
            Ok(answer) => {
                let text = String::from_utf8_lossy(&answer.body);
                let text: String = text.chars().take(300).collect();
                tally.failed(began, format!("{} {text:?}", answer.status));
            }
            Err(error) => {
                kept = None;
                tally.failed(began, format!("{error:#}"));
            }
        }
    }
}

fn request(number: usize, turn: usize) -> Asked {
    let (seed, size) = (format!("{number}-{turn}"), SIZES[(number + turn) % SIZES.len()]);
    let block: String = Sha256::digest(&seed).iter().map(|byte| format!("{byte:02x}")).collect();
    let pattern: Vec<u8> = block.bytes().cycle().take(size).collect();
    let path = ["plain", "digest", "stream"][turn % 3];
    let head = |method, more: &str| {
        format!(
            "{method} /{path}?seed={seed}&size={size} HTTP/1.1\r\nHost: soaked\r\n\
             Accept: text/plain\r\n{more}\r\n"
        )
    };
    if path == "digest" {
        let digest: String =
            Sha256::digest(&pattern).iter().map(|byte| format!("{byte:02x}")).collect();
        let expected = format!("{seed} {size} {digest}").into_bytes();
        let head = head("POST", &format!("Content-Length: {size}\r\n"));
        return Asked { head, body: pattern, expected };
    }
    Asked { head: head("GET", ""), body: Vec::new(), expected: pattern }
}

fn exchange(
    kept: &mut Option<BufReader<TcpStream>>,
    address: SocketAddr,
    asked: &Asked,
) -> Result<Answer> {
    let mut reader = match kept.take() {
        Some(reader) => reader,
        None => {
            let stream = TcpStream::connect(address).context("cannot connect")?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(TIMEOUT))?;
            stream.set_write_timeout(Some(TIMEOUT))?;
            BufReader::new(stream)
        }
    };
    let stream = reader.get_mut();
    stream.write_all(&[asked.head.as_bytes(), &asked.body].concat()).context("cannot send")?;
    let answer = read(&mut reader)?;
    if answer.keeps {
        *kept = Some(reader);
    }
    Ok(answer)
}

fn read(reader: &mut BufReader<TcpStream>) -> Result<Answer> {
    let status_line = line(reader)?;
    let status = status_line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.with_context(|| format!("not HTTP: {status_line:?}"))?;
    let (mut length, mut process, mut keeps, mut is_chunked) = (None, 0, true, false);
    loop {
        let line = line(reader)?;
        let Some((name, value)) = line.split_once(':') else { break };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = Some(value.parse::<usize>()?),
            "transfer-encoding" => is_chunked = value == "chunked",
            "connection" => keeps = !value.eq_ignore_ascii_case("close"),
            "x-process" => process = value.parse()?,
            _ => {}
        }
    }
    let mut body = Vec::new();
    match length {
        Some(length) => {
            body.resize(length, 0);
            reader.read_exact(&mut body).context("the body was cut off")?;
        }
        None if is_chunked => loop {
            let size = usize::from_str_radix(line(reader)?.trim(), 16).context("a chunk's size")?;
            let start = body.len();
            body.resize(start + size, 0);
            reader.read_exact(&mut body[start..]).context("the body was cut off")?;
            line(reader)?;
            if size == 0 {
                break;
            }
        },
        None => {
            keeps = false;
            reader.read_to_end(&mut body).context("the body was cut off")?;
        }
    }
    Ok(Answer { status, process, keeps, body })
}

/// A line without its end.
fn line(reader: &mut BufReader<TcpStream>) -> Result<String> {
    let mut bytes = Vec::new();
    reader.read_until(b'\n', &mut bytes).context("the head was cut off")?;
    if !bytes.ends_with(b"\n") {
        bail!("the connection ended");
    }
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}
