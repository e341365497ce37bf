//! Owns the soaked site: its folder, the stand-in that serves it, all its processes, their end.
//!
//! Does not own the app (`fixtures/sites/soak`).

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::bench::proc;
use crate::{process, repo};

/// By this variable all that is started for it is found.
const MARK: &str = "XDG_RUNTIME_DIR";
/// How long it may take to listen, and to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A site that is served.
pub(super) struct Site {
    folder: tempfile::TempDir,
    serve: Child,
    address: SocketAddr,
}

impl Site {
    pub(super) fn start(
        exe: &Path,
        python: &Path,
        max_requests: u32,
        clients: usize,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let root = folder.path().join("site");
        fs::create_dir_all(&root)?;
        fs::create_dir(folder.path().join("run"))?;
        fs::copy(repo::root().join("fixtures/sites/soak/app.py"), root.join("app.py"))?;
        let (exe_path, config) = (exe.display(), folder.path().join("applicationHost.config"));
        let arguments =
            format!("fcgi app:app --max-requests {max_requests} --threads 64 --grace 1");
        let text = SERVER
            .replace("SITE", &root.display().to_string())
            .replace("ARGUMENTS", &arguments)
            .replace("INSTANCES", &clients.to_string())
            .replace("EXE", &exe_path.to_string());
        fs::write(&config, text)?;
        let said = folder.path().join("said.txt");
        let out = File::create(&said)?;
        let mut command = Command::new(exe);
        command.arg("serve").arg("--config").arg(&config).args(["--port", "0"]);
        command.env(MARK, folder.path().join("run")).env("IISGATE_PYTHON", python);
        command.current_dir(folder.path()).stdin(Stdio::null());
        command.stdout(out.try_clone()?).stderr(out);
        let serve = command.spawn().with_context(|| process::shown(&command))?;
        let mut site = Site { folder, serve, address: (Ipv4Addr::LOCALHOST, 0).into() };
        let port = site.port(&said)?;
        site.address.set_port(port);
        Ok(site)
    }

    fn port(&mut self, said: &Path) -> Result<u16> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let text = fs::read_to_string(said).unwrap_or_default();
            let found = text.split("http://").nth(1).and_then(|rest| rest.split('/').next());
            if let Some(port) = found.and_then(|found| found.rsplit(':').next()?.parse().ok()) {
                return Ok(port);
            }
            if let Some(status) = self.serve.try_wait()? {
                bail!("the stand-in ended: {status}: {text}");
            }
            process::pause(Duration::from_millis(10));
        }
        bail!("the stand-in tells no address: {}", fs::read_to_string(said).unwrap_or_default())
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The stand-in's process id.
    pub(super) fn stand_in(&self) -> u32 {
        self.serve.id()
    }

    /// Everything that was started for it and lives.
    pub(super) fn processes(&self) -> Vec<u32> {
        proc::marked(MARK, &self.folder.path().join("run").display().to_string())
    }

    /// Kills a worker, if that process is one of this site and lives.
    pub(super) fn kill_worker(&self, pid: u32) -> bool {
        let is_ours =
            command_line(pid).contains("-m iisgate worker") && self.processes().contains(&pid);
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        is_ours && pid.is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok())
    }

    /// Keeps what it wrote, to be looked at; where.
    pub(super) fn keep(&mut self) -> &Path {
        self.folder.disable_cleanup(true);
        self.folder.path()
    }

    /// Ends the stand-in as Ctrl-C does; what is left of its processes once that is done.
    pub(super) fn stop(&mut self) -> Result<Vec<String>> {
        let pid = i32::try_from(self.serve.id()).ok().and_then(Pid::from_raw).context("a pid")?;
        kill_process(pid, Signal::INT)?;
        let began = Instant::now();
        while self.serve.try_wait()?.is_none() && began.elapsed() < PATIENCE {
            process::pause(Duration::from_millis(20));
        }
        // Workers stay for their grace.
        while !self.processes().is_empty() && began.elapsed() < PATIENCE {
            process::pause(Duration::from_millis(20));
        }
        let left: Vec<u32> = self.processes();
        let told = left.iter().map(|pid| format!("{pid} {}", command_line(*pid))).collect();
        for pid in left.into_iter().filter_map(|pid| Pid::from_raw(i32::try_from(pid).ok()?)) {
            let _ = kill_process(pid, Signal::KILL);
        }
        let _ = self.serve.wait();
        Ok(told)
    }
}

/// A process's arguments.
pub(super) fn command_line(pid: u32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}

/// As many instances as clients; each is replaced after as many requests as IIS's default says, too.
const SERVER: &str = r#"<configuration>
  <system.applicationHost>
    <sites>
      <site name="Soaked" id="1">
        <application path="/">
          <virtualDirectory path="/" physicalPath="SITE" />
        </application>
        <bindings>
          <binding protocol="http" bindingInformation="127.0.0.1:8080:" />
        </bindings>
      </site>
    </sites>
  </system.applicationHost>
  <system.webServer>
    <!-- The soak kills more often than rapid-fail protection forgives. -->
    <fastCgi>
      <application fullPath="EXE" arguments="ARGUMENTS" maxInstances="INSTANCES" instanceMaxRequests="200"
                   signalBeforeTerminateSeconds="10" rapidFailsPerMinute="1000" />
    </fastCgi>
    <handlers accessPolicy="Read, Script">
      <add name="app" path="*" verb="*" modules="FastCgiModule" resourceType="Unspecified"
           requireAccess="Script" scriptProcessor="EXE|ARGUMENTS" />
    </handlers>
  </system.webServer>
</configuration>
"#;
