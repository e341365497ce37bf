//! Owns the tests of provider options: real ones, and any.

use crate::support::fixtures;
use base64::Engine as _;
use deploy::package::options::{
    OptionsError, ProviderOptions, STREAM_BYTES_MAX, decode, decode_stream, encode_stream, unpack,
};
use proptest::prelude::*;
use std::io::Write as _;

fn real() -> Vec<(String, String)> {
    let folder = std::fs::read_dir(fixtures().join("options")).expect("they are there");
    let files = folder.map(|item| item.expect("it is readable").path());
    let mut values: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "b64"))
        .map(|path| {
            let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("it is text"))
        })
        .collect();
    values.sort();
    values
}

#[test]
fn real_options_are_read_and_written_byte_for_byte() {
    let expected = [
        ("iisApp", vec![]),
        ("runCommand", vec![("successReturnCodes", "0x0")]),
        (
            "setAcl",
            vec![
                ("setAclUser", "anonymousAuthenticationUser"),
                ("setAclResourceType", "Directory"),
            ],
        ),
    ];
    let real = real();
    assert_eq!(real.len(), expected.len());
    for ((name, value), (provider, settings)) in real.iter().zip(expected) {
        let options = ProviderOptions::of_value(value).expect("it is real");
        assert_eq!((name.as_str(), options.provider.as_str()), (provider, provider));
        let found: Vec<(&str, &str)> =
            options.settings.iter().map(|(name, value)| (&**name, &**value)).collect();
        let mut sorted = settings.clone();
        sorted.sort_unstable();
        let mut found_sorted = found.clone();
        found_sorted.sort_unstable();
        assert_eq!(found_sorted, sorted, "{name}");
        let gzip = base64::engine::general_purpose::STANDARD.decode(value.trim());
        let stream = unpack(&gzip.expect("it is base64")).expect("it is gzip");
        assert_eq!(encode_stream(&options), stream, "{name}");
        let again = ProviderOptions::of_value(&options.to_value());
        assert_eq!(again.as_ref(), Ok(&options), "{name}");
    }
}

#[test]
fn bombs_and_other_streams_are_refused() {
    let gzip = |bytes: &[u8]| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(bytes).expect("memory can be written");
        out.finish().expect("memory can be written")
    };
    let bomb = gzip(&vec![0; 64 * STREAM_BYTES_MAX]);
    assert!(bomb.len() < STREAM_BYTES_MAX);
    assert_eq!(decode(&bomb), Err(OptionsError::TooLarge(STREAM_BYTES_MAX)));
    assert!(matches!(decode(b"PK"), Err(OptionsError::Gzip(_))));
    assert!(matches!(decode(&gzip(b"")), Err(OptionsError::Stream { at: 0, .. })));
    assert!(matches!(ProviderOptions::of_value("%%%"), Err(OptionsError::Base64(_))));
    let mut options = ProviderOptions::new("runCommand", "x");
    options.settings = vec![("n".into(), "v".into()); 257];
    assert!(decode_stream(&encode_stream(&options)).is_err(), "too many settings");
    let mut stream = encode_stream(&ProviderOptions::new("iisApp", "x"));
    stream.push(0);
    assert!(matches!(decode_stream(&stream), Err(OptionsError::Stream { .. })), "bytes behind");
}

#[test]
fn texts_that_stand_once_may_be_referred_to_and_empty_ones_be_null() {
    let mut options = ProviderOptions::new("runCommand", "x");
    options.settings = vec![("a".into(), "runCommand".into()), ("b".into(), String::new())];
    let stream = encode_stream(&options);
    // The values: text 9 and 10. A reference to text 3 and a null say the same in less.
    let tail = |id: u8, text: &[u8]| {
        let mut bytes = vec![6, id, 0, 0, 0, text.len() as u8];
        bytes.extend(text);
        bytes
    };
    let long = [tail(9, b"runCommand"), tail(10, b""), vec![11]].concat();
    let short = [9, 3, 0, 0, 0, 10, 11];
    let start = stream.strip_suffix(&long[..]).expect("it ends so");
    assert_eq!(decode_stream(&[start, &short].concat()), Ok(options.clone()));
    // So does a record of several nulls.
    options.settings[0].1 = String::new();
    assert_eq!(decode_stream(&[start, &[13, 2, 11]].concat()), Ok(options.clone()));
    assert_eq!(decode_stream(&[start, &[14, 2, 0, 0, 0, 11]].concat()), Ok(options));
    assert!(decode_stream(&[start, &[13, 3, 11]].concat()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_written_is_read(
        provider in ".*",
        path in any::<String>(),
        settings in prop::collection::vec((any::<String>(), ".{0,300}"), 0..8),
    ) {
        let options = ProviderOptions { provider, path, settings };
        prop_assert_eq!(decode_stream(&encode_stream(&options)), Ok(options.clone()));
        prop_assert_eq!(ProviderOptions::of_value(&options.to_value()), Ok(options));
    }

    #[test]
    fn no_bytes_are_too_much(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        at in 0_usize..400,
        value in any::<u8>(),
    ) {
        let _ = decode(&bytes);
        let _ = decode_stream(&bytes);
        let mut options = ProviderOptions::new("runCommand", "some command");
        options.settings.push(("waitInterval".into(), "1000".into()));
        let mut stream = encode_stream(&options);
        let at = at % stream.len();
        stream[at] = value;
        // What is still read has no more in it than was there.
        if let Ok(read) = decode_stream(&stream) {
            prop_assert!(read.settings.len() <= 2);
        }
        prop_assert!(decode_stream(&stream[..at]).is_err());
    }
}
