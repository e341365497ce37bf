//! Owns rules about what is around a site: ports that others hold, disks that are full.
//!
//! Does not ask the system (`platform` does).

use super::super::Topic;
use super::super::rule::{Hit, Rule, error, warning};
use super::super::subject::Subject;

const BINDINGS: &str =
    "https://learn.microsoft.com/iis/configuration/system.applicationhost/sites/site/bindings/";
const LOGGING: &str = "https://learn.microsoft.com/iis/manage/provisioning-and-managing-iis/managing-iis-log-file-storage";

/// Too little for the next update, upload or log.
const LOW: u64 = 1 << 30;

/// Python writes caches, the app temporary files, IIS its logs: below this each may fail any moment.
const NONE: u64 = 100 << 20;

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(Topic::Ports, ["machine-port-taken", "Another program holds the site's port",
        "IIS listens through HTTP.sys, which several programs share; one that listens by itself keeps the port from it, and the site cannot be started (0x80070020).",
        "Stop that program, or give the site another binding: appcmd set site NAME /bindings:http/*:8080:", BINDINGS], taken),
    error(Topic::Disk, ["machine-disk-full", "The disk is full",
        "Uploads go to temporary files, and logs grow: what cannot be written is a 500, or silence.",
        "Make room.", LOGGING], full),
    warning(Topic::Disk, ["machine-disk-low", "There is little room on the disk",
        "Uploads go to temporary files, and IIS's logs in C:\\inetpub\\logs grow without end unless something removes the old ones.",
        "Make room; old logs of IIS are a good beginning.", LOGGING], low),
];

fn taken(subject: &Subject<'_>) -> Vec<Hit> {
    let held = subject.machine.ports.iter().filter(|port| !port.is_systems);
    let held = held.filter_map(|port| Some((port.number, port.holder.as_ref()?)));
    held.map(|(number, holder)| {
        Hit::about(subject.here(), format!("{holder} listens at port {number}"))
    })
    .collect()
}

fn mounts(subject: &Subject<'_>, is_so: impl Fn(u64) -> bool) -> Vec<Hit> {
    let found = subject.machine.mounts.iter().filter(|mount| is_so(mount.free));
    let hits = found.map(|mount| {
        let message = format!("{} MiB are free for {}", mount.free >> 20, mount.what);
        Hit::about(&mount.path, message)
    });
    hits.collect()
}

fn full(subject: &Subject<'_>) -> Vec<Hit> {
    mounts(subject, |free| free < NONE)
}

fn low(subject: &Subject<'_>) -> Vec<Hit> {
    mounts(subject, |free| (NONE..LOW).contains(&free))
}
