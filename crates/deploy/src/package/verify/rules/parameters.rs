//! Owns rules about what a package asks for.
//!
//! Does not own what the values are put into (`entries`).

use std::collections::BTreeMap;

use super::super::rule::{Hit, Rule, error, warning};
use super::super::subject::Subject;
use crate::package::parameters::{EntryKind, ProblemKind, ValidationKind, pieces};

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["package-parameters-missing", "The package has no Parameters.xml",
        "Without parameters a package goes where its paths lead: it cannot be installed anywhere else.",
        "Add a Parameters.xml with a parameter for the application's path."], missing),
    error(["package-application-parameter", "No parameter gives the application its path",
        "IIS Manager and feeds ask for the parameter with the tag iisApp; its ProviderPath entry puts the answer into the manifest's iisApp. Without it Web Deploy takes the folder's name for the name of a site.",
        "Add <parameter name=\"Application Path\" tags=\"iisApp\" …> with <parameterEntry kind=\"ProviderPath\" scope=\"iisApp\" match=\"^FOLDER$\" />."], application),
    error(["package-hidden-without-default", "A hidden parameter has no default",
        "Nobody is asked for it, so it never gets a value, and the installation stops.",
        "Give it a default, or take the tag Hidden away."], hidden),
    warning(["package-reference-unknown", "A default refers to a parameter that is not there",
        "{Name} in a default stands for the value of another parameter; of a name that is none the braces stay in the value.",
        "Correct the name between the braces."], unknown),
    error(["package-reference-cycle", "A default is made of itself",
        "Parameters that refer to each other in a ring never get a value.",
        "Break the ring: give one of them a value of its own."], cycle),
    error(["package-default-refused", "A default breaks its own parameter's rule",
        "Whoever accepts what is offered is told that it is wrong.",
        "Correct the default or the rule."], refused),
    warning(["package-validation-unknown", "A parameter has a rule that Web Deploy does not know",
        "Known are AllowEmpty, Boolean, Enumeration and RegularExpression.",
        "Correct the kind of the parameterValidation."], validation),
    warning(["package-secret-default", "A password has a default",
        "Everybody who has the package can read it, and most will leave it as it is.",
        "Take the default away: the password is asked for then."], secret),
];

fn missing(subject: &Subject<'_>) -> Vec<Hit> {
    let has = subject.package.entry("Parameters.xml").is_some();
    (!has).then(|| Hit::package("there is no Parameters.xml")).into_iter().collect()
}

fn application(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(application) = subject.package.manifest().application() else { return Vec::new() };
    if subject.package.entry("Parameters.xml").is_none() {
        return Vec::new();
    }
    let place = application.place.as_ref();
    let tagged: Vec<_> = subject.parameters().filter(|p| p.has_tag("iisApp")).collect();
    match tagged[..] {
        [] => vec![Hit::near(place, "no parameter has the tag iisApp")],
        [parameter] => {
            let is_bound =
                subject.parameters_of(application).iter().any(|p| p.name == parameter.name);
            let message = format!("{} does not give iisApp its path", parameter.name);
            if is_bound { Vec::new() } else { vec![Hit::near(parameter.place.as_ref(), message)] }
        }
        [_, second, ..] => {
            vec![Hit::near(second.place.as_ref(), "a second parameter with the tag iisApp")]
        }
    }
}

fn hidden(subject: &Subject<'_>) -> Vec<Hit> {
    let without = subject.parameters().filter(|p| p.is_hidden() && p.default.is_none());
    let hit = |p: &crate::package::Parameter| {
        Hit::near(p.place.as_ref(), format!("{} is hidden and has no default", p.name))
    };
    without.map(hit).collect()
}

fn unknown(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for parameter in subject.parameters() {
        // URL Rewrite and others have braces of their own, in values for files.
        let is_path = parameter.entries.iter().any(|e| e.kind == EntryKind::ProviderPath);
        for piece in pieces(parameter.default.as_deref().unwrap_or_default()) {
            let crate::package::parameters::Piece::Name(name) = piece else { continue };
            let is_known = subject.package.parameters().find(name).is_some();
            if !is_known && (is_path || parameter.entries.is_empty()) {
                let message =
                    format!("{} refers to {{{name}}}, which is no parameter", parameter.name);
                hits.push(Hit::near(parameter.place.as_ref(), message));
            }
        }
    }
    hits
}

fn cycle(subject: &Subject<'_>) -> Vec<Hit> {
    let Err(error) = subject.package.parameters().resolve(&BTreeMap::new()) else {
        return Vec::new();
    };
    let in_ring = error.problems.iter().filter(|problem| {
        matches!(&problem.kind, ProblemKind::Cycle(way) if way.first() == Some(&problem.parameter))
    });
    in_ring
        .map(|problem| {
            let place = subject.package.parameters().find(&problem.parameter);
            Hit::near(place.and_then(|p| p.place.as_ref()), problem.to_string())
        })
        .collect()
}

fn refused(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for parameter in subject.parameters() {
        let default = parameter.default.as_deref().unwrap_or_default();
        let Some(validation) = parameter.validation.as_ref().filter(|_| !default.is_empty()) else {
            continue;
        };
        let is_made_of_others = default.contains('{');
        if let Some(why) = validation.refusal(default).filter(|_| !is_made_of_others) {
            let message = format!("{} has the default {default:?}: {why}", parameter.name);
            hits.push(Hit::near(parameter.place.as_ref(), message));
        }
    }
    hits
}

fn validation(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for parameter in subject.parameters() {
        for rule in parameter.validation.iter().flat_map(|validation| &validation.rules) {
            if let ValidationKind::Other(name) = rule {
                let message = format!("{} has the rule {name:?}", parameter.name);
                hits.push(Hit::near(parameter.place.as_ref(), message));
            }
        }
    }
    hits
}

fn secret(subject: &Subject<'_>) -> Vec<Hit> {
    let is_told = |p: &&crate::package::Parameter| {
        let is_password =
            ["Password", "dbUserPassword", "dbAdminPassword"].iter().any(|t| p.has_tag(t));
        is_password && p.default.as_deref().is_some_and(|d| !d.is_empty() && !d.contains('{'))
    };
    let hit = |p: &crate::package::Parameter| {
        // The line is not shown: it holds the secret.
        let place = p.place.clone().map(|place| iis::Place { shown: String::new(), ..place });
        Hit::near(place.as_ref(), format!("{} is a password and has a default", p.name))
    };
    subject.parameters().filter(is_told).map(hit).collect()
}
