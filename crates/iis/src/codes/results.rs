//! Owns the rows of Windows' results (HRESULT), as IIS shows them beside a status.
//!
//! Does not own how a process ended (`gate::explain_status`).

use super::{Row, row};

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("0x80070002", "ERROR_FILE_NOT_FOUND", "The file is not there: with 500.0 the program that fullPath names, with 404 a static file, with 500.19 the web.config of a folder that moved.", "Compare fullPath with the disk, quotes and blanks included; a path in a user's profile is not seen by the app pool's identity."),
    row("0x80070003", "ERROR_PATH_NOT_FOUND", "A folder of the path is not there, mostly the site's physicalPath or the drive of a network share.", "Correct physicalPath; name shares as \\\\server\\share, not by a drive letter."),
    row("0x80070005", "ERROR_ACCESS_DENIED", "The app pool's identity may not read or start something: the site, the virtual environment, or the base Python behind it in a user's profile.", "Grant read and execute: icacls DIR /grant \"IIS AppPool\\NAME:(OI)(CI)RX\". Install Python for all users."),
    row("0x80070006", "ERROR_INVALID_HANDLE", "A handle that is none was used. In an app (WinError 6) a library looked for a console: FastCGI processes of other gateways have no standard output.", "Run by iisgate, which gives Python valid streams; give subprocesses stdin=subprocess.DEVNULL."),
    row("0x8007000b", "ERROR_BAD_FORMAT", "A program or DLL is for another bitness, as a 32-bit module in a 64-bit process.", "Install Python and packages of one bitness; delete bitness preconditions of handlers."),
    row("0x8007000d", "ERROR_INVALID_DATA", "With 500.19: the file is no XML, has an unknown attribute, or a section whose module is not installed, such as rewrite, httpPlatform or aspNetCore.", "iisgate check tells the line. Install the module, or delete its section."),
    row("0x8007000e", "ERROR_OUTOFMEMORY", "There was no memory left for the process.", "Lower maxInstances or max-memory; use a 64-bit Python."),
    row("0x80070020", "ERROR_SHARING_VIOLATION", "Another process holds the file: a log that is opened twice, or a .pyd that is being replaced while loaded.", "Put app_offline.htm there before you deploy, and deploy to a new folder."),
    row("0x80070021", "ERROR_LOCK_VIOLATION", "With 500.19: a section in web.config that applicationHost.config keeps to itself, mostly handlers or modules.", "An administrator unlocks it: appcmd unlock config -section:system.webServer/handlers."),
    row("0x80070032", "ERROR_NOT_SUPPORTED", "A handler or a FastCGI application asks for what this IIS does not know, mostly a newer attribute.", "Delete the attribute, or update IIS."),
    row("0x80070035", "ERROR_BAD_NETPATH", "A network share was not found, or not by this user.", "Put the site on a local disk, or give the app pool an identity of the domain."),
    row("0x80070057", "ERROR_INVALID_PARAMETER", "A value of the configuration cannot be used, such as a path with a character that no path has.", "iisgate check tells values that are out of range."),
    row("0x8007006d", "ERROR_BROKEN_PIPE", "The Python process ended while it answered: the pipe to it broke.", "Look into the site's log (iisgate logs) for IG080 and what came before."),
    row("0x8007007b", "ERROR_INVALID_NAME", "A name has characters that no file has: quotes in fullPath, a colon or a < in a URL.", "Write fullPath without quotes. For URLs with such characters let the handler have resourceType=\"Unspecified\"."),
    row("0x8007007e", "ERROR_MOD_NOT_FOUND", "A DLL was not found: of a compiled Python package, or of a module of IIS.", "iisgate explain IG052; install the Visual C++ runtime that the package needs."),
    row("0x800700b7", "ERROR_ALREADY_EXISTS", "With 500.19: a collection has the key already, mostly a mimeMap or a handler that the server has, too.", "Put <remove …/> with the key before it; iisgate check --fix does."),
    row("0x800700c1", "ERROR_BAD_EXE_FORMAT", "fullPath is no executable of this machine: a script, or a program for another processor.", "Name iisgate.exe as fullPath, not a .bat, .ps1 or .py."),
    row("0x800700e8", "ERROR_NO_DATA", "The pipe is being closed: the process ended or let go of it.", "Look into the site's log (iisgate logs) for how it ended."),
    row("0x800700e9", "ERROR_PIPE_NOT_CONNECTED", "Nobody is at the other end of the pipe: the process ended before it took the request.", "Look into the site's log (iisgate logs); iisgate fcgi at a console shows why it does not start."),
    row("0x80070102", "WAIT_TIMEOUT", "The process said nothing for activityTimeout, or the request took longer than requestTimeout: IIS ended it.", "Raise activityTimeout and requestTimeout, and let [tool.iisgate] timeout be shorter: it answers 504 and logs the stack."),
    row("0x8007010b", "ERROR_DIRECTORY", "The name of a folder is none: the site's physicalPath, or the working directory of the process, is a file or is not there.", "Correct physicalPath in applicationHost.config."),
    row("0x80070241", "ERROR_INVALID_IMAGE_HASH", "Windows refused a program whose signature does not hold.", "Install Python and iisgate from where they come from, anew."),
    row("0x800703e3", "ERROR_OPERATION_ABORTED", "The visitor went away, or the worker process of IIS ended in the midst of the request.", "Mostly nothing: it is the visitor's doing. If it is many, look for recycling of the app pool."),
    row("0x8007045a", "ERROR_DLL_INIT_FAILED", "A DLL could not begin: often the desktop heap is used up by many processes without a session.", "Lower maxInstances; run by iisgate, which needs one Python for all instances."),
    row("0x80070490", "ERROR_NOT_FOUND", "Something that was named is not there, such as a certificate or a section.", "Look at what the page names beside it."),
    row("0x8007052e", "ERROR_LOGON_FAILURE", "User or password are wrong: of the app pool's identity, or of a virtual directory.", "Use ApplicationPoolIdentity, or set the password anew by appcmd."),
    row("0x80070542", "ERROR_BAD_IMPERSONATION_LEVEL", "The visitor's identity may not be used for that.", "Sign on by the app pool's identity: anonymousAuthentication userName=\"\"."),
    row("0x800705b4", "ERROR_TIMEOUT", "Something took too long: mostly the start of the process or of Python in it.", "See how long imports take: python -X importtime. Warm up: [tool.iisgate] warm-up."),
    row("0x800708ca", "ERROR_NOT_CONNECTED", "A network share is not connected for this user.", "Name shares as \\\\server\\share and give the app pool an identity that may read it."),
    row("0x80070718", "ERROR_NOT_ENOUGH_QUOTA", "The process has used up a quota, mostly of its job or of the system's pages.", "Lower maxInstances; raise the app pool's limits."),
    row("0x800710d8", "ERROR_OBJECT_NOT_FOUND", "A process that was to serve is gone.", "Look into the site's log (iisgate logs) for how it ended."),
    row("0x8007042b", "ERROR_PROCESS_ABORTED", "The process ended unexpectedly.", "Look into the site's log (iisgate logs) and the Event Log for the module that failed."),
    row("0x800703ea", "ERROR_INVALID_MESSAGE", "With 500.19: configuration that cannot be parsed.", "iisgate check tells line and column."),
    row("0x80090016", "NTE_BAD_KEYSET", "The key for encrypted settings is not there: the file was copied from another machine.", "Set passwords anew by appcmd on this machine."),
];
