//! Owns the codes of a site's folder and files, and the one for what has no code of its own.
//!
//! Does not own when they are told (`plan`).

use super::{Code, Told, mend};

/// Nothing better is known.
pub static UNKNOWN: Code = Code {
    id: "IG001",
    title: "The app does not start",
    happened: "Python, or the way to it, failed in a manner that has no code of its own. The log has \
               what is known.",
    why: "Every failure that we know has a code. This one was not foreseen.",
    mend: &[
        mend("See it in full at a console", "iisgate serve --debug"),
        mend("Tell us, with the lines of the log that hold this code", "iisgate --version"),
    ],
    told: Told::Page,
};

/// The site's folder cannot be used.
pub static SITE_FOLDER: Code = Code {
    id: "IG010",
    title: "The site's folder is not there, or may not be entered",
    happened: "The gate was told a folder that does not exist or that its user may not enter, so it \
               knows neither app nor configuration.",
    why: "IIS tells the folder with each request (APPL_PHYSICAL_PATH), or it was named by --site. \
          Instances run as the IIS app pool's identity, which has no right to folders below a user's \
          profile.",
    mend: &[
        mend("Name the folder that is meant", "iisgate fcgi --site DIR"),
        mend(
            "Let the app pool's identity read it",
            "icacls \"C:\\sites\\shop\" /grant \"IIS AppPool\\shop:(OI)(CI)RX\"",
        ),
    ],
    told: Told::Page,
};

/// `web.config` or `pyproject.toml`.
pub static CONFIGURATION: Code = Code {
    id: "IG011",
    title: "The site's configuration cannot be read",
    happened: "The file web.config or pyproject.toml is not well formed, says something that cannot be, or may \
               not be read. The place is told with line and column.",
    why: "The gate reads both files before it starts Python: the app's settings and the interpreter may \
          stand there. IIS answers 500.19 for a web.config that it cannot read, but it does not read \
          pyproject.toml: static files may be served while the app does not start.",
    mend: &[
        mend("Correct the file at the place that is told", "iisgate serve DIR"),
        mend(
            "If the web server's user may not read it, let it",
            "icacls web.config /grant \"IIS AppPool\\shop:R\"",
        ),
    ],
    told: Told::Page,
};

/// `[tool.iisgate] working-directory`.
pub static WORKING_DIRECTORY: Code = Code {
    id: "IG012",
    title: "The folder that the app works in is not there",
    happened: "The working directory that [tool.iisgate] names does not exist or may not be entered.",
    why: "The worker enters that folder before it loads the app. Without the setting it works in a \
          neutral folder, or in the site's folder where the site comes from wfastcgi.",
    mend: &[mend("Make the folder, or correct working-directory in pyproject.toml", "mkdir DIR")],
    told: Told::Page,
};
