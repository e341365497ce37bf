//! Owns what is done about lock and pid files before a helper is started: those of dead processes
//! are removed, those of living ones are respected and named.
//!
//! Does not own the judgement (`platform::left_behind`).

use super::definition::Definition;
use super::glob;
use crate::codes;
use crate::control::StartFailure;
use platform::left_behind::{Judgement, judge};

/// Removes what dead processes left.
///
/// # Errors
/// When a file is in use: whoever uses it is there already, or something else is.
pub(super) fn remove(definition: &Definition) -> Result<(), StartFailure> {
    let files = definition.stale_files.iter();
    for path in files.flat_map(|pattern| glob::find(&definition.working_directory, pattern)) {
        let shown = path.display();
        match judge(&path) {
            Judgement::Unknown => {}
            Judgement::InUse(who) => {
                let who = who.unwrap_or_else(|| "a process that lives".into());
                let title =
                    format!("helper {} is not started: {shown} belongs to {who}", definition.name);
                let hint = "if that is the same program, started by hand or as a service: end it, \
                            or say start = \"service\"";
                let code = &codes::HELPER_IN_THE_WAY;
                return Err(StartFailure::of(code, title).mend(hint, ""));
            }
            Judgement::Stale(id) => {
                let id = id.map_or_else(String::new, |id| format!(" {id}"));
                match std::fs::remove_file(&path) {
                    Ok(()) => log::info!(
                        "helper {}: {shown} was left by a process{id} that is no more: removed",
                        definition.name
                    ),
                    Err(error) => log::warn!(
                        "helper {}: {shown} was left by a process{id} that is no more, \
                         and cannot be removed: {error}",
                        definition.name
                    ),
                }
            }
        }
    }
    Ok(())
}
