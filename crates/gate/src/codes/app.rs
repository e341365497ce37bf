//! Owns the codes of naming, importing and making the app.
//!
//! Does not own when they are told (`iisgate.loader`, `iisgate.telling`, in Python).

use super::{Code, Told, mend};

const BY_HAND: super::Mend = mend("See it at a console", "iisgate serve --debug");

/// Nothing named, nothing found.
pub static NO_TARGET: Code = Code {
    id: "IG040",
    title: "No app was found",
    happened: "No TARGET was given, and the site's folder has none of the files in which an app lies by \
               custom: manage.py, wsgi.py, app.py, application.py, main.py, production.ini and others.",
    why: "The app may lie in a folder below, or under a name of its own; or the site's folder is not the \
          one that was meant.",
    mend: &[
        mend("Name the app on the command line that IIS starts", "iisgate fcgi module:attr"),
        mend("Or in the site's pyproject.toml, below [tool.iisgate]", "target = \"module:attr\""),
    ],
    told: Told::Page,
};

/// Grammar.
pub static BAD_TARGET: Code = Code {
    id: "IG041",
    title: "This is no TARGET",
    happened: "What names the app is not written as one of the forms that a TARGET has.",
    why: "A TARGET is module:attr, module:factory(), file.py:attr, a dotted name as wfastcgi has it, or a \
          PasteDeploy file.ini[#section]. In web.config, quotes and blanks belong to the command line: \
          scriptProcessor=\"C:\\iisgate\\iisgate.exe|fcgi app:app\".",
    mend: &[mend("Write it in one of these forms", "iisgate fcgi app:app")],
    told: Told::Page,
};

/// `file.py:attr` or `file.ini`.
pub static FILE_MISSING: Code = Code {
    id: "IG042",
    title: "The file that the TARGET names is not there",
    happened: "The TARGET names a Python or PasteDeploy file that does not exist in the site's folder.",
    why: "Relative names are in the site's folder, whatever the folder is that the web server starts \
          in. On Linux the case of letters matters.",
    mend: &[mend("Correct the name, or name the module", "iisgate fcgi module:attr")],
    told: Told::Page,
};

/// `module:attr`.
pub static MODULE_MISSING: Code = Code {
    id: "IG043",
    title: "The module that the TARGET names is not there",
    happened: "Python finds no module of that name: neither in the site's folder nor in the packages of \
               the interpreter.",
    why: "The name is mistyped, the module lies in a folder below, or --site is another folder than the \
          one that was meant. Modules are looked for in the site's folder first.",
    mend: &[
        mend(
            "Correct the TARGET; a module in a folder has a dotted name",
            "iisgate fcgi folder.module:attr",
        ),
        mend("Or name its folder", "iisgate fcgi --site DIR module:attr"),
    ],
    told: Told::Page,
};

/// `module:attr`.
pub static ATTRIBUTE_MISSING: Code = Code {
    id: "IG044",
    title: "The module has no such attribute",
    happened: "The module was imported, but what the TARGET names in it is not there. Names that are \
               near it, and what could be called, are told.",
    why: "The app has another name: Django's wsgi.py calls it application, Flask's users app, and a \
          factory such as create_app wants its parentheses.",
    mend: &[mend("Name what is there", "iisgate fcgi module:application")],
    told: Told::Page,
};

/// A number, say.
pub static NO_APP: Code = Code {
    id: "IG045",
    title: "What the TARGET names is no app",
    happened: "The TARGET leads to something that cannot be called, such as a module or a number.",
    why: "A WSGI app is something that is called with environ and start_response. A factory gives one, \
          if it does not forget its return.",
    mend: &[mend(
        "Name the app, or the factory with its parentheses",
        "iisgate fcgi module:create_app()",
    )],
    told: Told::Page,
};

/// `lifespan.startup.failed`.
pub static ASGI_STARTUP: Code = Code {
    id: "IG046",
    title: "The ASGI app's startup failed",
    happened: "An asynchronous (ASGI) app, such as one of FastAPI, Starlette, Quart or Litestar, was loaded, \
               and then its startup (lifespan) failed: no request could be served.",
    why: "What the app does at its start raised: a database that does not answer, a setting that the web \
          server's environment lacks. Or IISGATE_EVENT_LOOP names an event loop that is not installed.",
    mend: &[
        mend("See it at a console", "iisgate serve --debug"),
        mend("Look at what the log says of the startup", "iisgate logs"),
    ],
    told: Told::Page,
};

/// Neither.
pub static OTHER_CALL: Code = Code {
    id: "IG047",
    title: "The app does not take the call that a WSGI app gets",
    happened: "What the TARGET names can be called, but not with the two arguments environ and \
               start_response; nor is it an ASGI app, which takes scope, receive and send.",
    why: "Most often it is the factory that makes the app, named without its parentheses. Rarely it is an \
          ASGI app that does not look like one, behind a decorator of its own.",
    mend: &[
        mend("Call the factory", "iisgate fcgi module:create_app()"),
        mend("Say that it is an ASGI app", "set IISGATE_INTERFACE=asgi"),
    ],
    told: Told::Page,
};

