//! Owns the order of an installation: what a product needs, and what that needs, first things first.
//!
//! Does not own doing it (`install`).

use super::discovery::{Machine, fitting, is_met};
use super::error::Error;
use super::fetch::{Catalog, Source};
use super::limits::{EXPRESSION_STEPS_MAX, NAMES_DEEP_MAX, STEPS_MAX};
use super::location::Location;
use super::model::{Entry, Feed, Installer, Need};

/// What installed packages for WebPI: we do it ourselves.
const WEB_DEPLOY: [&str; 3] = ["WDeploy", "WDeployNOSMO", "WDeploy36"];

/// What is to be done, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is to be installed.
    pub steps: Vec<Step>,
    /// The products that are there already.
    pub satisfied: Vec<String>,
}

/// A product to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The product.
    pub entry: Entry,
    /// What it comes in.
    pub installer: Installer,
    /// Where its file is; `None` when it needs none.
    pub place: Option<Location>,
}

/// Plans the installation of some products.
///
/// # Errors
/// When one is in no feed, needs itself, or has no installer for this machine.
pub fn plan(
    catalog: &Catalog,
    products: &[String],
    language: &str,
    machine: &dyn Machine,
) -> Result<Plan, Error> {
    let mut planning =
        Planning { catalog, language, machine, plan: Plan::default(), path: Vec::new(), looked: 0 };
    for product in products {
        planning.product(product)?;
    }
    Ok(planning.plan)
}

struct Planning<'a> {
    catalog: &'a Catalog,
    language: &'a str,
    machine: &'a dyn Machine,
    plan: Plan,
    /// The products on whose account this one is wanted.
    path: Vec<String>,
    /// How much of all expressions was looked at.
    looked: usize,
}

impl<'a> Planning<'a> {
    fn product(&mut self, product: &str) -> Result<(), Error> {
        if self.is_there(product) || self.is_planned(product) {
            return Ok(());
        }
        if self.path.iter().any(|one| one.eq_ignore_ascii_case(product)) {
            let ring = [self.path.as_slice(), &[product.to_owned()]].concat().join(" needs ");
            return Err(Error::Unresolved(format!("nothing can come first: {ring}")));
        }
        let Some((source, entry)) = self.catalog.find(product) else {
            let wanted = match self.path.last() {
                Some(by) => format!("{by} needs {product}, which no feed has"),
                None => format!("no feed has the product {product}"),
            };
            return Err(Error::Unresolved(wanted));
        };
        let (source, entry): (&'a Source, &'a Entry) = (source, entry);
        if self.is_found(source, entry) {
            self.plan.satisfied.push(entry.product.clone());
            return Ok(());
        }
        self.path.push(entry.product.clone());
        if let Some(need) = &entry.need {
            self.need(need, &source.reading.feed, 0)?;
        }
        self.path.pop();
        let step = self.step(source, entry)?;
        if self.plan.steps.len() == STEPS_MAX {
            let message = format!("{product} comes to more than {STEPS_MAX} products");
            return Err(Error::Unresolved(message));
        }
        self.plan.steps.push(step);
        Ok(())
    }

    fn need(&mut self, need: &'a Need, feed: &'a Feed, depth: usize) -> Result<(), Error> {
        self.looked += 1;
        if self.looked > EXPRESSION_STEPS_MAX || self.path.len() > STEPS_MAX {
            let message = "the feed's dependencies are entangled beyond measure";
            return Err(Error::Unresolved(message.to_owned()));
        }
        match need {
            Need::Product(id) => self.product(id),
            Need::Named(name) => match feed.need(name) {
                Some(_) if depth == NAMES_DEEP_MAX => {
                    Err(Error::Unresolved(format!("the dependency {name} leads to itself")))
                }
                Some(need) => self.need(need, feed, depth + 1),
                None => {
                    let by = self.path.last().map_or("", String::as_str);
                    let message = format!("{by} needs {name}, a dependency that its feed lacks");
                    Err(Error::Unresolved(message))
                }
            },
            Need::All(needs) => needs.iter().try_for_each(|one| self.need(one, feed, depth)),
            Need::Any(needs) => self.any(needs, feed, depth),
        }
    }

