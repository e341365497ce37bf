//! Owns the rules that no package breaks which is opened: what is found while it is read.
//!
//! Does not own finding it (`contents`, `names`, `manifest`, `parameters`).

use super::super::rule::{Rule, reading};

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    reading(["package-unreadable", "The file is no whole zip, or an entry cannot be unpacked",
        "A download that broke off, or another file under this name. Web Deploy would stop in the middle, with half of the site in place.",
        "Fetch or build the package again, and compare its SHA-1 with the one that was told."]),
    reading(["package-encrypted", "A file in the package is encrypted",
        "Web Deploy asks for no password of a zip.",
        "Build the package without encryption; keep secrets out of it altogether."]),
    reading(["package-link", "A symbolic link is in the package",
        "A link leads wherever it says: what is unpacked after it would be written there.",
        "Put the file itself into the package."]),
    reading(["package-name-escapes", "A name in the package leads out of its folder",
        "With `..`, a leading slash or a drive, unpacking would write anywhere on the server. Such a package is broken, or an attack.",
        "Do not install it. Ask whoever made it for another one."]),
    reading(["package-name-refused", "Windows cannot hold a name in the package",
        "Windows refuses names of devices (CON, NUL, COM1 …) with whatever extension, the characters < > : \" | ? *, and names that end with a dot or blank; what stands behind a colon is written into a hidden stream of another file.",
        "Rename the file in the project, or exclude it, and build again."]),
    reading(["package-name-collides", "Two names in the package are one on Windows",
        "Case does not count on Windows, so one file would overwrite the other; a name that is both a file and a folder stops Web Deploy with \"Child object 'filePath' cannot be added\".",
        "Rename one of them in the project and build again."]),
    reading(["package-too-large", "The package is larger than any package is",
        "More files, larger ones, or ones that unpack to hundreds of times their size: a few KB would fill the server's disk.",
        "Do not install it unless you know why it is so large; leave the files out and build again."]),
    reading(["package-without-manifest", "Neither Manifest.xml nor archive.xml is in the package",
        "One of them tells Web Deploy what to do. A zip of a folder, or one with a folder around everything, is no package.",
        "Build it with `iisgate package build`. If everything is in one folder of the zip, zip what is in that folder."]),
    reading(["package-xml", "Manifest.xml or Parameters.xml cannot be understood",
        "It is no well-formed XML, or a parameter has no name or one that is taken.",
        "Mend the line that is shown and zip again."]),
];
