//! Owns finding out why Python did not start, or ended before it had taken the pipe.
//!
//! Does not own failures that the worker itself could tell.

mod said;

mod status;

use crate::codes;
use crate::control::StartFailure;
use crate::limits::DIAGNOSIS_TIMEOUT;
use crate::plan::Plan;
use said::Said;
use status::Ended;
pub use status::explain_status;
use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;

/// Most bytes of output that are shown.
const OUTPUT_BYTES_MAX: u64 = 16 * 1024;

/// Tells what this Python is, and tries what a worker does first: importing our module. Old Pythons
/// understand it, too.
const PROBE: &str = "\
import struct, sys
sys.stdout.write('%d.%d.%d %d\\n' % (sys.version_info[:3] + (8 * struct.calcsize('P'),)))
sys.stdout.flush()
import iisgate._native
";

/// Tells why a worker ended that had not said anything.
pub(crate) fn diagnose(plan: &Plan, status: Option<ExitStatus>) -> StartFailure {
    let ended = status.map(Ended::new).unwrap_or_default();
    match probe(plan) {
        Ok(said) => said::explain(&plan.python, &ended, &said),
        Err(error) => not_started(plan, &error),
    }
}

/// Tells why the system does not start Python at all.
pub(crate) fn not_started(plan: &Plan, error: &io::Error) -> StartFailure {
    let folder = &plan.working_directory;
    if let Err(error) = std::fs::read_dir(folder) {
        let what = format!("the app's working directory cannot be entered: {}", folder.display());
        return StartFailure::system(&codes::WORKING_DIRECTORY, &what, &error).at(folder.display());
    }
    let python = plan.python.display();
    let what = format!("Python cannot be started: {python}");
    let is_denied = error.kind() == io::ErrorKind::PermissionDenied;
    let code = match error.kind() {
        io::ErrorKind::PermissionDenied => &codes::PYTHON_DENIED,
        io::ErrorKind::OutOfMemory | io::ErrorKind::WouldBlock => &codes::SYSTEM_REFUSES,
        // Windows tells a program of another kind so, Linux a file that is none.
        _ => &codes::PYTHON_IS_NO_PROGRAM,
    };
    let failure = StartFailure::system(code, &what, error).at(plan.program.display());
    if is_denied {
        failure.mend(
            "let the web server's user read and run it, or name another one: --python PATH",
            crate::interpreter::grant(&plan.program),
        )
    } else {
        failure.mend("name another one: --python PATH", "iisgate fcgi --python PATH")
    }
}

/// What the probe said and how it ended.
fn probe(plan: &Plan) -> io::Result<Said> {
    let mut child = Command::new(&plan.program)
        .args(["-c", PROBE])
        .envs(plan.environment.iter().cloned())
        .current_dir(&plan.working_directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stderr = child.stderr.take().expect("it was piped");
    let stdout = child.stdout.take().expect("it was piped");
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let read = |from: &mut dyn Read| {
            let mut text = Vec::new();
            // What came is said, whatever happened then.
            let _ = from.take(OUTPUT_BYTES_MAX).read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        };
        let errors = read(&mut { stderr });
        let _ = sender.send((read(&mut { stdout }), errors));
    });
    let said = receiver.recv_timeout(DIAGNOSIS_TIMEOUT);
    let _ = child.kill();
    let _ = child.wait();
    let (about, errors) = said.unwrap_or_else(|_| {
        let seconds = DIAGNOSIS_TIMEOUT.as_secs();
        (String::new(), format!("importing iisgate took longer than {seconds} s"))
    });
    Ok(Said::new(&about, errors))
}
