//! Owns the core of the stand-in: a request in, a response out, whether it came by a socket or not.
//!
//! Does not listen, and does not speak FastCGI: it finds out who answers and passes it on.

use std::sync::{Arc, Mutex, PoisonError};

use crate::access::{AccessHook, Tally};
use crate::answer::{Answer, Refused, accept, protocol_support};
pub(crate) use crate::asked::Asked;
use crate::body::Body;
use crate::error::Error;
use crate::fastcgi_module;
use crate::filtering;
use crate::folders::Folder;
use crate::mapping::{self, Module};
use crate::response_headers::{add_headers, append, with_server};
use crate::rewrite::{self, Rewritten};
use crate::runtime::{
    HeaderMap, HeaderValue, Method, Peers, Request, RequestBody, Response, header, spawn,
    whole_body,
};
use crate::settings::{Note, Settings};
use crate::sign_on;
use crate::site::{ServedApplication, ServedSite};
use crate::static_files::{self, Served};
use crate::supervisor::PoolHandle;
use crate::tap::TapHook;
use crate::url::UrlPath;
use crate::{framing, host_names, http_errors, launch, notes, redirect, unwanted};
use iis::fastcgi::FastCgiApplication;
use iis::handlers::HandlerMapping;

/// What wants to be told of requests and records.
#[derive(Clone, Default)]
pub struct Hooks {
    /// Called once for each request.
    pub access: Option<AccessHook>,
    /// Called for each record to and from instances.
    pub tap: Option<TapHook>,
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (access, tap) = (self.access.is_some(), self.tap.is_some());
        f.debug_struct("Hooks").field("access", &access).field("tap", &tap).finish()
    }
}

/// A pool that has been started, with the program that it runs: of a FastCGI application within an IIS
/// app pool.
#[derive(Debug)]
struct StartedPool {
    program: launch::Program,
    pool_name: String,
    pool: PoolHandle,
}

/// The stand-in, ready to answer.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) site: ServedSite,
    pub(crate) settings: Settings,
    pub(crate) hooks: Hooks,
    /// Whether requests must name a host of the site's bindings.
    pub(crate) checks_host_names: bool,
    /// Unique to this run.
    run: String,
    pools: Mutex<Vec<Arc<StartedPool>>>,
}

/// What becomes of a request before it is executed.
enum Early {
    /// It is executed, or what URL Rewrite and signing on made of it; by what its folder says.
    Execute(Option<Box<Asked>>, Arc<Folder>),
    /// It is answered.
    Answer(Box<Answer>),
}

