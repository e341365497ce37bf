//! Owns the bounds on what is read of a package: each with its number and its reason.
//!
//! Does not own what happens beyond them: a [`PackageError`](super::PackageError) that tells the bound.

/// The most entries. Web Deploy reads no Zip64, and a zip without it counts in 16 bits.
pub const ENTRIES_MAX: usize = 65_535;

/// The largest file, in bytes: Web Deploy's own bound (`int.MaxValue`).
pub const ENTRY_BYTES_MAX: u64 = 2_147_483_647;

/// All files together, unpacked. A Plone site with vendored wheels and a seed takes less than 2 GiB.
pub const TOTAL_BYTES_MAX: u64 = 16 * 1024 * 1024 * 1024;

/// How far a file may be compressed. Deflate reaches 1032 with nothing but zeros; the text files of
/// real packages stay below 20, empty databases below 150.
pub const RATIO_MAX: u64 = 250;

/// Files up to this size are no bomb, however far they are compressed.
pub const RATIO_FREE_BYTES: u64 = 16 * 1024 * 1024;

/// The largest file that is read into memory as a whole: manifests, configuration, what parameters
/// are put into. A `configuration.php` or `web.config` has some KB.
pub const READ_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The largest manifest or list of parameters. The greatest that Visual Studio writes have 100 KB.
pub const XML_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// How deep the folder of an unpacked package is searched, and the most parts of a name: each folder
/// above a file is kept in mind. Those of real packages, `node_modules` and all, have some 20.
pub const FOLDER_DEPTH_MAX: usize = 64;

/// The most bytes of names, of files and of the folders above them, each once: some 500 for each of the
/// most entries. A Plone site with its wheels takes 2 MiB.
pub const NAMES_BYTES_MAX: usize = 32 * 1024 * 1024;

/// How many things that are wrong with names and sizes are told of one package: who mends so many
/// looks again.
pub const REFUSALS_MAX: usize = 100;

/// The longest part of a path on NTFS, in UTF-16 units.
pub const NAME_UNITS_MAX: usize = 255;

/// The longest path of an entry, in UTF-16 units: an unpacked site has its own folder before it, and
/// much on Windows ends at 260.
pub const PATH_UNITS_MAX: usize = 1024;

/// The most providers in a manifest. The richest of the gallery had 12.
pub const PROVIDERS_MAX: usize = 1000;

/// The most parameters of a package. The richest of the gallery had 20.
pub const PARAMETERS_MAX: usize = 1000;

/// The most steps of an XPath: each goes through all elements of a file. IIS's own schema is 9 deep.
pub const XPATH_STEPS_MAX: usize = 32;

/// The most predicates of an XPath, all steps together, for the same reason. Real ones have 1 or 2.
pub const XPATH_TESTS_MAX: usize = 32;

/// How many bytes may be read again while the values of one XPath are put into one file: each value
/// reads the file anew. That is a thousand values in the largest `web.config` that IIS takes (250 KB).
pub const REREAD_BYTES_MAX: usize = 256 * 1024 * 1024;

/// The longest value that a parameter may take when it is put together of others, in bytes.
pub const VALUE_BYTES_MAX: usize = 256 * 1024;
