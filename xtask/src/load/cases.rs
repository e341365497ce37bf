//! Owns the measured requests: what is asked of which app, and the one right answer.
//!
//! Does not own the apps: they lie in `benches/apps`, and answer alike under every server.

use std::fmt::Write;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// A measured request.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The module in `benches/apps` that answers; its callable is `app`.
    pub(crate) module: &'static str,
    pub(crate) path: &'static str,
    pub(crate) query: &'static str,
    /// Bytes of the request's body; 0 is a GET.
    pub(crate) body: usize,
    answer: Answer,
    pub(crate) what: &'static str,
}

#[derive(Debug)]
enum Answer {
    Text(&'static str),
    /// So many `x`.
    Block(usize),
    /// The SHA-256 of the request's body.
    Digest,
}

/// What a request's body is made of.
const FILL: u8 = b'b';

const MIB: usize = 1024 * 1024;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "hello",
        module: "basic",
        path: "/hello",
        query: "",
        body: 0,
        answer: Answer::Text("Hello, World!"),
        what: "GET, 13 bytes",
    },
    Case {
        name: "64k",
        module: "basic",
        path: "/block",
        query: "",
        body: 0,
        answer: Answer::Block(64 * 1024),
        what: "GET, 64 KiB in one piece",
    },
    Case {
        name: "post",
        module: "basic",
        path: "/digest",
        query: "",
        body: MIB,
        answer: Answer::Digest,
        what: "POST of 1 MiB, answered with its SHA-256",
    },
    Case {
        name: "flask",
        module: "flasked",
        path: "/item/7",
        query: "q=z",
        body: 0,
        answer: Answer::Text(
            "{\"id\":7,\"name\":\"item\",\"q\":\"z\",\"tags\":[\"a\",\"b\",\"c\"]}\n",
        ),
        what: "GET, a route of Flask, JSON",
    },
];

/// The case of that name.
pub(crate) fn find(name: &str) -> Result<&'static Case> {
    CASES.iter().find(|case| case.name == name).with_context(|| {
        let names: Vec<&str> = CASES.iter().map(|case| case.name).collect();
        format!("there is no case `{name}`: choose of {}", names.join(", "))
    })
}

impl Case {
    /// The request's body.
    pub(crate) fn content(&self) -> Vec<u8> {
        vec![FILL; self.body]
    }

    /// The only right body of a response.
    pub(crate) fn expected(&self) -> Vec<u8> {
        match self.answer {
            Answer::Text(text) => text.into(),
            Answer::Block(size) => vec![b'x'; size],
            Answer::Digest => {
                let mut hex = String::new();
                for byte in Sha256::digest(self.content()) {
                    write!(hex, "{byte:02x}").expect("a String takes everything");
                }
                hex.into_bytes()
            }
        }
    }
}
