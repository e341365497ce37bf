//! Owns an installation from its first step to its last, and going back to an earlier release.
//!
//! Does not own the steps themselves, nor what becomes of a run that fails or was cut off (`run`).

use super::content::Content;
use super::environment::{self, Environment, interpreter_in};
use super::folder::Target;
use super::health::Health;
use super::host::Host;
use super::layout::Layout;
use super::run::Run;
use super::state::{Binding, Program, Release, Unfinished};
use super::{Error, Step, commands, configuration, data, seeding};
use std::path::PathBuf;

/// How an installation is to be done.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The release's environment.
    pub environment: Environment,
    /// How `web.config` names this program.
    pub program: String,
    /// The page that the release is asked for.
    pub health: Health,
    /// How many releases stay, with the live one.
    pub keep: usize,
    /// The site application of a web server to switch.
    pub server: Option<Binding>,
    /// What a feed calls it, with its version.
    pub product: Option<String>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The live release.
    pub release: Release,
    /// Its site's folder.
    pub site: PathBuf,
    /// Whether this is what was cut off after its switch, completed.
    pub is_completed: bool,
}

/// Installs a package.
///
/// # Errors
/// When a step fails. Before the switch the release is gone again then, and what was served is served
/// still; after it the release is live, and the next run completes what is left.
pub fn install(
    target: &Target,
    content: &Content<'_>,
    settings: &Settings,
    host: &mut dyn Host,
) -> Result<Outcome, Error> {
    let result = install_at(target, content, settings, host);
    result.map_err(|error| error.masked(&content.secrets()))
}

fn install_at(
    target: &Target,
    content: &Content<'_>,
    settings: &Settings,
    host: &mut dyn Host,
) -> Result<Outcome, Error> {
    if !target.is_ours()? {
        return Err(Error::refused(
            format!("{} holds other things already", target.folder().display()),
            "name an empty folder, or one that iisgate package install has filled",
        ));
    }
    if let Some(server) = &settings.server {
        server.check()?;
    }
    let _lock = target.lock()?;
    let mut run = Run::new(target, host)?;
    let completed = run.recover()?;
    if let Some(release) = completed.filter(|release| release.digest == content.digest()) {
        return Ok(run.outcome(release, true));
    }
    steps(&mut run, content, settings).map_err(|error| run.give_up(error))
}

/// Makes an earlier release the live one.
///
/// # Errors
/// When there is none, it does not answer, or the server's configuration cannot be changed.
pub fn roll_back(
    target: &Target,
    number: Option<u32>,
    health: Option<&Health>,
    host: &mut dyn Host,
) -> Result<Outcome, Error> {
    if !target.state_path().is_file() {
        let message = format!("nothing was installed in {}", target.folder().display());
        return Err(Error::refused(message, "name the folder that package install was told"));
    }
    let _lock = target.lock()?;
    let mut run = Run::new(target, host)?;
    let completed = run.recover()?;
    // What was installed last has the highest number: another one was gone back to, and once is enough.
    let was_on_its_way =
        |release: &Release| number.is_none() && release.number + 1 < run.state.next;
    if let Some(release) = completed.filter(was_on_its_way) {
        return Ok(run.outcome(release, true));
    }
    let release = wanted(&run, number)?;
    if Some(release.number) == run.state.live {
        return Ok(run.outcome(release, false));
    }
    go_back(&mut run, release, health).map_err(|error| run.give_up(error))
}

/// The release to go back to.
fn wanted(run: &Run<'_>, number: Option<u32>) -> Result<Release, Error> {
    let found = match number {
        Some(number) => run.state.numbered(number),
        None => run.state.previous(),
    };
    found.cloned().ok_or_else(|| {
        let numbers: Vec<_> = run.state.release.iter().map(|it| it.number.to_string()).collect();
        let what = number.map_or("no earlier release".to_owned(), |it| format!("no release {it}"));
        let live = run.state.live.map_or("none".to_owned(), |it| it.to_string());
        let message = format!("there is {what}; there are {}, {live} is live", numbers.join(", "));
        Error::refused(message, "--keep of package install says how many stay")
    })
}

fn go_back(run: &mut Run<'_>, release: Release, health: Option<&Health>) -> Result<Outcome, Error> {
    let keep = run.state.release.len();
    run.begin(Unfinished { step: Step::Health, seeded: Vec::new(), keep, release })?;
    if let Some(health) = health {
        let layout = run.layout()?;
        let is_tried = run.rehearse(&layout.site, &layout.data)?;
        run.ask(health, &layout.site, &layout.data, is_tried)?;
    }
    run.complete()
}

fn steps(run: &mut Run<'_>, content: &Content<'_>, settings: &Settings) -> Result<Outcome, Error> {
    let number = run.state.next;
    run.state.next += 1;
    if settings.server.is_some() {
        run.state.server.clone_from(&settings.server);
    }
    let (package, digest) = (content.name(), content.digest().to_owned());
    let product = settings.product.clone();
    let release = Release { number, package, digest, product, ..Release::default() };
    let keep = settings.keep;
    run.begin(Unfinished { step: Step::Files, seeded: Vec::new(), keep, release })?;
    run.host.begin(Step::Files);
    let root = run.target.release(number);
    commands::run_before(content, run.target.folder(), run.host)?;
    content.place(&root)?;
    run.enter(Step::Parameters)?;
    content.fill(&root)?;
    run.enter(Step::Configuration)?;
    let layout = Layout::of(&root)?;
    let told = match &settings.environment {
        Environment::Existing(path) => Some(interpreter_in(path)),
        Environment::Make { .. } => None,
    };
    let fitted = configuration::fit(&layout.site, &settings.program, told.as_deref())?;
    if let Some(unfinished) = &mut run.state.unfinished {
        unfinished.release.site.clone_from(&layout.below);
        unfinished.release.program = fitted.into_iter().map(Program::from).collect();
    }
    run.enter(Step::Environment)?;
    let named = environment::make(&settings.environment, &root, &layout.site, run.host)?;
    let python = named.unwrap_or_else(|| interpreter_in(&layout.site.join(environment::FOLDER)));
    let data = run.target.data();
    let live = run.state.live_release().map(|release| {
        // One that cannot be read any more has its links.
        let used = Layout::of(&run.target.release(release.number)).map(|layout| layout.data);
        (run.site(release), used.unwrap_or_default())
    });
    let live = live.as_ref().map(|(site, used)| (site.as_path(), used.as_slice()));
    let places = seeding::plan(&data, live, &layout.data);
    if let Some(unfinished) = &mut run.state.unfinished {
        unfinished.seeded.clone_from(&places);
    }
    run.enter(Step::Data)?;
    seeding::seed(&data, &layout.site, &places)?;
    data::connect(&data, &layout.site, &layout.data)?;
    let is_tried = run.rehearse(&layout.site, &layout.data)?;
    run.enter(Step::Commands)?;
    let identity = run.state.server.as_ref().map(Binding::identity).transpose()?.flatten();
    commands::run_all(content, &layout, &python, identity.as_deref(), run.host)?;
    run.ask(&settings.health, &layout.site, &layout.data, is_tried)?;
    run.complete()
}
