//! Owns the codes of what the system refuses: addresses, folders, disks, memory.
//!
//! Does not own when they are told (`failure`, `rendezvous`, `supervisor`).

use super::{Code, Told, mend};

/// Taken.
pub static ADDRESS_TAKEN: Code = Code {
    id: "IG070",
    title: "The port or socket is taken",
    happened: "Another program listens at the address that was given with --listen.",
    why: "An earlier start still runs, or another site has the same port.",
    mend: &[
        mend("See who has it (on Linux: ss -ltnp)", "netstat -ano"),
        mend(
            "Or listen elsewhere; port 0 lets the system choose",
            "iisgate fcgi --listen tcp:127.0.0.1:0",
        ),
    ],
    told: Told::Console,
};

/// Not ours to have.
pub static ADDRESS_REFUSED: Code = Code {
    id: "IG071",
    title: "The address cannot be listened at",
    happened: "The system refuses to let us listen at the address that was given with --listen.",
    why: "The folder of the socket is not there or may not be written, the port needs more rights (below \
          1024 on Linux, reserved ranges on Windows), or the address is none of this machine.",
    mend: &[
        mend("Listen elsewhere", "iisgate fcgi --listen tcp:127.0.0.1:9000"),
        mend(
            "On Windows, see which ports are reserved",
            "netsh int ipv4 show excludedportrange tcp",
        ),
    ],
    told: Told::Console,
};

/// The private folder.
pub static MEETING_PLACE: Code = Code {
    id: "IG072",
    title: "The place where gates and workers meet cannot be made",
    happened: "Gates and workers of a user meet in a folder that is private to that user. It cannot be \
               made or used.",
    why: "The folder for temporary files may not be written, or somebody else has made a folder of that \
          name, which is not trusted.",
    mend: &[
        mend("Remove the folder that is named, if it is nobody's", "rm -r /tmp/iisgate-1000"),
        mend("Or let it lie elsewhere (on Windows: TEMP)", "export XDG_RUNTIME_DIR=/run/user/1000"),
    ],
    told: Told::Page,
};

/// No room.
pub static DISK_FULL: Code = Code {
    id: "IG073",
    title: "The disk is full",
    happened: "A file that is needed for the start cannot be written: there is no room left, or the \
               user's share of it is used up.",
    why: "Logs, temporary files and databases grow. IIS's own logs are below inetpub\\logs and are \
          never removed by themselves.",
    mend: &[
        mend("See what is full (on Linux: df -h)", "fsutil volume diskfree C:"),
        mend("Remove what is not needed, then ask again: no restart is necessary", "iisgate serve"),
    ],
    told: Told::Page,
};

/// The log.
pub static LOG_UNWRITABLE: Code = Code {
    id: "IG074",
    title: "The log cannot be written",
    happened: "The log file that is named, or the site's logs folder, cannot be written. The site is \
               served all the same: the next folder in the order is taken for the log.",
    why: "The IIS app pool's identity may not write there, or the folder's name is a file's.",
    mend: &[
        mend(
            "Let the app pool's identity write there",
            "icacls \"C:\\sites\\shop\\logs\" /grant \"IIS AppPool\\shop:(OI)(CI)M\"",
        ),
        mend("Or name another file; - is standard error", "iisgate fcgi --log FILE"),
    ],
    told: Told::Log,
};

/// Memory, descriptors, threads.
pub static SYSTEM_REFUSES: Code = Code {
    id: "IG075",
    title: "The system refuses what the start needs",
    happened: "The system has no memory, no thread, no handle or no process left for the gate or the \
               worker, or refuses them for another reason, which is told.",
    why: "Limits of the IIS app pool, of a container or of the user are reached, or the machine is short \
          of memory.",
    mend: &[
        mend("See what uses memory", "tasklist /v"),
        mend("On Linux, see the limits", "ulimit -a"),
    ],
    told: Told::Page,
};
