//! Owns who a request is from, and whether they may make it: Windows sign-on as it is simulated for
//! one user, and `<authorization>`.
//!
//! Does not prove anything: whoever reaches the stand-in is the user that `--as` names. Groups,
//! passwords, tickets, and the other ways of `<authentication>` are not simulated.

use std::sync::Arc;

use iis::authorization::AuthorizationRule;

use crate::answer::Refused;
use crate::folders::Folder;

/// What the client is told it may sign on with.
pub(crate) const CHALLENGES: [&str; 2] = ["Negotiate", "NTLM"];

/// Who a request is from, `None` being nobody in particular.
///
/// A client first asks without a word about itself, and signs on where that is not enough; so a page
/// that everyone may see is asked for by nobody, also with `--as`.
///
/// # Errors
/// 401.2, as IIS answers when nobody may ask so.
pub(crate) fn user(
    folder: &Folder,
    as_user: Option<&str>,
    method: &str,
    path: &str,
) -> Result<Option<Arc<str>>, Refused> {
    let authentication = &folder.authentication;
    // Nobody says anything: who starts us with --as wants it to be seen.
    let is_silent = authentication.place.is_none() && as_user.is_some();
    let allows_windows = authentication.allows_windows || is_silent;
    let mut denied = None;
    if authentication.allows_anonymous && !is_silent {
        match folder.authorization.check(None, method) {
            Ok(()) => return Ok(None),
            Err(rule) => denied = Some((None, rule)),
        }
    }
    if let Some(user) = as_user.filter(|_| allows_windows) {
        match folder.authorization.check(Some(user), method) {
            Ok(()) => return Ok(Some(user.into())),
            Err(rule) => denied = Some((Some(user), rule)),
        }
    }
    Err(refused(folder, allows_windows, denied, path))
}

fn refused(
    folder: &Folder,
    allows_windows: bool,
    denied: Option<(Option<&str>, Option<&AuthorizationRule>)>,
    path: &str,
) -> Refused {
    let title = "Unauthorized: Logon failed due to server configuration";
    let mut refused = Refused::new(401, 2, title, path);
    match denied {
        Some((user, rule)) => {
            let who = user.unwrap_or("a user who did not sign on");
            refused = match rule {
                Some(rule) => refused
                    .lead(format!("A rule of <authorization> denies this to {who}."))
                    .fact("Rule", rule.place.to_string()),
                None => refused.lead(format!("No rule of <authorization> allows this to {who}.")),
            };
            let asks_groups = folder.authorization.rules.iter().any(|rule| !rule.roles.is_empty());
            if asks_groups {
                refused = refused.hint(
                    "Groups are not simulated: a rule for roles matches nobody. While developing, \
                     name the user in the rule",
                );
            }
        }
        None => refused = refused.lead("anonymousAuthentication is off: the client must sign on."),
    }
    let authentication = &folder.authentication;
    if let Some(place) = &authentication.place {
        refused = refused.fact("Authentication", place.to_string());
    }
    for (name, place) in &authentication.others {
        refused = refused.fact("Not simulated", format!("<{name}> at {place}"));
    }
    let is_signed_on = denied.is_some_and(|(user, _)| user.is_some());
    if allows_windows && !is_signed_on {
        refused = refused.challenges(&CHALLENGES).hint(
            r"On Windows the browser signs on here. Start with --as DOMAIN\user to be that user",
        );
    } else if !allows_windows {
        refused = refused.hint(
            "windowsAuthentication is off. On IIS it is switched on in applicationHost.config: \
             appcmd set config SITE -section:windowsAuthentication -enabled:true -commit:apphost",
        );
    }
    refused
}
