//! Owns taking samples: rounds in which every peer has its turn in every scene.
//!
//! Does not own what is made of them: see `report`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::catalog::Peer;
use super::proc::Cpu;
use super::server::{self, Seat, Server};
use crate::load::address::Address;
use crate::load::cases::Case;
use crate::load::{Protocol, Seen};
use crate::process;

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
        let server = Server::start(peer, &app, &self.bin, &self.benches, with_nginx)?;
        // nginx keeps its connections, and a server with a thread for each may have no more left.
        let mut scenes = scenes.to_vec();
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
        self.load(peer, server, scene, WARM_UP_SECONDS)?;
        let tree = server.tree();
        let before = Cpu::of(&tree);
        let seen = self.load(peer, server, scene, self.seconds)?;
        let used = Cpu::of(&tree).since(before);
        Ok(Sample { peer: peer.name, scene, seen, cpu_seconds: used.as_secs_f64() })
    }

    fn load(&self, peer: &Peer, server: &Server, scene: Scene, seconds: f64) -> Result<Seen> {
        let (address, protocol) = match scene.mode {
            Mode::Direct => (&server.address, peer.protocol),
            Mode::Nginx => (&server.front, Protocol::Http),
        };
        let mut command = self.load_command(address, protocol, scene, seconds);
        if scene.mode == Mode::Direct {
            if !peer.keep {
                command.arg("--close");
            }
            if server::seats() {
                command.arg("--spin");
            }
        }
        let line = process::output(&mut command).context("the load could not be driven")?;
        Seen::decode(&line)
    }

    fn load_command(
        &self,
        address: &Address,
        protocol: Protocol,
        scene: Scene,
        seconds: f64,
    ) -> Command {
        let protocol = match protocol {
            Protocol::Fastcgi => "fastcgi",
            Protocol::Http => "http",
        };
        let words = [
            show(&self.load),
            "load".into(),
            "--address".into(),
            address.to_string(),
            "--protocol".into(),
            protocol.into(),
            "--case".into(),
            scene.case.name.into(),
            "--connections".into(),
            scene.connections.to_string(),
            "--seconds".into(),
            seconds.to_string(),
        ];
        server::seated(&words, Seat::Load)
    }
}

fn show(path: &Path) -> String {
    path.display().to_string()
}