/// Beyond the app's own module.
pub static IMPORT_MISSING: Code = Code {
    id: "IG050",
    title: "The app imports a module that is not there",
    happened: "A module that the app imports is not found. The place is the app's own line that asks \
               for it.",
    why: "Its package is not installed for the Python that runs the app, which may be another one than \
          that of your console; or it lies in a folder that PYTHONPATH names at home alone.",
    mend: &[
        mend(
            "Install it with the Python that the page names",
            "python -m pip install -r requirements.txt",
        ),
        mend("Or name the Python that has it", "iisgate fcgi --python PATH"),
    ],
    told: Told::Page,
};

/// Grammar.
pub static SYNTAX: Code = Code {
    id: "IG051",
    title: "The app's source is not valid Python",
    happened: "Python cannot read a file of the app. File, line and column are told, with the line.",
    why: "The file was saved half written, has the marks of a merge, or uses what only a newer Python \
          understands.",
    mend: &[mend(
        "Correct the line that is told; this checks a file",
        "python -m py_compile app.py",
    )],
    told: Told::Page,
};

/// `DLL load failed`.
pub static LIBRARY_MISSING: Code = Code {
    id: "IG052",
    title: "A shared library (DLL) is missing",
    happened: "A compiled module, or Python itself, needs a library that the system does not find. It is \
               named where the system tells it.",
    why: "Instances have a short PATH: a DLL that is found at your console through PATH is not found \
          there. conda's packages need the folders that \"conda activate\" adds; many others need \
          Microsoft's Visual C++ runtime.",
    mend: &[
        mend("Install the Visual C++ runtime", "winget install Microsoft.VCRedist.2015+.x64"),
        mend("Try the import by hand", "python -c \"import MODULE\""),
        mend(
            "Add the DLL's folder before the import, in the app",
            "os.add_dll_directory(r\"C:\\folder\")",
        ),
    ],
    told: Told::Page,
};

/// `cannot import name`.
pub static IMPORT_ERROR: Code = Code {
    id: "IG053",
    title: "An import of the app fails",
    happened: "A module is there, but importing it, or a name from it, fails.",
    why: "Versions of packages do not fit each other, two modules import each other, or a file of the app \
          has the name of a package and hides it.",
    mend: &[
        mend(
            "Install the versions that the app was tested with",
            "python -m pip install -r requirements.txt",
        ),
        mend("Look for packages that do not fit", "python -m pip check"),
    ],
    told: Told::Page,
};

/// Anything else.
pub static APP_RAISED: Code = Code {
    id: "IG054",
    title: "The app raised an exception while it was loaded",
    happened: "The app's own code, run by the import, raised an exception. The place is its line.",
    why: "What works at a console may be missing under the web server: environment variables, the current \
          folder, network drives, a database that admits another user only.",
    mend: &[BY_HAND],
    told: Told::Page,
};

/// `create_app()`.
pub static FACTORY_RAISED: Code = Code {
    id: "IG055",
    title: "The app's factory raised an exception",
    happened: "The function that makes the app was called and raised an exception. The place is its \
               line.",
    why: "It may want arguments, or settings that only your console has: environment variables, the \
          current folder, a database.",
    mend: &[BY_HAND],
    told: Told::Page,
};

/// `sys.exit()`.
pub static APP_EXITS: Code = Code {
    id: "IG056",
    title: "The app ended Python while it was loaded",
    happened: "The app called sys.exit, or something like it, instead of giving an app.",
    why: "A module that is a program, with a main part, was named as the app; or the app gives up because \
          a setting is missing.",
    mend: &[mend(
        "Put the program's part behind: if __name__ == \"__main__\"",
        "iisgate serve --debug",
    )],
    told: Told::Page,
};

/// Not ours, but as [`super::OTHER_BITNESS`].
pub static LIBRARY_FOR_ANOTHER: Code = Code {
    id: "IG057",
    title: "A compiled module does not fit this Python",
    happened: "A compiled module of a package was built for another version of Python, another kind of \
               processor, or 32 instead of 64 bits.",
    why: "Packages were copied from another machine or another environment instead of being installed; \
          PYTHONPATH leads into another Python's packages.",
    mend: &[mend(
        "Install the package anew with this Python",
        "python -m pip install --force-reinstall --no-cache-dir PACKAGE",
    )],
    told: Told::Page,
};

/// `PermissionError`.
pub static APP_DENIED: Code = Code {
    id: "IG058",
    title: "The app may not use a file that it needs",
    happened: "Loading the app failed because the web server's user may not read, or write, a file or \
               folder. It is named.",
    why: "Instances run as the IIS app pool's identity, not as you. It may read the site, but write \
          nowhere, and enter no user's profile.",
    mend: &[mend(
        "Let the app pool's identity use it (M instead of RX lets it write)",
        "icacls \"C:\\sites\\shop\\data\" /grant \"IIS AppPool\\shop:(OI)(CI)RX\"",
    )],
    told: Told::Page,
};
