//! Owns the answers that the front gives itself: error pages and plain responses, with IIS's
//! sub-status beside the status.
//!
//! Does not decide when they are given.

use page::Page;

use crate::body::Body;
use crate::launch::NotLaunchable;
use crate::runtime::{HeaderMap, HeaderValue, Response, StatusCode, header};

/// What the stand-in calls itself where an application says nothing.
pub(crate) const SERVER: HeaderValue = HeaderValue::from_static("iisgate serve");

/// A response on its way to the client, with what the access log wants to know.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: Response<Body>,
    pub(crate) sub_status: u16,
    /// The process id of the instance that answered.
    pub(crate) instance: Option<u32>,
}

impl Answer {
    pub(crate) fn new(response: Response<Body>) -> Self {
        Answer { response, sub_status: 0, instance: None }
    }

    /// A status without a body.
    pub(crate) fn status(status: u16) -> Self {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status_code(status);
        Answer::new(response)
    }

    /// A page in the form that the client wants.
    pub(crate) fn page(status: u16, page: &Page, accept: Option<&str>) -> Self {
        let (content_type, body) = page.for_client(accept);
        Answer::text(status, content_type, body)
    }

    pub(crate) fn text(status: u16, content_type: &'static str, text: String) -> Self {
        let mut response = Response::new(Body::whole(text));
        *response.status_mut() = status_code(status);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Answer::new(response)
    }

    pub(crate) fn of_instance(self, process_id: u32) -> Self {
        Answer { instance: Some(process_id), ..self }
    }
}

pub(crate) fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The request's `Accept` header.
pub(crate) fn accept(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::ACCEPT)?.to_str().ok()?;
    Some(value.to_owned())
}

/// An answer of an IIS module that is no success: status, sub-status and page.
#[derive(Debug)]
pub(crate) struct Refused {
    status: u16,
    sub_status: u16,
    /// Boxed, since it is the rare case of many results.
    page: Box<Page>,
    instance: Option<u32>,
    /// The words behind the status, if they are not the usual ones.
    words: Option<String>,
    /// By what the client may sign on.
    challenges: &'static [&'static str],
}

impl Refused {
    pub(crate) fn new(status: u16, sub_status: u16, title: &str, path: &str) -> Self {
        let page = Page::new(format!("{status}.{sub_status}"), title).fact("Path", path);
        let page = Box::new(page);
        Refused { status, sub_status, page, instance: None, words: None, challenges: &[] }
    }

    /// A page of an instance's failure.
    pub(crate) fn of_instance(status: u16, page: Page, process_id: u32) -> Self {
        Refused {
            status,
            sub_status: 0,
            page: Box::new(page),
            instance: Some(process_id),
            words: None,
            challenges: &[],
        }
    }

    fn map(self, change: impl FnOnce(Page) -> Page) -> Self {
        Refused { page: Box::new(change(*self.page)), ..self }
    }

    pub(crate) fn lead(self, text: impl Into<String>) -> Self {
        self.map(|page| page.lead(text))
    }

    pub(crate) fn hint(self, text: impl Into<String>) -> Self {
        self.map(|page| page.hint(text))
    }

    pub(crate) fn fact(self, name: &str, value: impl Into<String>) -> Self {
        self.map(|page| page.fact(name, value))
    }

    /// Configuration that cannot be understood.
    pub(crate) fn configuration(error: &iis::Error, path: &str) -> Self {
        log::error!("{error}");
        let refused = Refused::new(500, 19, "The configuration cannot be understood", path);
        refused.map(|page| page.block("Where and why", error.to_string()))
    }

    /// A handler whose program cannot be started on this machine.
    pub(crate) fn not_launchable(no: &NotLaunchable, path: &str) -> Self {
        log::error!("{}", no.why);
        Refused::new(500, 0, no.title, path).lead(no.why.clone()).hint(no.hint.clone())
    }

    /// Other words behind the status.
    pub(crate) fn words(self, words: &str) -> Self {
        Refused { words: Some(words.to_owned()).filter(|words| !words.is_empty()), ..self }
    }

    /// Tells the client by what it may sign on.
    pub(crate) fn challenges(self, challenges: &'static [&'static str]) -> Self {
        Refused { challenges, ..self }
    }

    /// An answer without its page, for those who put another in its place.
    pub(crate) fn bare(&self) -> Answer {
        let mut answer = Answer::status(self.status);
        if let Some(words) = &self.words {
            crate::runtime::set_reason(&mut answer.response, words);
        }
        self.told(answer)
    }

    fn told(&self, mut answer: Answer) -> Answer {
        for challenge in self.challenges {
            let value = HeaderValue::from_static(challenge);
            answer.response.headers_mut().append(header::WWW_AUTHENTICATE, value);
        }
        Answer { sub_status: self.sub_status, instance: self.instance, ..answer }
    }

    pub(crate) fn answer(self, accept: Option<&str>) -> Answer {
        self.told(Answer::page(self.status, &self.page, accept))
    }
}

/// `ProtocolSupportModule`: OPTIONS is answered by the server, TRACE is refused.
pub(crate) fn protocol_support(method: &str) -> Answer {
    const VERBS: HeaderValue = HeaderValue::from_static("OPTIONS, TRACE, GET, HEAD, POST");
    if method != "OPTIONS" {
        return Answer::status(501);
    }
    let mut answer = Answer::status(200);
    let headers = answer.response.headers_mut();
    headers.insert(header::ALLOW, VERBS);
    headers.insert("public", VERBS);
    answer
}
