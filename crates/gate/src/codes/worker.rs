//! Owns the codes of workers that end or do not do what they should.
//!
//! Does not own when they are told (`diagnosis`, `pipe`, `listening`).

use super::{Code, Told, mend};

/// Exit status, signal or NTSTATUS.
pub static WORKER_ENDED: Code = Code {
    id: "IG060",
    title: "Python ended while it loaded the app",
    happened: "The worker's process ended before the app was loaded, without an exception that could be \
               told. Its exit status, signal or NTSTATUS is explained.",
    why: "A compiled module crashed, the app ended the process, the system killed it for want of memory, \
          or security software stopped it.",
    mend: &[
        mend(
            "See where it crashes: Python then tells its stack",
            "python -X faulthandler -c \"import app\"",
        ),
        mend("See the lines that it printed last, in the log", "iisgate serve --debug"),
    ],
    told: Told::Page,
};

/// `TAKE_TIMEOUT`.
pub static WORKER_SLOW: Code = Code {
    id: "IG061",
    title: "The worker did not take the connection in time",
    happened: "Python was started, but did not come as far as taking the web server's connection within \
               a minute. Loading the app is not part of that time.",
    why: "The machine is overloaded, or its disk or security software delays the start of programs.",
    mend: &[mend(
        "Measure how long Python takes to start",
        "python -X importtime -c \"import iisgate\"",
    )],
    told: Told::Page,
};

/// `Denied`.
pub static WORKER_DENIED: Code = Code {
    id: "IG062",
    title: "The worker may not fetch the socket from the gate",
    happened: "The worker runs as another user than the gate, or with fewer rights, and may not take its \
               socket over.",
    why: "Somebody started the worker under another identity, or security software forbids it.",
    mend: &[mend("Start both as the same user", "iisgate fcgi --listen tcp:127.0.0.1:9000")],
    told: Told::Page,
};

/// A request that was lost.
pub static WORKER_LOST: Code = Code {
    id: "IG080",
    title: "The worker ended while it answered",
    happened: "The app had started, but its process ended while it worked on this request. The next \
               request gets a new worker.",
    why: "A compiled module crashed, somebody ended the process, or the system was out of memory.",
    mend: &[mend(
        "Look for the worker's last lines in the log; faulthandler adds its stack",
        "python -X faulthandler -m iisgate worker",
    )],
    told: Told::Page,
};

/// A worker that served and ended.
pub static WORKER_GONE: Code = Code {
    id: "IG081",
    title: "The worker has ended and is started again",
    happened: "The app had started, then its process ended, again and again within seconds. Requests \
               are answered with this until the next one starts.",
    why: "The app ends its process, or something that it uses crashes soon after the start.",
    mend: &[mend("Look for the worker's last lines in the log", "iisgate serve --debug")],
    told: Told::Page,
};

/// A helper.
pub static HELPER_UNREADY: Code = Code {
    id: "IG090",
    title: "A helper of the site does not start",
    happened: "A process that the app needs beside it, defined below [tool.iisgate.helpers], cannot be \
               started, or does not become ready.",
    why: "Its command is not found, its ready check waits for something else than it does, or the port or \
          file that it wants is another process's. The app is not started without it.",
    mend: &[mend(
        "Start it by hand and see what it says; the log has it, too",
        "iisgate serve --debug",
    )],
    told: Told::Page,
};

/// Its service.
pub static HELPER_SERVICE: Code = Code {
    id: "IG092",
    title: "A helper that runs as a service is not ready",
    happened: "A helper with start = \"service\" does not answer: its service was not made, is stopped, or \
               runs and is not ready. The app is not started without it.",
    why: "With start = \"service\" the system runs the helper, and the gate starts and ends nothing. A \
          service whose account may not read the site, the interpreter's folder or its own data ends at \
          once; one that starts by itself comes some minutes after the machine.",
    mend: &[
        mend("See whether it is there and how it stands", "iisgate service status NAME"),
        mend("Make it, at a console with administrator's rights", "iisgate service add NAME"),
        mend("Start it", "iisgate service start NAME"),
    ],
    told: Told::Page,
};

/// Its lock.
pub static HELPER_IN_THE_WAY: Code = Code {
    id: "IG091",
    title: "A living process is in a helper's way",
    happened: "A lock or pid file that a helper wants belongs to a process that lives. It is named and \
               left alone.",
    why: "The helper was started by hand or as a service, or that of another site uses the same folder.",
    mend: &[
        mend(
            "End that process, if it is not meant to run (on Linux: kill PID)",
            "taskkill /PID PID",
        ),
        mend(
            "Or take the helper out of pyproject.toml, if it is a service",
            "iisgate serve --debug",
        ),
    ],
    told: Told::Page,
};
