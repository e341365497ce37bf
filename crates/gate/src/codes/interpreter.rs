//! Owns the codes of finding and starting Python, and of our package in it.
//!
//! Does not own when they are told (`interpreter`, `diagnosis`).

use super::{Code, Told, mend};

/// Nothing that looks like Python.
pub static NO_PYTHON: Code = Code {
    id: "IG020",
    title: "No Python was found",
    happened: "No interpreter was named, and there is none in the customary places: .venv, venv and env \
               in the site's folder, VIRTUAL_ENV, the folder of iisgate itself, PATH.",
    why: "IIS starts instances with a short PATH, and a Python that was installed for one user alone \
          is not in the app pool's PATH.",
    mend: &[
        mend("Make a virtual environment in the site's folder", "python -m venv .venv"),
        mend("Or name an interpreter", "iisgate fcgi --python PATH"),
    ],
    told: Told::Page,
};

/// A named interpreter is not there.
pub static PYTHON_NOT_THERE: Code = Code {
    id: "IG021",
    title: "The named Python is not there",
    happened: "--python, IISGATE_PYTHON or [tool.iisgate] python names a file or virtual environment \
               that does not exist.",
    why: "A site that was copied from another machine often still names that machine's Python. A name \
          that leads nowhere is an error: to take another Python in silence would only say that \
          packages are missing.",
    mend: &[mend(
        "Correct the name, or take it away so that the site's .venv is found",
        "python -m venv .venv",
    )],
    told: Told::Page,
};

/// `pyvenv.cfg` leads nowhere.
pub static VENV_MOVED: Code = Code {
    id: "IG022",
    title: "The Python behind the virtual environment is gone",
    happened: "A virtual environment holds no Python of its own: its pyvenv.cfg, or the link bin/python, \
               leads to one that is not there any more.",
    why: "The Python that it was made with was updated to another version, removed, or the environment \
          was copied from another machine.",
    mend: &[
        mend(
            "Make it whole with a Python of the version that it had",
            "python -m venv --upgrade .venv",
        ),
        mend("Or make it anew and install the packages again", "python -m venv --clear .venv"),
    ],
    told: Told::Page,
};

/// Not for us.
pub static PYTHON_DENIED: Code = Code {
    id: "IG023",
    title: "Python may not be read or started by the web server's user",
    happened: "The interpreter, or the Python behind the virtual environment, is there, but the user that \
               the gate runs as may not read or execute it.",
    why: "Python's installer for one user puts Python below that user's profile, where the IIS app \
          pool's identity may not enter; a virtual environment made with it needs it, wherever the \
          environment itself lies. The same is true of uv's and pyenv's interpreters.",
    mend: &[
        mend(
            "Let the app pool's identity read and run the base Python",
            "icacls \"C:\\Python313\" /grant \"IIS AppPool\\shop:(OI)(CI)RX\"",
        ),
        mend(
            "Or install Python for all users, and make the environment anew",
            "python -m venv --clear .venv",
        ),
    ],
    told: Told::Page,
};

/// Some other file.
pub static PYTHON_IS_NO_PROGRAM: Code = Code {
    id: "IG024",
    title: "What was named as Python cannot be started",
    happened: "The file is there and may be read, but the system does not start it: it is no program of \
               this system.",
    why: "The path leads to a script, to a program for another processor, or to the empty place-holder \
          that Windows' app store puts into PATH.",
    mend: &[mend("Name an interpreter", "iisgate fcgi --python PATH")],
    told: Told::Page,
};

/// Older than what we need.
pub static PYTHON_TOO_OLD: Code = Code {
    id: "IG025",
    title: "This Python is too old",
    happened: "The interpreter that was found is older than Python 3.10, which iisgate needs.",
    why: "The site may have been served by wfastcgi, which ran on Python 2.7 to 3.6; or PATH holds an old \
          Python before the one that was meant.",
    mend: &[
        mend(
            "Make the virtual environment anew with a newer Python",
            "py -3.13 -m venv --clear .venv",
        ),
        mend("Or name another interpreter", "iisgate fcgi --python PATH"),
    ],
    told: Told::Page,
};

/// 32 and 64 bits.
pub static OTHER_BITNESS: Code = Code {
    id: "IG026",
    title: "32-bit and 64-bit do not fit together",
    happened: "Python and the compiled half of iisgate were built for different kinds of processor, so \
               that the one cannot load the other.",
    why: "A 32-bit Python cannot load a 64-bit library. The setting \"Enable 32-bit applications\" of an \
          IIS app pool does not matter: the gate is a process of its own.",
    mend: &[
        mend(
            "Install iisgate with the very Python that runs it",
            "python -m pip install --force-reinstall --no-cache-dir iisgate",
        ),
        mend("Or make the environment with a 64-bit Python", "py -3.13 -m venv --clear .venv"),
    ],
    told: Told::Page,
};

/// No standard library.
pub static PYTHON_BROKEN: Code = Code {
    id: "IG027",
    title: "Python does not find its own library",
    happened: "The interpreter starts, but ends before it can run anything, because its standard library \
               is not where it expects it, or may not be read.",
    why: "PYTHONHOME of another Python is set, the Python was moved, or its Lib folder may not be read by \
          the IIS app pool's identity.",
    mend: &[
        mend("Look what it says by itself", "python -c \"import encodings\""),
        mend(
            "Let the app pool's identity read it",
            "icacls \"C:\\Python313\" /grant \"IIS AppPool\\shop:(OI)(CI)RX\"",
        ),
    ],
    told: Told::Page,
};

/// Our package is not there.
pub static NOT_INSTALLED: Code = Code {
    id: "IG030",
    title: "Package iisgate is not installed for this Python",
    happened: "The interpreter that was found has no package iisgate, which is the worker's half of us.",
    why: "iisgate is installed into each virtual environment, beside the app's own packages. Often \
          another Python was found than the one that was meant: the page names it.",
    mend: &[
        mend("Install it with the very Python that is named", "python -m pip install iisgate"),
        mend("Or name the Python that has it", "iisgate fcgi --python PATH"),
    ],
    told: Told::Page,
};

/// Our module is for another version.
pub static BUILT_FOR_ANOTHER: Code = Code {
    id: "IG031",
    title: "Package iisgate was built for another version of Python",
    happened: "The package is there, but its compiled half fits another version of Python than the one \
               that was started.",
    why: "A compiled module is built for one version of Python. An environment that was upgraded in \
          place, or a PYTHONPATH that leads into another one, brings the two together.",
    mend: &[mend(
        "Install it anew",
        "python -m pip install --force-reinstall --no-cache-dir iisgate",
    )],
    told: Told::Page,
};