/// The length that a response promises.
fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl Front {
    pub(crate) fn load(settings: Settings, hooks: Hooks) -> Result<Self, Error> {
        let site = ServedSite::load(&settings.source)?;
        let started = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let run = format!("{}-{:x}", std::process::id(), started.map_or(0, |d| d.as_nanos()));
        Ok(Front { site, settings, hooks, checks_host_names: false, run, pools: Mutex::default() })
    }

    pub(crate) fn notes(&self) -> Vec<Note> {
        notes::gather(&self.site, &self.settings)
    }

    /// Answers a request. The access log is told when the response has left.
    pub(crate) async fn respond(
        &self,
        request: Request<RequestBody>,
        peers: Peers,
    ) -> Response<Body> {
        let method = request.method().clone();
        let uri = request.uri().path_and_query().map_or("*", |uri| uri.as_str()).to_owned();
        let hook = self.hooks.access.clone();
        let mut tally = Tally::start(method.to_string(), uri, peers.remote.ip(), hook);
        let answer = self.answer(request, peers).await;
        tally.answered(answer.response.status().as_u16(), answer.sub_status, answer.instance);
        let has_no_body = matches!(answer.response.status().as_u16(), 204 | 304);
        if method == Method::HEAD || has_no_body {
            tally.expect(0);
        } else if let Some(length) = content_length(answer.response.headers()) {
            tally.expect(length);
        }
        answer.response.map(|body| body.tallied(tally))
    }

    async fn answer(&self, request: Request<RequestBody>, peers: Peers) -> Answer {
        let (parts, body) = request.into_parts();
        let accept = accept(&parts.headers);
        if let Err(refused) = framing::check(&parts) {
            // What follows may be a body as well as a request: nothing more is read.
            let mut answer = with_server(refused.answer(accept.as_deref()));
            let close = HeaderValue::from_static("close");
            answer.response.headers_mut().insert(header::CONNECTION, close);
            return answer;
        }
        if self.checks_host_names
            && let Err(refused) = host_names::check(&self.site.host_names, &parts)
        {
            return with_server(refused.answer(accept.as_deref()));
        }
        let Some(path) = UrlPath::decode(parts.uri.path()) else {
            let refused = Refused::new(400, 0, "Bad request", parts.uri.path()).lead(
                "The path does not start with a slash, leads out of the site, has a broken \
                     escape or a control character, or is too long; HTTP.sys answers so before IIS \
                     sees it.",
            );
            return with_server(refused.answer(accept.as_deref()));
        };
        let asked = Asked { parts, peers, path, rewritten_from: None, user: None };
        let folder = match self.site.folder(&asked.path.text()) {
            Ok(folder) => folder,
            Err(error) => {
                let refused = Refused::configuration(&error, &asked.path.text());
                return with_server(refused.answer(accept.as_deref()));
            }
        };
        let result = self.pass(&asked, &folder, body).await;
        let mut answer = http_errors::finish(self, &asked, &folder, result).await;
        add_headers(answer.response.headers_mut(), &folder);
        answer
    }

    /// Takes a request through the modules that look at it before it is executed.
    async fn pass(
        &self,
        asked: &Asked,
        folder: &Arc<Folder>,
        body: RequestBody,
    ) -> Result<Answer, Refused> {
        let early = match self.before(asked, folder) {
            Ok(Early::Execute(instead, folder)) => {
                let asked = instead.as_deref().unwrap_or(asked);
                return self.execute(asked, folder, body).await;
            }
            Ok(Early::Answer(answer)) => Ok(*answer),
            Err(refused) => Err(refused),
        };
        unwanted::drain(body);
        early
    }

    /// What happens before anyone executes the request: filtering, rewriting, redirects.
    fn before(&self, asked: &Asked, folder: &Arc<Folder>) -> Result<Early, Refused> {
        let uri = &asked.parts.uri;
        filtering::check(
            &folder.filtering,
            &filtering::Look {
                method: asked.parts.method.as_str(),
                raw_path: uri.path(),
                query: uri.query().unwrap_or_default(),
                path: &asked.path.text(),
                headers: &asked.parts.headers,
            },
        )?;
        let rewritten = match rewrite::apply(&self.site, &folder.rewriting, asked)? {
            Rewritten::Unchanged => None,
            Rewritten::Instead(asked) => Some(asked),
            Rewritten::Answer(answer) => return Ok(Early::Answer(answer)),
        };
        let asked = rewritten.as_deref().unwrap_or(asked);
        let (path, uri) = (asked.path.text(), &asked.parts.uri);
        let folder = match rewritten {
            Some(_) => self.folder(&path)?,
            None => Arc::clone(folder),
        };
        if let Some(moved) = &folder.redirect {
            let segments = iis::inherit::segments(&path).len();
            let wanted = redirect::Wanted { path: uri.path(), query: uri.query(), segments };
            if let Some(location) = redirect::location(moved, &wanted) {
                let mut answer = redirect::answer(moved.status, &location);
                append(answer.response.headers_mut(), &folder.protocol.redirect_headers);
                return Ok(Early::Answer(Box::new(answer)));
            }
        }
        let by = self.settings.user.as_deref();
        let Some(user) = sign_on::user(&folder, by, asked.parts.method.as_str(), &path)? else {
            return Ok(Early::Execute(rewritten, folder));
        };
        let mut asked = Box::new(asked.again(asked.path.clone()));
        asked.user = Some(user);
        Ok(Early::Execute(Some(asked), folder))
    }

    /// What the configuration says for a path.
    fn folder(&self, path: &str) -> Result<Arc<Folder>, Refused> {
        self.site.folder(path).map_err(|error| Refused::configuration(&error, path))
    }

    /// Executes another URL of the site in place of an answer of that status. As on IIS, the page
    /// says with which status it leaves: 200, if it is a file.
    pub(crate) async fn execute_instead(
        &self,
        asked: &Asked,
        path: &str,
        status: u16,
    ) -> Result<Answer, Refused> {
        let original = asked.parts.uri.path_and_query().map_or("/", |uri| uri.as_str());
        let separator = if path.contains('?') { '&' } else { '?' };
        let target =
            format!("{path}{separator}{status};{}://{}{original}", asked.scheme(), asked.host());
        let no_url = || Refused::new(500, 0, "The custom page's path is no URL of the site", path);
        let instead = asked.instead(&target).ok_or_else(no_url)?;
        let folder = self.folder(&instead.path.text())?;
        let body = whole_body(Vec::new());
        Box::pin(self.execute(&instead, folder, body)).await
    }

    /// Finds who answers a request, and lets them.
    async fn execute(
        &self,
        asked: &Asked,
        mut folder: Arc<Folder>,
        body: RequestBody,
    ) -> Result<Answer, Refused> {
        let mut replaced: Option<Asked> = None;
        loop {
            let asked = replaced.as_ref().unwrap_or(asked);
            let path = asked.path.text();
            let located = self.site.locate(&path).ok_or_else(|| {
                Refused::new(404, 0, "No application of the site has this path", &path)
            })?;
            let chosen = mapping::choose(&folder, located, asked.parts.method.as_str())
                .map_err(|no| Refused::new(no.status, no.sub_status, no.title, &path))?;
            match chosen.module {
                Module::FastCgi => {
                    let started = self
                        .started(chosen.mapping, located.application)
                        .map_err(|no| Refused::not_launchable(&no, &path))?;
                    let StartedPool { program, pool, .. } = &*started;
                    let answer =
                        fastcgi_module::answer(self, asked, body, located, &chosen, program, pool);
                    return answer.await;
                }
                Module::StaticFile => {
                    let wanted = static_files::Wanted {
                        root: located.root,
                        file: &chosen.physical_path,
                        rest: located.rest,
                        url_path: &path,
                    };
                    match static_files::answer(asked, wanted, chosen.mapping, &folder).await? {
                        Served::Answer(answer) => return Ok(*answer),
                        // A file of the folder; so it comes to this once.
                        Served::Instead(document) => {
                            let path = UrlPath::decoded(&document);
                            let answered_by = self.folder(&path.text())?;
                            replaced = Some(asked.again(path));
                            folder = answered_by;
                        }
                    }
                }
                Module::ProtocolSupport => {
                    return Ok(protocol_support(asked.parts.method.as_str()));
                }
            }
        }
    }

    /// The pool of a mapping's program, started at its first request.
    fn started(
        &self,
        mapping: &HandlerMapping,
        application: &ServedApplication,
    ) -> Result<Arc<StartedPool>, launch::NotLaunchable> {
        let is_it = |started: &&Arc<StartedPool>| {
            let FastCgiApplication { full_path, arguments, .. } = &started.program.application;
            let names = mapping.script_processor.as_ref();
            started.pool_name == application.pool_name
                && names.is_some_and(|names| names.matches(full_path, arguments))
        };
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(started) = pools.iter().find(is_it) {
            return Ok(Arc::clone(started));
        }
        let program = launch::program(mapping, &self.site, &self.settings)?;
        let launch = program.launch(application, &self.settings, &self.run);
        let monitored = program.monitored();
        let pool = PoolHandle::start(&program.application, launch, monitored.as_deref());
        let pool_name = application.pool_name.clone();
        pools.push(Arc::new(StartedPool { program, pool_name, pool }));
        Ok(Arc::clone(&pools[pools.len() - 1]))
    }

    fn pools(&self) -> Vec<PoolHandle> {
        let pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.iter().map(|started| started.pool.clone()).collect()
    }

    /// Replaces all instances, the busy ones after their requests.
    pub(crate) fn recycle(&self) {
        self.pools().iter().for_each(PoolHandle::recycle);
    }

    /// Ends all instances and waits until they have ended.
    pub(crate) async fn shut_down(&self) {
        let end = |pool: PoolHandle| spawn(async move { pool.shut_down().await });
        let ends: Vec<_> = self.pools().into_iter().map(end).collect();
        for end in ends {
            let _ = end.await;
        }
    }
}
