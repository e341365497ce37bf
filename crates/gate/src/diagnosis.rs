//! Owns finding out why a worker ended before it had taken the pipe.
//!
//! Does not own failures that the worker itself could tell.

use crate::control::StartFailure;
use crate::limits::DIAGNOSIS_TIMEOUT;
use crate::plan::Plan;
use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;

/// Most bytes of output that are shown.
const OUTPUT_BYTES_MAX: u64 = 16 * 1024;

/// Tries what a worker does first, importing our module, and tells what came of it.
pub(crate) fn diagnose(plan: &Plan, status: Option<ExitStatus>) -> StartFailure {
    let python = plan.python.display();
    let ended = status.map_or_else(
        || "Python ended before it served".to_owned(),
        |status| format!("Python ended before it served: {status}"),
    );
    let output = probe(plan);
    let hint = match &output {
        Err(_) => format!("try it by hand: {python} -c \"import iisgate._native\""),
        Ok(text) if text.contains("No module named 'iisgate._native'") => {
            format!(
                "iisgate was built for another Python: {python} -m pip install --force-reinstall iisgate"
            )
        }
        Ok(text) if text.contains("No module named 'iisgate'") => {
            format!("{python} -m pip install iisgate")
        }
        Ok(text) if text.is_empty() => "the log has what it said".to_owned(),
        Ok(_) => format!("try it by hand: {python} -c \"import iisgate._native\""),
    };
    let details = output.unwrap_or_else(|error| error);
    let title = if details.contains("No module named 'iisgate") {
        format!("iisgate is not installed for {python}")
    } else {
        ended
    };
    StartFailure { title, hint, details }
}

/// What importing prints: nothing if it works.
fn probe(plan: &Plan) -> Result<String, String> {
    let mut child = Command::new(&plan.program)
        .args(["-c", "import iisgate._native"])
        .envs(plan.environment.iter().cloned())
        .current_dir(&plan.working_directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let stderr = child.stderr.take().expect("it was piped");
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let read = stderr.take(OUTPUT_BYTES_MAX).read_to_end(&mut text);
        let _ = sender.send(read.map(|_| String::from_utf8_lossy(&text).into_owned()));
    });
    let text = receiver.recv_timeout(DIAGNOSIS_TIMEOUT);
    let _ = child.kill();
    let _ = child.wait();
    match text {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("importing took longer than {} s", DIAGNOSIS_TIMEOUT.as_secs())),
    }
}
