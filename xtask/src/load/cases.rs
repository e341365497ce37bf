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
    /// Headers beside the usual ones, `X-Header-N`, and a cookie of ten.
    pub(crate) more_headers: usize,
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

const HELLO: Case = Case {
    name: "hello",
    module: "basic",
    path: "/hello",
    query: "",
    body: 0,
    more_headers: 0,
    answer: Answer::Text("Hello, World!"),
    what: "GET, 13 bytes",
};

/// A route of a framework.
const ITEM: Case = Case {
    path: "/item/7",
    query: "q=z",
    answer: Answer::Text("{\"id\":7,\"name\":\"item\",\"q\":\"z\",\"tags\":[\"a\",\"b\",\"c\"]}\n"),
    ..HELLO
};

pub(crate) const CASES: &[Case] = &[
    HELLO,
    Case {
        name: "64k",
        path: "/block",
        answer: Answer::Block(64 * 1024),
        what: "GET, 64 KiB in one piece",
        ..HELLO
    },
    Case {
        name: "post",
        path: "/digest",
        body: MIB,
        answer: Answer::Digest,
        what: "POST of 1 MiB, answered with its SHA-256",
        ..HELLO
    },
    Case {
        name: "headers",
        path: "/headers",
        more_headers: 50,
        answer: Answer::Text("50"),
        what: "GET with 50 more headers and 10 cookies",
        ..HELLO
    },
    Case {
        name: "stream",
        path: "/stream",
        answer: Answer::Block(10 * MIB),
        what: "GET, 10 MiB in 160 pieces",
        ..HELLO
    },
    Case { name: "wait", path: "/wait", what: "GET, the app sleeps 10 ms", ..HELLO },
    Case {
        name: "work",
        path: "/work",
        what: "GET, the app computes for about a millisecond",
        ..HELLO
    },
    Case { name: "flask", module: "flasked", what: "GET, a route of Flask, JSON", ..ITEM },
    Case {
        name: "django",
        module: "djangoed",
        answer: Answer::Text(
            "{\"id\": 7, \"name\": \"item\", \"q\": \"z\", \"tags\": [\"a\", \"b\", \"c\"]}",
        ),
        what: "GET, a route of Django, JSON",
        ..ITEM
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
    /// The headers beside the usual ones, as HTTP names them.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> = (0..self.more_headers)
            .map(|number| (format!("X-Header-{number}"), format!("value {number} of a header")))
            .collect();
        if !headers.is_empty() {
            let cookies: Vec<String> =
                (0..10).map(|number| format!("cookie{number}=0123456789abcdef")).collect();
            headers.push(("Cookie".into(), cookies.join("; ")));
        }
        headers
    }

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
