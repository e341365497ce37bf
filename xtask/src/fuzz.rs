//! Owns `cargo xtask fuzz`: each property of `fuzz/properties` under libFuzzer, one after the other, from
//! the kept seeds and what earlier runs have found.
//!
//! Does not own what must hold (`fuzz/properties`), nor the bounded form that every test run has.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{process, repo};

/// How long each property is tried unless `--seconds` says otherwise.
const SECONDS_DEFAULT: u64 = 60;
/// Longest input. Limits of 64 KiB and 1 MiB are reached by tests that need no luck.
const BYTES_MAX: usize = 16 * 1024;
/// An input that takes longer has found something that grows too fast.
const INPUT_SECONDS_MAX: usize = 60;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these properties.
    properties: Vec<String>,
    /// How long each is tried.
    #[arg(long, default_value_t = SECONDS_DEFAULT)]
    seconds: u64,
    /// Keeps in fuzz/seeds what reached code that no kept seed reaches.
    #[arg(long)]
    keep: bool,
}

/// Runs them; whether all hold. Prints a table.
pub(crate) fn run(args: &Args) -> Result<bool> {
    if !is_there(&["+nightly", "--version"]) {
        bail!("there is no nightly compiler: rustup toolchain install nightly");
    }
    if !is_there(&["fuzz", "--version"]) {
        bail!("there is no cargo-fuzz: cargo install cargo-fuzz --locked");
    }
    let known = properties()?;
    if let Some(unknown) = args.properties.iter().find(|name| !known.contains(name)) {
        bail!("there is no property `{unknown}`; there are: {}", known.join(", "));
    }
    let chosen = if args.properties.is_empty() { &known } else { &args.properties };
    let (mut all_hold, mut table) = (true, String::new());
    for name in chosen {
        let began = Instant::now();
        let (holds, told) = fuzz(name, args)?;
        all_hold &= holds;
        let how = if holds { "holds" } else { "BROKEN: see above, and target/fuzz/artifacts" };
        table += &format!("{name:14} {:6} s  {told:>12} runs  {how}\n", began.elapsed().as_secs());
        if args.keep && holds {
            keep(name)?;
        }
    }
    println!("\n{table}");
    Ok(all_hold)
}

/// Runs one property: whether it holds, and how many inputs were tried.
fn fuzz(name: &str, args: &Args) -> Result<(bool, String)> {
    let corpus = repo::target().join("fuzz/corpus").join(name);
    let artifacts = repo::target().join("fuzz/artifacts").join(name);
    for folder in [&corpus, &artifacts] {
        std::fs::create_dir_all(folder)?;
    }
    let log = repo::target().join("logs").join(format!("fuzz-{name}.txt"));
    let mut command = cargo_fuzz("run", name);
    command.arg(&corpus).arg(seeds(name)).arg("--");
    command.arg(format!("-max_total_time={}", args.seconds));
    command.arg(format!("-max_len={BYTES_MAX}")).arg(format!("-timeout={INPUT_SECONDS_MAX}"));
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.args(["-print_final_stats=1", "-rss_limit_mb=2048"]);
    let ended = process::quiet(&mut command, name, &log);
    let told = std::fs::read_to_string(&log)?;
    let runs = told.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    if let Err(error) = &ended {
        eprintln!("!! {name}: {error:#}");
    }
    Ok((ended.is_ok(), runs.map_or("?", str::trim).to_owned()))
}

/// Puts into the seeds what adds to what they reach.
fn keep(name: &str) -> Result<()> {
    let corpus = repo::target().join("fuzz/corpus").join(name);
    let mut command = cargo_fuzz("run", name);
    command.arg(seeds(name)).arg(corpus).args(["--", "-merge=1"]);
    let log = repo::target().join("logs").join(format!("fuzz-keep-{name}.txt"));
    process::quiet(&mut command, &format!("{name}: what is worth keeping"), &log)
}

fn cargo_fuzz(verb: &str, name: &str) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(repo::root()).args(["+nightly", "fuzz", verb]);
    command.arg("--target-dir").arg(repo::target().join("fuzz/build")).arg(name);
    command
}

fn seeds(name: &str) -> std::path::PathBuf {
    repo::root().join("fuzz/seeds").join(name)
}

/// The targets, by their files.
fn properties() -> Result<Vec<String>> {
    let folder = repo::root().join("fuzz/fuzz_targets");
    let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let stem = |path: &Path| path.file_stem().map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<String> = entries.filter_map(|entry| stem(&entry.ok()?.path())).collect();
    names.sort();
    Ok(names)
}

fn is_there(arguments: &[&str]) -> bool {
    let mut cargo = Command::new("cargo");
    cargo.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    cargo.status().is_ok_and(|status| status.success())
}
