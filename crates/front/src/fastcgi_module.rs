//! Owns the work of IIS's `FastCgiModule`: a request becomes server variables, a CGI head becomes
//! an HTTP head.
//!
//! Does not move bytes to or from the instance: `exchange` does.

use iis::fastcgi::StderrMode;

use crate::answer::{Answer, Refused, status_code};
use crate::body::Body;
use crate::exchange::{self, Task};
use crate::failure::{self, Failure};
use crate::launch::Program;
use crate::mapping::Chosen;
use crate::pool::Refusal;
use crate::reply::Head;
use crate::respond::{Asked, Front};
use crate::runtime::{
    HeaderName, HeaderValue, HttpBody, RequestBody, Response, Version, header, oneshot, spawn,
};
use crate::server_variables::{self, Inputs, Secure, Variable, host_name};
use crate::site::Located;
use crate::supervisor::{NoInstance, PoolHandle};

/// How often a request is sent to another instance because the way to the first could not even be
/// opened: an application that ends by itself after its own quota of requests is met so.
const CONNECT_ATTEMPTS: u32 = 3;

/// Answers a request through an instance of the pool.
pub(crate) async fn answer(
    front: &Front,
    asked: &Asked,
    body: RequestBody,
    located: Located<'_, '_>,
    chosen: &Chosen<'_>,
    program: &Program,
    pool: &PoolHandle,
) -> Result<Answer, Refused> {
    let path = asked.path.text();
    let conduct = front.settings.conduct;
    // Nobody notices the default while an app streams little; a limit that is written down is meant.
    let is_buffered = conduct.buffers_response || chosen.mapping.sets_response_buffer_limit;
    let limit = if is_buffered { chosen.mapping.response_buffer_limit_bytes } else { 0 };
    let task = Task {
        params: params(front, asked, located, chosen),
        body_length: if body.is_end_stream() { Some(0) } else { body.size_hint().exact() },
        body,
        drops_body: asked.parts.method == "HEAD",
        stderr_mode: program.application.stderr_mode,
        drops_leftovers: program.application.flush_named_pipe,
        buffer_limit_bytes: limit as usize,
        conduct,
    };
    for attempt in 1.. {
        let lease = pool.lease().await.map_err(|no| no_instance(no, program, &path))?;
        let process_id = lease.process_id;
        let lease = match lease.connect().await {
            Ok(lease) => lease,
            Err(_) if attempt < CONNECT_ATTEMPTS => continue,
            Err(error) => {
                let failure = Failure::NotConnected(error.to_string());
                return Err(failed(&failure, process_id, program));
            }
        };
        let (start, started) = oneshot::channel();
        spawn(exchange::run(lease, task, start, front.hooks.tap.clone()));
        return match started.await {
            Ok(Ok((head, body))) => Ok(Answer::new(response(head, body)).of_instance(process_id)),
            Ok(Err(Failure::Stderr(text))) => {
                debug_assert_eq!(program.application.stderr_mode, StderrMode::ReturnStdErrIn500);
                let content_type = page::TEXT_CONTENT_TYPE;
                Ok(Answer::text(500, content_type, text).of_instance(process_id))
            }
            Ok(Err(failure)) => Err(failed(&failure, process_id, program)),
            Err(_) => {
                let failure = Failure::Protocol("the exchange was given up".to_owned());
                Err(failed(&failure, process_id, program))
            }
        };
    }
    unreachable!("the last attempt returns")
}

fn failed(failure: &Failure, process_id: u32, program: &Program) -> Refused {
    let page = failure.page(process_id, program);
    Refused::of_instance(500, page, process_id)
}

/// The page of a request that got no instance.
fn no_instance(no: NoInstance, program: &Program, path: &str) -> Refused {
    let application = &program.application;
    let cause = no.cause.as_ref().map(|cause| cause.sentence.clone()).unwrap_or_default();
    let error_code = no.cause.and_then(|cause| cause.error_code);
    match no.refusal {
        Refusal::QueueFull => Refused::new(503, 4, "The FastCGI queue is full", path)
            .lead("As many requests as queueLength allows wait for an instance already.")
            .lead(
                "All instances are at work: the application answers more slowly than requests \
                 come, or its instances wait for something.",
            )
            .fact("maxInstances", application.max_instances.to_string())
            .fact("queueLength", application.queue_length.to_string()),
        Refusal::StartFailed => {
            let refused = Refused::new(500, 0, "The FastCGI process cannot be started", path)
                .lead(cause)
                .fact("Program", program.executable.to_string_lossy())
                .fact("Arguments", program.arguments.as_str());
            match error_code {
                Some(code) => refused
                    .lead("IIS says: an unknown FastCGI error occurred.")
                    .fact("Error code", failure::hexadecimal(code)),
                None => refused,
            }
        }
        Refusal::RapidFails => Refused::new(500, 0, RAPID_FAILS, path)
            .lead(format!(
                "More than {} processes failed within a minute (rapidFailsPerMinute), so none is \
                 started until that minute is over.",
                application.rapid_fails_per_minute
            ))
            .lead(format!("The last failure: {cause}"))
            .fact("Program", program.executable.to_string_lossy())
            .fact("Arguments", program.arguments.as_str())
            .fact("rapidFailsPerMinute", application.rapid_fails_per_minute.to_string())
            .hint("Start the program by hand and see why it ends"),
        Refusal::ShuttingDown => Refused::new(503, 0, "The server is shutting down", path),
    }
}

