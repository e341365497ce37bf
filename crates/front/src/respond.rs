//! Owns the core of the stand-in: a request in, a response out, whether it came by a socket or not.
//!
//! Does not listen, and does not speak FastCGI: it finds out who answers and passes it on.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::access::{AccessHook, Tally};
use crate::answer::{Answer, Refused, SERVER, accept, protocol_support};
use crate::body::Body;
use crate::error::Error;
use crate::fastcgi_module;
use crate::mapping::{self, Module};
use crate::pool;
use crate::runtime::{
    HeaderMap, Method, Parts, Peers, Request, RequestBody, Response, header, spawn,
};
use crate::settings::{Note, Settings};
use crate::site::{Located, ServedSite};
use crate::static_files;
use crate::supervisor::PoolHandle;
use crate::tap::TapHook;
use crate::url::UrlPath;
use crate::{launch, notes};
use iis::fastcgi::FastCgiApplication;

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

/// A pool belongs to a FastCGI application within an IIS app pool.
type PoolKey = (String, String, String);

/// The stand-in, ready to answer.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) site: ServedSite,
    pub(crate) settings: Settings,
    pub(crate) hooks: Hooks,
    /// Unique to this run.
    run: String,
    pools: Mutex<HashMap<PoolKey, PoolHandle>>,
}

/// A request's head as the modules need it.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) parts: Parts,
    pub(crate) peers: Peers,
    pub(crate) path: UrlPath,
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
        Ok(Front { site, settings, hooks, run, pools: Mutex::default() })
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
        let mut answer = self.answer(request, peers).await;
        let headers = answer.response.headers_mut();
        headers.entry(header::SERVER).or_insert(SERVER);
        tally.answered(answer.response.status().as_u16(), answer.sub_status, answer.instance);
        if method == Method::HEAD {
            tally.expect(0);
        } else if let Some(length) = content_length(answer.response.headers()) {
            tally.expect(length);
        }
        answer.response.map(|body| body.tallied(tally))
    }

    async fn answer(&self, request: Request<RequestBody>, peers: Peers) -> Answer {
        let (parts, body) = request.into_parts();
        let accept = accept(&parts.headers);
        let Some(path) = UrlPath::decode(parts.uri.path()) else {
            let refused = Refused::new(400, 0, "Bad request", parts.uri.path())
                .lead("The path does not start with a slash, holds NUL, or leads out of the site.");
            return refused.answer(accept.as_deref());
        };
        let asked = Asked { parts, peers, path };
        let handled = self.handle(&asked, body).await;
        handled.unwrap_or_else(|refused| refused.answer(accept.as_deref()))
    }

    async fn handle(&self, asked: &Asked, body: RequestBody) -> Result<Answer, Refused> {
        let path = asked.path.text();
        let located = self.site.locate(&path).ok_or_else(|| {
            Refused::new(404, 0, "No application of the site has this path", &path)
        })?;
        let folder = located
            .application
            .folder(&located.root, &located.rest)
            .map_err(|error| Refused::configuration(&error, &path))?;
        if path.split('/').any(|segment| folder.filtering.hides(segment)) {
            let refused = Refused::new(404, 8, "The path has a hidden segment", &path);
            return Err(refused
                .hint("<requestFiltering><hiddenSegments> in web.config can <remove> a segment"));
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        if folder.filtering.denies(name) {
            return Err(Refused::new(404, 7, "The file extension is denied", &path));
        }
        let chosen = mapping::choose(&folder, &located, asked.parts.method.as_str())
            .map_err(|no| Refused::new(no.status, no.sub_status, no.title, &path))?;
        match chosen.module {
            Module::FastCgi => {
                let program = launch::program(chosen.mapping, &self.site, &self.settings)
                    .map_err(|no| Refused::not_launchable(&no, &path))?;
                let pool = self.pool(&program, &located);
                fastcgi_module::answer(self, asked, body, &located, &chosen, &program, &pool).await
            }
            Module::StaticFile => {
                let file = static_files::Wanted {
                    root: &located.root,
                    file: &chosen.physical_path,
                    url_path: &path,
                };
                static_files::answer(&asked.parts, file, &folder.mime_map).await
            }
            Module::ProtocolSupport => Ok(protocol_support(asked.parts.method.as_str())),
        }
    }

    /// The pool of a program, made at its first request.
    fn pool(&self, program: &launch::Program, located: &Located) -> PoolHandle {
        let FastCgiApplication { full_path, arguments, .. } = &program.application;
        let pool_name = located.application.pool_name.clone();
        let key = (full_path.to_lowercase(), arguments.clone(), pool_name);
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let config = pool::Config {
                max_instances: program.application.max_instances,
                queue_length: program.application.queue_length,
                instance_max_requests: program.application.instance_max_requests,
            };
            let launch = program.launch(&located.application, &self.settings, &self.run);
            PoolHandle::start(config, launch, program.application.signal_before_terminate_secs)
        };
        pools.entry(key).or_insert_with(make).clone()
    }

    fn pools(&self) -> Vec<PoolHandle> {
        let pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.values().cloned().collect()
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
