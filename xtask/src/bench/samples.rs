//! Owns taking samples: rounds in which every peer has its turn in every scene.
//!
//! Does not own what is made of them: see `report`.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::catalog::Peer;
use super::proc::Cpu;
use super::server::{self, How, Seat, Server};
use crate::load::address::Address;
use crate::load::cases::Case;
use crate::load::{Protocol, Seen, WARM};

/// Sent before each sample: the app is loaded, the interpreter has specialised its code.
const WARM_UP_SECONDS: f64 = 0.15;

/// What stands between load and server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Mode {
    /// Nothing: the load speaks what the server speaks.
    Direct,
    /// nginx, with HTTP to the load.
    Nginx,
}

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene {
    pub(crate) case: &'static Case,
    pub(crate) mode: Mode,
    pub(crate) connections: usize,
}

impl PartialEq for Scene {
    fn eq(&self, other: &Scene) -> bool {
        (self.case.name, self.mode, self.connections)
            == (other.case.name, other.mode, other.connections)
    }
}

impl fmt::Display for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            Mode::Direct => "directly",
            Mode::Nginx => "behind nginx",
        };
        let Scene { case, connections, .. } = self;
        let plural = if *connections == 1 { "" } else { "s" };
        write!(f, "{}, {mode}, {connections} connection{plural} ({})", case.name, case.what)
    }
}

/// A figure taken.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) peer: &'static str,
    pub(crate) scene: Scene,
    pub(crate) seen: Seen,
    cpu_seconds: f64,
}

impl Sample {
    /// Processor time of the server for a request.
    pub(crate) fn cpu_us(&self) -> f64 {
        self.cpu_seconds * 1e6 / self.seen.requests as f64
    }

    /// Right responses a second.
    pub(crate) fn rate(&self) -> f64 {
        self.seen.requests as f64 / self.seen.seconds
    }
}

/// What all samples have in common.
#[derive(Debug)]
pub(crate) struct Rig {
    /// The environment's folder of programs.
    pub(crate) bin: PathBuf,
    pub(crate) benches: PathBuf,
    /// Our own program, built for release: it is the load generator.
    pub(crate) load: PathBuf,
    pub(crate) seconds: f64,
}

impl Rig {
    /// One round: every peer in every scene. What fails is told on stderr and left out.
    pub(crate) fn round(&self, peers: &[&'static Peer], scenes: &[Scene]) -> Vec<Sample> {
        let mut samples = Vec::new();
        for peer in peers {
            let mut modules: Vec<&str> = scenes.iter().map(|scene| scene.case.module).collect();
            modules.dedup();
            for module in modules {
                let here: Vec<Scene> =
                    scenes.iter().copied().filter(|scene| scene.case.module == module).collect();
                if let Err(error) = self.turn(peer, module, &here, &mut samples) {
                    eprintln!("!! {}, {module}: {error:#}", peer.name);
                }
            }
        }
        samples
    }

    /// One peer with one app.
    fn turn(
        &self,
        peer: &'static Peer,
        module: &str,
        scenes: &[Scene],
        samples: &mut Vec<Sample>,
    ) -> Result<()> {
        let with_nginx = scenes.iter().any(|scene| scene.mode == Mode::Nginx);
        let app = format!("{module}:app");
        let server = Server::start(
            peer,
            &app,
            &self.bin,
            &self.benches,
            How { with_nginx, ..How::default() },
        )?;
        // nginx keeps its connections, and a server with a thread for each may have no more left.
        let mut scenes = scenes.to_vec();
        scenes.retain(|scene| !peer.single || (scene.connections, scene.mode) == (1, Mode::Direct));
        scenes.sort_by_key(|scene| scene.mode == Mode::Nginx);
        for scene in &scenes {
            let sample = self.sample(peer, &server, *scene)?;
            if sample.seen.bad > 0 {
                let Seen { bad, why, .. } = &sample.seen;
                eprintln!("!! {}, {scene}: {bad} bad: {why}; {}", peer.name, server.said().trim());
            }
            samples.push(sample);
        }
        Ok(())
    }

    fn sample(&self, peer: &'static Peer, server: &Server, scene: Scene) -> Result<Sample> {
        let load = self.load(peer, server, scene);
        let (seen, cpu) = measured(load, || server.tree())?;
        Ok(Sample { peer: peer.name, scene, seen, cpu_seconds: cpu.as_secs_f64() })
    }

    /// The load on the same connections for warming up and for the sample, so that a server with
    /// a process for each connection is measured when it has them.
    fn load(&self, peer: &Peer, server: &Server, scene: Scene) -> Command {
        let (address, protocol) = match scene.mode {
            Mode::Direct => (&server.address, peer.protocol),
            Mode::Nginx => (&server.front, Protocol::Http),
        };
        let mut command = self.load_command(address, protocol, scene);
        if scene.mode == Mode::Direct {
            if !peer.keep {
                command.arg("--close");
            }
            if server::seats() {
                command.arg("--spin");
            }
        }
        command
    }

    /// The load, tied to its processor.
    fn load_command(&self, address: &Address, protocol: Protocol, scene: Scene) -> Command {
        server::seated(&self.words(address, protocol, scene.case, scene.connections), Seat::Load)
    }

    /// The load, on any processor.
    pub(crate) fn plain_load(
        &self,
        address: &Address,
        protocol: Protocol,
        case: &Case,
        connections: usize,
    ) -> Command {
        let words = self.words(address, protocol, case, connections);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    }

    fn words(
        &self,
        address: &Address,
        protocol: Protocol,
        case: &Case,
        connections: usize,
    ) -> Vec<String> {
        let protocol = match protocol {
            Protocol::Fastcgi => "fastcgi",
            Protocol::Http => "http",
        };
        vec![
            show(&self.load),
            "load".into(),
            "--address".into(),
            address.to_string(),
            "--protocol".into(),
            protocol.into(),
            "--case".into(),
            case.name.into(),
            "--connections".into(),
            connections.to_string(),
            "--seconds".into(),
            self.seconds.to_string(),
            "--warm-up".into(),
            WARM_UP_SECONDS.to_string(),
        ]
    }
}

/// What a load saw once it was warm, and the processor time that these processes used meanwhile.
pub(crate) fn measured(mut load: Command, tree: impl Fn() -> Vec<u32>) -> Result<(Seen, Duration)> {
    load.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut load = load.spawn().context("cannot start the load")?;
    let mut said = BufReader::new(load.stdout.take().expect("piped")).lines();
    let mut line = || said.next().transpose()?.context("the load ended early: see above");
    if line()? != WARM {
        bail!("the load did not warm up");
    }
    let tree = tree();
    let before = Cpu::of(&tree);
    load.stdin.take().expect("piped").write_all(b"\n")?;
    let seen = Seen::decode(&line()?)?;
    let used = Cpu::of(&tree).since(before);
    load.wait()?;
    Ok((seen, used))
}

fn show(path: &Path) -> String {
    path.display().to_string()
}
