//! Owns the tests of which value each parameter gets.

use super::*;
use crate::package::parameters::Validation;

fn parameter(name: &str, default: Option<&str>, tags: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        default: default.map(str::to_owned),
        tags: tags.split(',').map(str::to_owned).collect(),
        ..Parameter::default()
    }
}

fn resolved(parameters: Vec<Parameter>, given: &[(&str, &str)]) -> Result<Resolved, String> {
    let given = given.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    Parameters { parameters }.resolve(&given).map_err(|error| error.to_string())
}

#[test]
fn defaults_are_put_together_of_others() {
    let parameters = vec![
        parameter("Application Path", Some("Default Web Site/hello"), "iisApp"),
        parameter("Acl", Some("{Application Path}/var"), "Hidden"),
        parameter("Twice", Some("{Acl}+{Acl} {QUERY_STRING} {{Acl} {"), "Hidden"),
    ];
    let values = resolved(parameters.clone(), &[]).expect("all have defaults");
    assert_eq!(values.get("Acl"), Some("Default Web Site/hello/var"));
    let values = resolved(parameters, &[("application path", "S/a")]).expect("it is given");
    assert_eq!(values.get("Twice"), Some("S/a/var+S/a/var {QUERY_STRING} {S/a/var {"));
}

#[test]
fn every_problem_is_told_at_once() {
    let mut mode = parameter("Mode", Some("x"), "");
    mode.validation = Some(Validation::read("enumeration", "production,debug"));
    let mut mail = parameter("Mail", Some("nobody"), "");
    mail.validation = Some(Validation::read("RegularExpression,allowEmpty", "^.+@.+$"));
    let parameters = vec![
        parameter("A", Some("{B}"), ""),
        parameter("B", Some("1{C}"), ""),
        parameter("C", Some("{B}"), ""),
        parameter("Free", None, ""),
        parameter("Empty", Some(""), ""),
        parameter("Silent", Some(""), "hidden"),
        mode,
        mail.clone(),
    ];
    let message = resolved(parameters, &[("fre", "x"), ("Empti", "")]).expect_err("much is wrong");
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(
        lines,
        [
            "there is no parameter Empti",
            "there is no parameter fre",
            "the default of A is made of itself: B → C → B",
            "the default of B is made of itself: B → C → B",
            "the default of C is made of itself: C → B → C",
            "Free has no default: give it with --set \"Free=…\"",
            "Empty: it must not be empty",
            "Mode: it must be one of: production, debug",
            "Mail: it does not match ^.+@.+$",
        ]
    );
    assert!(resolved(vec![mail], &[("Mail", "")]).is_ok(), "empty is allowed");
}

#[test]
fn a_value_that_grows_without_end_is_refused() {
    let mut parameters = vec![parameter("P0", Some("0123456789"), "")];
    for number in 1..40 {
        let default = format!("{{P{}}}{{P{}}}", number - 1, number - 1);
        parameters.push(parameter(&format!("P{number}"), Some(&default), ""));
    }
    let message = resolved(parameters, &[]).expect_err("it doubles");
    assert!(message.contains("P20 becomes longer than"), "{message}");
}

#[test]
fn the_database_that_is_not_chosen_is_not_asked_for() {
    let parameters = || {
        vec![
            parameter("Server SQL", None, "SQL,dbServer"),
            parameter("Server MySQL", None, "MySQL,dbServer"),
        ]
    };
    let values = resolved(parameters(), &[("Server MySQL", "localhost")]).expect("one is chosen");
    assert_eq!(values.values().len(), 1);
    assert!(resolved(parameters(), &[]).is_err());
}

#[test]
fn booleans_and_lists() {
    for (kinds, text, value, is_one) in [
        ("Boolean", "", "true", true),
        ("Boolean", "", "yes", false),
        ("Enumeration", "a, b", "b", false),
        ("Enumeration", "a, b", " b", true),
        ("RegularExpression", "(", "x", false),
        ("Fancy", "", "x", true),
    ] {
        assert_eq!(
            Validation::read(kinds, text).refusal(value).is_none(),
            is_one,
            "{kinds} {value}"
        );
    }
}
