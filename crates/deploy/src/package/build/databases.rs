//! Owns what a package asks for to run scripts on a database server: the six parameters that the
//! gallery's rules want, the connection string made of them, and the providers.
//!
//! Does not own the scripts.

use super::asked::{hidden, provider_path};
use super::table::{Database, DatabaseProvider};
use crate::package::manifest::Provider;
use crate::package::parameters::{Parameter, Parameters};

/// What differs between database servers.
struct Kind {
    provider: &'static str,
    /// The tag of all its parameters.
    tag: &'static str,
    string_tag: &'static str,
    administrator: &'static str,
    server: &'static str,
}

const MYSQL: Kind = Kind {
    provider: "dbMySql",
    tag: "MySQL",
    string_tag: "MySQLConnectionString",
    administrator: "root",
    server: "localhost",
};

const FULL_SQL: Kind = Kind {
    provider: "dbFullSql",
    tag: "SQL",
    string_tag: "SQLConnectionString",
    administrator: "sa",
    server: r".\SQLEXPRESS",
};

fn kind(database: &Database) -> &'static Kind {
    match database.provider {
        DatabaseProvider::MySql => &MYSQL,
        DatabaseProvider::FullSql => &FULL_SQL,
    }
}

/// The name that a script has in the package: at its root.
pub(super) fn script_name(database: &Database) -> &str {
    database.script.rsplit('/').next().unwrap_or_default()
}

/// The steps that run the scripts.
pub(super) fn providers(databases: &[Database]) -> Vec<Provider> {
    let provider = |database: &Database| {
        let mut provider = Provider::new(kind(database).provider, script_name(database));
        if let Some(delimiter) = &database.delimiter {
            provider = provider
                .attribute("commandDelimiter", delimiter)
                .attribute("removeCommandDelimiter", "true");
        }
        match database.transacted {
            Some(transacted) => provider.attribute("transacted", &transacted.to_string()),
            None => provider,
        }
    };
    databases.iter().map(provider).collect()
}

/// Adds what is asked for, but for what the author has declared under the same tag.
pub(super) fn add(parameters: &mut Parameters, name: &str, databases: &[Database]) {
    for kind in [&MYSQL, &FULL_SQL] {
        let scripts: Vec<&Database> =
            databases.iter().filter(|d| self::kind(d).provider == kind.provider).collect();
        if scripts.is_empty() {
            continue;
        }
        let database: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let mut named = |tag: &str, title: &str, default: Option<&str>, more: &[&str]| -> String {
            let known =
                parameters.parameters.iter().find(|p| p.has_tag(tag) && p.has_tag(kind.tag));
            if let Some(known) = known {
                return known.name.clone();
            }
            let name = format!("{} {title}", kind.tag);
            let tags = [kind.tag, tag].into_iter().chain(more.iter().copied());
            parameters.parameters.push(Parameter {
                name: name.clone(),
                default: default.map(str::to_owned),
                tags: tags.map(str::to_owned).collect(),
                ..Parameter::default()
            });
            name
        };
        let server = named("dbServer", "Server", Some(kind.server), &[]);
        let base = named("dbName", "Database", Some(&database), &[]);
        named("dbUsername", "User", Some(&database), &[]);
        named("dbUserPassword", "User Password", None, &["New", "Password"]);
        let admin = named("dbAdminUsername", "Administrator", Some(kind.administrator), &[]);
        let password = named("dbAdminPassword", "Administrator Password", None, &["Password"]);
        let default =
            format!("Server={{{server}}};Database={{{base}}};uid={{{admin}}};Pwd={{{password}}};");
        let mut string = hidden(&format!("{} Connection String", kind.tag), &default);
        string.tags.extend([kind.string_tag, kind.tag, "Validate"].map(str::to_owned));
        for script in scripts {
            string.entries.push(provider_path(kind.provider, script_name(script)));
        }
        parameters.parameters.push(string);
    }
}
