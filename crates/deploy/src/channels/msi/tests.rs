//! Owns the proof that an MSI holds what it should; others open it in `tests/deploy` and `tests/windows`.

use std::io::Read;

use ::msi::Select;

use super::*;

fn made(folder: &Path, version: &str) -> Result<(std::path::PathBuf, Codes), Error> {
    let (package, program) = (folder.join("shop-1.0.zip"), folder.join("iisgate.exe"));
    std::fs::write(&package, b"PK not really").unwrap();
    std::fs::write(&program, vec![b'M'; 100_000]).unwrap();
    let site = Site {
        name: "Shop",
        version,
        manufacturer: "Example Org",
        package: &package,
        program: &program,
    };
    let out = folder.join("shop.msi");
    let codes = write(&site, &out)?;
    Ok((out, codes))
}

#[test]
fn the_database_and_its_cabinet_hold_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let (path, codes) = made(folder.path(), "1.2rc1").unwrap();
    let mut database = ::msi::open(&path).unwrap();
    let properties: Vec<(String, String)> = database
        .select_rows(Select::table("Property"))
        .unwrap()
        .map(|row| (row[0].as_str().unwrap().to_owned(), row[1].as_str().unwrap().to_owned()))
        .collect();
    let property = |name: &str| {
        let found = properties.iter().find(|(one, _)| one == name);
        found.map(|(_, value)| value.clone()).unwrap()
    };
    assert_eq!(property("ProductVersion"), "1.2.0");
    assert_eq!(property("ProductCode"), codes::braced(codes.product));
    assert_eq!(property("ALLUSERS"), "1");
    let mut bytes = Vec::new();
    database.read_stream(CABINET).unwrap().read_to_end(&mut bytes).unwrap();
    let mut cabinet = cab::Cabinet::new(io::Cursor::new(bytes)).unwrap();
    for (key, expected) in [("site_zip", 13), ("iisgate_exe", 100_000)] {
        let mut content = Vec::new();
        cabinet.read_file(key).unwrap().read_to_end(&mut content).unwrap();
        assert_eq!(content.len(), expected, "{key}");
    }
}

/// A table's rows: the texts of these columns.
fn rows(path: &Path, table: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let mut database = ::msi::open(path).unwrap();
    let shown = |value: &::msi::Value| match value {
        ::msi::Value::Str(text) => text.clone(),
        ::msi::Value::Int(number) => number.to_string(),
        _ => String::new(),
    };
    let rows = database.select_rows(Select::table(table)).unwrap();
    rows.map(|row| columns.iter().map(|name| shown(&row[*name])).collect()).collect()
}

#[test]
fn nothing_is_done_as_the_system_by_repairing_what_is_installed() {
    /// Deferred, and not as the user.
    const AS_THE_SYSTEM: i32 = 1024 + 2048;
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = made(folder.path(), "1.0").unwrap();
    let ours = rows(&path, "CustomAction", &["Action", "Type"]).into_iter();
    let mut guarded: Vec<String> = ours
        .filter(|row| row[1].parse::<i32>().unwrap() & AS_THE_SYSTEM == AS_THE_SYSTEM)
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(guarded, ["InstallSite", "InstallSiteInIis"]);
    guarded.push("WriteRegistryValues".to_owned());
    let conditions = rows(&path, "InstallExecuteSequence", &["Action", "Condition"]);
    for action in guarded {
        let row = conditions.iter().find(|row| row[0] == action).unwrap();
        assert!(row[1].starts_with("NOT Installed") && !row[1].contains(" OR "), "{row:?}");
    }
}

#[test]
fn the_next_version_looks_up_where_the_site_is_and_no_user_can_say_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, codes) = made(folder.path(), "1.0").unwrap();
    let (_, next) = made(folder.path(), "1.1").unwrap();
    assert_eq!(codes.upgrade, next.upgrade);
    let place = format!("Software\\iisgate\\Msi\\{}", codes.upgrade);
    for (property, former) in [("SITE", "FORMERSITE"), ("SITEDIR", "FORMERSITEDIR")] {
        let value = format!("[{property}]");
        let written = rows(&path, "Registry", &["Root", "Key", "Name", "Value"]);
        assert!(written.contains(&["2", &place, property, &value].map(str::to_owned).to_vec()));
        let found = rows(&path, "RegLocator", &["Signature_", "Root", "Key", "Name", "Type"]);
        assert!(found.contains(&[former, "2", &place, property, "18"].map(str::to_owned).to_vec()));
        let search = rows(&path, "AppSearch", &["Property", "Signature_"]);
        assert!(search.contains(&vec![former.to_owned(); 2]));
    }
    let heard = rows(&path, "Property", &["Property", "Value"]);
    let heard = &heard.iter().find(|row| row[0] == "SecureCustomProperties").unwrap()[1];
    assert!(!heard.contains("FORMER"), "{heard}");
    // What the user's half has looked up, the system's half would not look up again.
    let shown = rows(&path, "InstallUISequence", &["Action"]);
    assert!(!shown.contains(&vec!["AppSearch".to_owned()]), "{shown:?}");
}

#[test]
fn what_windows_installer_does_not_take_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let told = made(folder.path(), "1.300").unwrap_err().to_string();
    assert!(told.starts_with("version: 1.300: 300 is too great a number"), "{told}");
}
