//! Owns the tests of a log with several writers, readers and files.
//!
//! Does not own those of its lines (`line`) and names (`rotation`).

use super::*;
use log::Level::Info;

const SMALL: Bounds = Bounds { file_bytes: 4096, kept_bytes: 3 * 4096 };

fn small(path: &Path) -> LogFile {
    LogFile::open_bounded(path, SMALL).expect("opened")
}

/// All that was logged and kept, the oldest first.
fn all(path: &Path) -> String {
    let files = full_logs(path).into_iter().chain([path.to_owned()]);
    files.map(|file| std::fs::read_to_string(file).expect("read")).collect()
}

#[test]
fn a_full_log_is_given_up_for_a_new_one_and_the_oldest_go() {
    #[cfg(unix)]
    let _no_fork = crate::FORKING.read();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("logs/site.log");
    let log = small(&path);
    let text = "x".repeat(1500);
    for number in 0..60 {
        log.line(Info, "r1", &format!("{number} {text}"));
    }
    let full = full_logs(&path);
    assert!((2..=3).contains(&full.len()), "{full:?}");
    let sizes = full.iter().chain([&path]).map(|file| file.metadata().expect("there").len());
    assert!(sizes.max().is_some_and(|most| most < 2 * SMALL.file_bytes));
    // What is kept has no gap, and ends with the last line.
    let told = all(&path);
    let number = |line: &str| line.split_whitespace().nth(4)?.parse::<u32>().ok();
    let numbers: Vec<u32> = told.lines().filter_map(number).collect();
    assert_eq!(numbers.last(), Some(&59));
    assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{numbers:?}");
}

#[test]
fn several_writers_lose_nothing() {
    #[cfg(unix)]
    let _no_fork = crate::FORKING.read();
    const WRITERS: u32 = 4;
    const LINES: u32 = 400;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("site.log");
    let wide = Bounds { file_bytes: 16 * 1024, kept_bytes: u64::MAX };
    // Windows appends in one step. Wine looks for the end and then writes there, so that of two who
    // do so at once one may be lost.
    let turns = std::sync::Mutex::new(());
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            // Each has a file of its own, as processes have.
            let log = LogFile::open_bounded(&path, wide).expect("opened");
            let turns = &turns;
            scope.spawn(move || {
                for number in 0..LINES {
                    let _turn = cfg!(windows).then(|| turns.lock());
                    log.line(Info, "-", &format!("w{writer}-{number} {}", "y".repeat(40)));
                }
            });
        }
    });
    assert!(full_logs(&path).len() > 1);
    let told = all(&path);
    for writer in 0..WRITERS {
        for number in 0..LINES {
            let mark = format!(" w{writer}-{number} ");
            assert_eq!(told.matches(&mark).count(), 1, "{mark}");
        }
    }
}

#[test]
fn a_reader_follows_into_the_new_file() {
    #[cfg(unix)]
    let _no_fork = crate::FORKING.read();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("site.log");
    let mut reader = LogReader::new(&path);
    assert_eq!(reader.read().expect("nothing yet"), b"");
    let log = LogFile::open_bounded(&path, Bounds { kept_bytes: u64::MAX, ..SMALL });
    let log = log.expect("opened");
    let mut seen = Vec::new();
    for number in 0..40 {
        log.line(Info, "-", &format!("{number} {}", "z".repeat(500)));
        seen.extend(reader.read().expect("read"));
    }
    assert!(full_logs(&path).len() > 1);
    assert_eq!(String::from_utf8(seen).expect("text"), all(&path));
}

#[test]
fn a_log_that_was_moved_away_is_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("site.log");
    let log = small(&path);
    log.line(Info, "-", "one");
    let before = log.identity();
    std::fs::rename(&path, folder.path().join("away")).expect("renamed");
    // So many bytes that it looks at once.
    let away = "a".repeat(SMALL.file_bytes as usize);
    log.line(Info, "-", &away);
    log.line(Info, "-", "two");
    assert!(std::fs::read_to_string(&path).expect("there again").ends_with(" two\n"));
    assert_ne!(log.identity(), before);
    log.move_to(&folder.path().join("other")).expect("moved");
    log.line(Info, "-", "three");
    assert!(std::fs::read_to_string(folder.path().join("other")).expect("read").contains("three"));
}

#[cfg(unix)]
#[test]
fn a_device_is_never_full() {
    let log = LogFile::open_bounded(Path::new("/dev/null"), SMALL).expect("opened");
    assert_eq!((log.path(), log.identity()), (None, None));
    log.line(Info, "-", &"x".repeat(10_000));
}
