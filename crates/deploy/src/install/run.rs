//! Owns a run's notes, trying its release, the switch, and what becomes of a run that fails or was cut off.
//!
//! Does not own what else is done to make a release (`installer`).

use super::checkpoint::checkpoint;
use super::data::{self, Entry};
use super::folder::Target;
use super::health::{self, Health};
use super::host::Host;
use super::installer::Outcome;
use super::layout::Layout;
use super::server::Destination;
use super::state::{Binding, Release, State, Unfinished};
use super::{Error, Step, content, rehearsal, seeding};
use std::path::{Path, PathBuf};

/// One run in a target folder that is locked.
pub(super) struct Run<'a> {
    pub(super) target: &'a Target,
    pub(super) state: State,
    pub(super) host: &'a mut dyn Host,
}

impl<'a> Run<'a> {
    pub(super) fn new(target: &'a Target, host: &'a mut dyn Host) -> Result<Self, Error> {
        Ok(Run { target, state: target.state()?, host })
    }

    fn save(&self) -> Result<(), Error> {
        self.state.save(&self.target.state_path())?;
        checkpoint();
        Ok(())
    }

    /// Notes what is under way.
    pub(super) fn begin(&mut self, unfinished: Unfinished) -> Result<(), Error> {
        self.state.unfinished = Some(unfinished);
        self.save()
    }

    /// Notes a step before it is done.
    pub(super) fn enter(&mut self, step: Step) -> Result<(), Error> {
        self.note(step)?;
        self.host.begin(step);
        Ok(())
    }

    fn note(&mut self, step: Step) -> Result<(), Error> {
        if let Some(unfinished) = &mut self.state.unfinished {
            unfinished.step = step;
        }
        self.save()
    }

    pub(super) fn site(&self, release: &Release) -> PathBuf {
        content::below(&self.target.release(release.number), &release.site)
    }

    pub(super) fn outcome(&self, release: Release, is_completed: bool) -> Outcome {
        Outcome { site: self.site(&release), release, is_completed }
    }

    /// What the release under way holds, if it is there already.
    pub(super) fn layout(&self) -> Result<Layout, Error> {
        let number = self.state.unfinished.as_ref().map_or(0, |it| it.release.number);
        Layout::of(&self.target.release(number))
    }

    /// Lets a release try itself on a copy of a database that the live one has open. Tells whether it does.
    pub(super) fn rehearse(&mut self, site: &Path, entries: &[Entry]) -> Result<bool, Error> {
        let data = self.target.data();
        let is_tried = self.state.live.is_some() && rehearsal::rehearse(&data, site, entries)?;
        if is_tried {
            self.host
                .say("the live release has the database open: this one is tried on a copy of it");
        }
        Ok(is_tried)
    }

    /// Asks a release for a page; afterwards it has the real data, and nothing has that open.
    pub(super) fn ask(
        &mut self,
        health: &Health,
        site: &Path,
        entries: &[Entry],
        is_tried: bool,
    ) -> Result<(), Error> {
        self.enter(Step::Health)?;
        let status = health::ask(health, site, self.host)?;
        self.host.say(&format!("GET {}: {status}", health.path));
        let data = self.target.data();
        if rehearsal::has_exclusive(&data, entries) {
            self.host.settle(site);
        }
        if is_tried {
            data::connect(&data, site, entries)?;
        }
        Ok(())
    }

    /// Makes the release under way the live one, for good.
    pub(super) fn complete(&mut self) -> Result<Outcome, Error> {
        if let Err(error) = self.switch() {
            return Err(self.lead_back(error));
        }
        self.tidy()?;
        let release = self.state.live_release().cloned().unwrap_or_default();
        Ok(self.outcome(release, false))
    }

    /// What somebody left who pulled the plug: before the switch it goes, from there on it is completed.
    /// Gives the release that was.
    pub(super) fn recover(&mut self) -> Result<Option<Release>, Error> {
        let mut completed = None;
        if let Some(unfinished) = self.state.unfinished.clone() {
            if unfinished.step < Step::Switch {
                self.discard()?;
            } else {
                // It may have been served since, and written to: whatever fails here, it stays.
                if unfinished.step == Step::Switch {
                    self.switch()?;
                }
                self.tidy()?;
                completed = Some(unfinished.release);
            }
        }
        for stray in self.target.strays(&self.state) {
            self.remove(&stray);
        }
        Ok(completed)
    }