    /// What is there already counts before what could be installed, and of that the first that can be.
    fn any(&mut self, needs: &'a [Need], feed: &'a Feed, depth: usize) -> Result<(), Error> {
        if needs.iter().any(|need| self.is_satisfied(need, feed, depth)) {
            return Ok(());
        }
        let mut first = None;
        for need in needs {
            let (steps, satisfied) = (self.plan.steps.len(), self.plan.satisfied.len());
            let path = self.path.len();
            match self.need(need, feed, depth) {
                Ok(()) => return Ok(()),
                Err(error) => {
                    self.plan.steps.truncate(steps);
                    self.plan.satisfied.truncate(satisfied);
                    self.path.truncate(path);
                    first.get_or_insert(error);
                }
            }
        }
        let nothing = || Error::Unresolved("a choice of products has none in it".to_owned());
        Err(first.unwrap_or_else(nothing))
    }

    fn is_satisfied(&mut self, need: &Need, feed: &Feed, depth: usize) -> bool {
        self.looked += 1;
        if self.looked > EXPRESSION_STEPS_MAX {
            return false;
        }
        match need {
            Need::Product(id) => {
                if self.is_there(id) || self.is_planned(id) {
                    return true;
                }
                let catalog = self.catalog;
                let Some((source, entry)) = catalog.find(id) else { return false };
                let is_found = self.is_found(source, entry);
                if is_found {
                    self.plan.satisfied.push(entry.product.clone());
                }
                is_found
            }
            Need::Named(name) => {
                depth < NAMES_DEEP_MAX
                    && feed.need(name).is_some_and(|need| self.is_satisfied(need, feed, depth + 1))
            }
            Need::All(needs) => needs.iter().all(|one| self.is_satisfied(one, feed, depth)),
            Need::Any(needs) => needs.iter().any(|one| self.is_satisfied(one, feed, depth)),
        }
    }

    fn is_found(&self, source: &Source, entry: &Entry) -> bool {
        let hint = entry.hint.as_ref();
        hint.is_some_and(|hint| is_met(hint, &source.reading.feed, self.machine))
    }

    fn is_there(&self, product: &str) -> bool {
        let satisfied = self.plan.satisfied.iter().map(String::as_str);
        satisfied.chain(WEB_DEPLOY).any(|one| one.eq_ignore_ascii_case(product))
    }

    fn is_planned(&self, product: &str) -> bool {
        self.plan.steps.iter().any(|step| step.entry.product.eq_ignore_ascii_case(product))
    }

    fn step(&self, source: &Source, entry: &Entry) -> Result<Step, Error> {
        let product = &entry.product;
        let feed = &source.reading.feed;
        let Some(installer) = fitting(&entry.installers, feed, self.language, self.machine) else {
            let message = format!("{product} has no installer for this machine");
            return Err(Error::Unresolved(message));
        };
        let place = match &installer.file {
            None => None,
            Some(file) => {
                let relative = file.relative_url.as_deref();
                let url = if file.url.is_empty() { relative.unwrap_or("") } else { &file.url };
                let place = source.place.join(url).ok_or_else(|| {
                    let message =
                        format!("{product} is at a place that its feed may not name: {url}");
                    Error::Unresolved(message)
                })?;
                if file.sha1.is_none() && file.sha256.is_none() {
                    let message = format!(
                        "{product} has no digest in the feed, so nobody can tell whether its file is \
                         the right one"
                    );
                    return Err(Error::Unresolved(message));
                }
                Some(place)
            }
        };
        Ok(Step { entry: entry.clone(), installer: installer.clone(), place })
    }
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
