//! Owns the tests with the samples that Microsoft published.

use crate::support::fixtures;
use deploy::package::{Manifest, Parameters};
use std::path::Path;

/// What is in a sample file; many hold only a part, which is put into its root here.
enum Sample {
    Manifest,
    Parameters,
    /// An example of a `web.config`.
    Configuration,
    /// One that was published broken, with what is wrong.
    Broken(&'static str),
}

fn samples() -> Vec<(&'static str, Sample)> {
    use Sample::{Broken, Configuration, Manifest, Parameters};
    vec![
        ("blogengine-net-sample-files_samples_sample1", Manifest),
        ("blogengine-net-sample-files_samples_sample2", Parameters),
        (
            "database-notes-for-packaging-applications-for-use-with-the-web-application-gallery_samples_sample1",
            Broken("</msdeploy.iisapp>"),
        ),
        (
            "database-notes-for-packaging-applications-for-use-with-the-web-application-gallery_samples_sample4",
            Manifest,
        ),
        ("gallery-server-pro-sample-files_samples_sample1", Manifest),
        ("gallery-server-pro-sample-files_samples_sample2", Parameters),
        (
            "how-to-create-an-app-package-supporting-both-sql-server-and-mysql_samples_sample1",
            Manifest,
        ),
        (
            "how-to-create-an-app-package-supporting-both-sql-server-and-mysql_samples_sample2",
            Parameters,
        ),
        (
            "how-to-create-an-app-package-supporting-both-sql-server-and-mysql_samples_sample3",
            Broken("attributes need a space"),
        ),
        (
            "how-to-create-an-app-package-supporting-both-sql-server-and-mysql_samples_sample4",
            Parameters,
        ),
        (
            "how-to-create-an-app-package-supporting-both-sql-server-and-mysql_samples_sample5",
            Parameters,
        ),
        (
            "how-to-create-an-app-package-supporting-both-sql-server-and-mysql_samples_sample6",
            Parameters,
        ),
        ("joomla-sample-files_samples_sample1", Manifest),
        ("joomla-sample-files_samples_sample4", Configuration),
        ("mediawiki-sample-files_samples_sample1", Manifest),
        ("mediawiki-sample-files_samples_sample2", Parameters),
        ("mediawiki-sample-files_samples_sample3", Configuration),
        ("reference-for-the-web-application-package_samples_sample1", Parameters),
        ("reference-for-the-web-application-package_samples_sample10", Parameters),
        ("reference-for-the-web-application-package_samples_sample2", Configuration),
        ("reference-for-the-web-application-package_samples_sample3", Parameters),
        ("reference-for-the-web-application-package_samples_sample4", Parameters),
        ("reference-for-the-web-application-package_samples_sample5", Parameters),
        ("reference-for-the-web-application-package_samples_sample6", Parameters),
        ("reference-for-the-web-application-package_samples_sample7", Parameters),
        ("reference-for-the-web-application-package_samples_sample8", Parameters),
        ("reference-for-the-web-application-package_samples_sample9", Parameters),
    ]
}

/// A part of a file in the root that it was taken out of.
fn whole(text: &str, root: &str) -> String {
    let has_root = text.to_ascii_lowercase().contains(&format!("<{}", root.to_ascii_lowercase()));
    if has_root { text.to_owned() } else { format!("<{root}>{text}</{root}>") }
}

#[test]
fn every_sample_is_read_and_parameters_round_trip() {
    let folder = fixtures().join("samples");
    let samples = samples();
    let files = std::fs::read_dir(&folder).expect("they are there").flatten();
    let xml = files.filter(|file| file.path().extension().is_some_and(|e| e == "xml"));
    assert_eq!(xml.count(), samples.len(), "every file is in the list");
    let (mut providers, mut parameters) = (0, 0);
    for (name, sample) in samples {
        let path = folder.join(format!("{name}.xml"));
        let text = std::fs::read_to_string(&path).expect("it is text");
        match sample {
            Sample::Manifest => {
                let text = whole(&text, "MSDeploy.iisApp");
                let read = Manifest::read(&path, text.as_bytes()).expect(name);
                assert!(!read.providers.is_empty(), "{name}");
                providers += read.providers.len();
                let again = Manifest::read(&path, read.to_xml().as_bytes()).expect(name);
                assert_eq!(without_places(&again), without_places(&read), "{name}");
            }
            Sample::Parameters => {
                let text = whole(&text, "parameters");
                let read = Parameters::read(&path, text.as_bytes()).expect(name);
                parameters += read.parameters.len();
                round_trip(&path, &read);
            }
            Sample::Configuration => {
                assert!(xml::Document::parse(text.as_bytes()).is_ok(), "{name}");
            }
            Sample::Broken(why) => {
                let text = whole(&text, "parameters");
                let error = Parameters::read(&path, text.as_bytes()).expect_err(name);
                assert_eq!(error.code(), "package-xml");
                assert!(error.to_string().contains(why), "{name}: {error}");
            }
        }
    }
    assert_eq!((providers, parameters), (18, 25));
}

fn without_places(manifest: &Manifest) -> Manifest {
    let mut manifest = manifest.clone();
    manifest.providers.iter_mut().for_each(|provider| provider.place = None);
    manifest
}

fn round_trip(path: &Path, read: &Parameters) {
    let again = Parameters::read(path, read.to_xml().as_bytes()).expect("it was just written");
    let bare = |parameters: &Parameters| {
        let mut parameters = parameters.clone();
        for parameter in &mut parameters.parameters {
            parameter.place = None;
            parameter.entries.iter_mut().for_each(|entry| entry.place = None);
            if let Some(validation) = &mut parameter.validation {
                validation.place = None;
            }
        }
        parameters
    };
    assert_eq!(bare(&again), bare(read), "{}", path.display());
}

#[test]
fn what_the_samples_say_is_understood() {
    let read = |name: &str| {
        let path = fixtures().join("samples").join(format!("{name}.xml"));
        let text = std::fs::read_to_string(&path).expect("it is text");
        Parameters::read(&path, whole(&text, "parameters").as_bytes()).expect("it is sound")
    };
    let rule = "reference-for-the-web-application-package_samples_sample";
    let mail = read(&format!("{rule}9"));
    let validation = mail.parameters[0].validation.as_ref().expect("it has a rule");
    assert!(validation.allows_empty() && validation.refusal("x").is_some());
    assert_eq!(validation.refusal("a@b.org"), None);
    let localised = read(&format!("{rule}10"));
    let german = localised.parameters[0].localised.iter().filter(|text| text.culture == "de");
    let german: Vec<&str> = german.map(|text| text.text.as_str()).collect();
    assert!(german.contains(&"Anwendungs Pfad"), "{german:?}");
    let engine =
        read("how-to-create-an-app-package-supporting-both-sql-server-and-mysql_samples_sample5");
    let given = std::collections::BTreeMap::new();
    let values = engine.resolve(&given).expect("they have defaults");
    let application = deploy::package::apply::Application::new(&engine, &values).expect("patterns");
    let changed = application.file("\\joomla\\configuration.php", b"<?php public $dbtype = '';");
    let text =
        String::from_utf8(changed.expect("it is text").expect("it changes")).expect("it is text");
    assert_eq!(text, "<?php public $dbtype = 'mysql';");
}