    /// What becomes of a run that has failed: what is not live goes. What is live, or may be, stays
    /// noted, and the next run completes it.
    pub(super) fn give_up(&mut self, error: Error) -> Error {
        let step = self.state.unfinished.as_ref().map(|unfinished| unfinished.step);
        if step.is_none_or(|step| step >= Step::Switch) {
            return error;
        }
        match self.discard() {
            Ok(()) => error,
            Err(then) => error.then(then),
        }
    }

    /// Takes away what never went live. A release that was there before stays, with its real data.
    fn discard(&mut self) -> Result<(), Error> {
        let Some(unfinished) = self.state.unfinished.clone() else { return Ok(()) };
        let (number, data) = (unfinished.release.number, self.target.data());
        let site = self.site(&unfinished.release);
        let is_whole = self.state.numbered(number).is_some();
        // One that cannot be read any more has nothing to be put right.
        let layout = if is_whole { self.layout().ok() } else { None };
        let was_asked = unfinished.step == Step::Health;
        let is_exclusive = |layout: &Layout| rehearsal::has_exclusive(&data, &layout.data);
        if was_asked && (!is_whole || layout.as_ref().is_some_and(is_exclusive)) {
            self.host.settle(&site);
        }
        if let Some(layout) = layout {
            data::connect(&data, &layout.site, &layout.data)?;
        }
        if !is_whole {
            seeding::unseed(&data, &unfinished.seeded)?;
            checkpoint();
            let folder = self.target.release(number);
            self.remove(&folder);
        }
        self.state.unfinished = None;
        self.save()
    }

    /// Removes a release's folder, as far as nobody holds its files.
    fn remove(&mut self, folder: &Path) {
        if let Err(error) = data::remove(folder) {
            let folder = folder.display();
            self.host.say(&format!(
                "{folder} is still in use ({error}): the next installation removes it"
            ));
        }
    }

    /// Makes the release under way the live one. Done twice, it changes nothing.
    fn switch(&mut self) -> Result<(), Error> {
        self.enter(Step::Switch)?;
        let Some(unfinished) = self.state.unfinished.clone() else { return Ok(()) };
        let release = unfinished.release;
        let mut next = self.state.clone();
        next.live = Some(release.number);
        if next.numbered(release.number).is_none() {
            next.release.push(release.clone());
        }
        if let Some(server) = self.state.server.clone() {
            let obsolete = next.surplus(unfinished.keep);
            self.lead(&server, &release, &obsolete)?;
            checkpoint();
        }
        self.state = next;
        self.enter(Step::Tidy)
    }

    /// Where several commands are needed, some may have been done: they are taken back, and the run is as
    /// it was before the switch. Where that fails, or there is nothing to lead back to, the release may be
    /// served: it stays noted so.
    fn lead_back(&mut self, error: Error) -> Error {
        let under_way =
            self.state.unfinished.as_ref().map(|unfinished| self.site(&unfinished.release));
        let (Some(server), Some(site)) = (self.state.server.clone(), under_way) else {
            return error;
        };
        let is_served = match self.state.live_release().cloned() {
            Some(before) => {
                self.host.say("the site is led back to the release that was live");
                self.lead(&server, &before, &[]).map(|()| false)
            }
            None => server.leads_to(&site),
        };
        match is_served {
            Ok(true) => return error,
            Ok(false) => {}
            Err(then) => return error.then(then),
        }
        match self.note(Step::Health) {
            Ok(()) => error,
            Err(then) => {
                // What is noted on the disk counts.
                if let Some(unfinished) = &mut self.state.unfinished {
                    unfinished.step = Step::Switch;
                }
                error.then(then)
            }
        }
    }

    fn lead(
        &mut self,
        server: &Binding,
        release: &Release,
        obsolete: &[Release],
    ) -> Result<(), Error> {
        let programs = |release: &Release| {
            release.program.iter().cloned().map(iis::ScriptProcessor::from).collect::<Vec<_>>()
        };
        let data = self.target.data();
        let to = Destination {
            site: &self.site(release),
            processors: programs(release),
            obsolete: obsolete.iter().flat_map(programs).collect(),
            data: &data,
        };
        server.lead(&to, self.host)
    }

    /// Lets old releases go.
    fn tidy(&mut self) -> Result<(), Error> {
        if let Some(live) = self.state.live {
            self.target.point_current(live)?;
        }
        checkpoint();
        let keep = self.state.unfinished.as_ref().map_or(usize::MAX, |unfinished| unfinished.keep);
        let surplus = self.state.surplus(keep);
        self.state.release.retain(|release| !surplus.contains(release));
        self.save()?;
        for stray in self.target.strays(&self.state) {
            self.remove(&stray);
            checkpoint();
        }
        self.state.unfinished = None;
        self.save()
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