/// IIS's words when rapid-fail protection holds.
const RAPID_FAILS: &str =
    "The FastCGI process has failed frequently recently. Try the request at a later time";

fn params(
    front: &Front,
    asked: &Asked,
    located: Located<'_, '_>,
    chosen: &Chosen<'_>,
) -> Vec<Variable> {
    let parts = &asked.parts;
    let headers: Vec<(&str, &[u8])> =
        parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or(parts.uri.authority().map(|authority| authority.as_str()));
    let local = asked.peers.local.ip().to_string();
    // What another certificate says is not read.
    let is_ours = front.settings.certificate.is_none();
    let subject = if is_ours { crate::certificate::SUBJECT } else { "" };
    server_variables::build(&Inputs {
        site_name: &front.site.name,
        site_id: front.site.id,
        application_path: &located.application.path,
        application_root: located.application.root(),
        method: parts.method.as_str(),
        request_uri: asked.request_uri(),
        query: parts.uri.query().unwrap_or_default(),
        path: asked.path.as_bytes(),
        path_info_len: chosen.path_info.len(),
        allow_path_info: chosen.mapping.allow_path_info || front.settings.conduct.allows_path_info,
        is_ansi: front.settings.conduct.is_ansi,
        physical_path: &chosen.physical_path,
        protocol: if parts.version == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" },
        headers: &headers,
        server_name: host.map_or(local.as_str(), host_name),
        local: asked.peers.local,
        remote: asked.peers.remote,
        secure: asked.peers.cipher_bits.map(|cipher_bits| Secure { cipher_bits, subject }),
        user: asked.user.as_deref().unwrap_or_default(),
    })
}

/// Headers that belong to the connection, which is ours and not the application's (RFC 9110 §7.6.1).
const HOP_BY_HOP: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Makes an HTTP response of a CGI head. Repeated headers stay apart.
fn response(head: Head, body: Body) -> Response<Body> {
    let has_no_body = matches!(head.status, 204 | 304);
    let mut response = Response::new(if has_no_body { Body::empty() } else { body });
    *response.status_mut() = status_code(head.status);
    if let Ok(reason) = std::str::from_utf8(&head.reason) {
        crate::runtime::set_reason(&mut response, reason);
    }
    for (name, value) in &head.headers {
        let parsed = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value));
        match parsed {
            (Ok(name), Ok(_)) if HOP_BY_HOP.contains(&name.as_str()) => {}
            (Ok(name), Ok(value)) => drop(response.headers_mut().append(name, value)),
            _ => log::warn!("header dropped: {}", String::from_utf8_lossy(name)),
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::response;
    use crate::body::Body;
    use crate::reply::Head;

    #[test]
    fn cgi_heads_become_http_heads() {
        let headers = [
            ("Set-Cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("Connection", "close"),
            ("Transfer-Encoding", "chunked"),
            ("X-Empty", ""),
            ("X-Latin", "\u{e9}"),
        ];
        let owned =
            |(name, value): (&str, &str)| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
        let head = Head {
            status: 404,
            reason: b"Gone fishing".to_vec(),
            headers: headers.map(owned).to_vec(),
        };
        let response = response(head, Body::empty());
        assert_eq!(response.status(), 404);
        let told: Vec<_> =
            response.headers().iter().map(|(n, v)| (n.as_str(), v.as_bytes())).collect();
        assert_eq!(
            told,
            [
                ("set-cookie", b"a=1".as_slice()),
                ("set-cookie", b"b=2"),
                ("x-empty", b""),
                ("x-latin", "\u{e9}".as_bytes()),
            ]
        );
    }

    #[test]
    fn odd_statuses() {
        for (status, expected) in [(100, 100), (299, 299), (999, 999)] {
            let head = Head { status, reason: Vec::new(), headers: Vec::new() };
            assert_eq!(response(head, Body::empty()).status().as_u16(), expected);
        }
    }
}
