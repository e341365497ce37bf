//! Owns the one .NET object stream that Web Deploy keeps options in: an object of class
//! `DeploymentProviderOptions` with two texts and two lists of texts ([MS-NRBF] §2).
//!
//! Does not own any other object: what is no such stream is refused, nothing is ever instantiated.

use super::{OptionsError, ProviderOptions};

/// Record types ([MS-NRBF] §2.1.2.1).
mod record {
    pub(super) const HEADER: u8 = 0;
    pub(super) const CLASS_WITH_MEMBERS_AND_TYPES: u8 = 5;
    pub(super) const STRING: u8 = 6;
    pub(super) const REFERENCE: u8 = 9;
    pub(super) const NULL: u8 = 10;
    pub(super) const END: u8 = 11;
    pub(super) const LIBRARY: u8 = 12;
    pub(super) const NULLS_256: u8 = 13;
    pub(super) const NULLS: u8 = 14;
    pub(super) const STRINGS: u8 = 17;
}

const LIBRARY: &str = "Microsoft.web.deployment, Version=7.1.0.0, Culture=neutral, \
    PublicKeyToken=31bf3856ad364e35";
const CLASS: &str = "Microsoft.Web.Deployment.DeploymentProviderOptions";
const MEMBERS: [&str; 4] = ["providerName", "path", "names", "values"];
/// String, String, StringArray, StringArray (§2.1.2.2).
const MEMBER_TYPES: [u8; 4] = [1, 1, 6, 6];
/// The header's rootId, headerId, majorVersion and minorVersion (§2.6.1).
const HEADER: [i32; 4] = [1, -1, 1, 0];

/// The numbers that objects have in what we write, and in what Web Deploy writes.
const ROOT_ID: i32 = 1;
const LIBRARY_ID: i32 = 2;
const NAME_ID: i32 = 3;
const PATH_ID: i32 = 4;
const NAMES_ID: i32 = 5;
const VALUES_ID: i32 = 6;
const FIRST_SETTING_ID: i32 = 7;

/// The most settings. `iisApp` knows about 20.
const SETTINGS_MAX: usize = 256;

/// Writes options as Web Deploy does, byte for byte.
pub fn encode(options: &ProviderOptions) -> Vec<u8> {
    let mut out = Vec::new();
    let int = |out: &mut Vec<u8>, number: i32| out.extend(number.to_le_bytes());
    out.push(record::HEADER);
    HEADER.into_iter().for_each(|number| int(&mut out, number));
    out.push(record::LIBRARY);
    int(&mut out, LIBRARY_ID);
    text(&mut out, LIBRARY);
    out.push(record::CLASS_WITH_MEMBERS_AND_TYPES);
    int(&mut out, ROOT_ID);
    text(&mut out, CLASS);
    int(&mut out, MEMBERS.len() as i32);
    MEMBERS.into_iter().for_each(|member| text(&mut out, member));
    out.extend(MEMBER_TYPES);
    int(&mut out, LIBRARY_ID);
    string(&mut out, NAME_ID, &options.provider);
    string(&mut out, PATH_ID, &options.path);
    for id in [NAMES_ID, VALUES_ID] {
        out.push(record::REFERENCE);
        int(&mut out, id);
    }
    let mut next = FIRST_SETTING_ID;
    for id in [NAMES_ID, VALUES_ID] {
        out.push(record::STRINGS);
        int(&mut out, id);
        int(&mut out, options.settings.len() as i32);
        for (name, value) in &options.settings {
            string(&mut out, next, if id == NAMES_ID { name } else { value });
            next += 1;
        }
    }
    out.push(record::END);
    out
}

fn string(out: &mut Vec<u8>, id: i32, value: &str) {
    out.push(record::STRING);
    out.extend(id.to_le_bytes());
    text(out, value);
}

/// A length in groups of seven bits, and UTF-8 (§2.1.1.6).
fn text(out: &mut Vec<u8>, value: &str) {
    let mut length = value.len();
    while length > 0x7f {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend(value.as_bytes());
}

/// Reads a stream. Texts that stand once and are referred to again are understood, and nulls for
/// empty ones; assemblies of other versions are, too.
///
/// # Errors
/// When it is no stream of provider options to its last byte.
pub fn decode(stream: &[u8]) -> Result<ProviderOptions, OptionsError> {
    let mut reader = Reader { stream, at: 0, strings: Vec::new() };
    reader.expect(record::HEADER, "a header")?;
    for number in HEADER {
        let at = reader.at;
        if reader.int()? != number {
            return Err(OptionsError::Stream { at, message: "an unknown header".to_owned() });
        }
    }
    reader.expect(record::LIBRARY, "a library")?;
    let library = reader.int()?;
    let name = reader.text()?;
    if !name.to_ascii_lowercase().starts_with("microsoft.web.deployment,") {
        return Err(reader.error("a library other than Microsoft.Web.Deployment"));
    }
    reader.expect(record::CLASS_WITH_MEMBERS_AND_TYPES, "a class")?;
    let _object = reader.int()?;
    if reader.text()? != CLASS || reader.int()? != MEMBERS.len() as i32 {
        return Err(reader.error("a class other than DeploymentProviderOptions"));
    }
    for member in MEMBERS {
        if reader.text()? != member {
            return Err(reader.error("members that this class has not"));
        }
    }
    if reader.take(MEMBER_TYPES.len())? != MEMBER_TYPES || reader.int()? != library {
        return Err(reader.error("members of other types"));
    }
    let provider = reader.string()?;
    let path = reader.string()?;
    let names_id = reader.list_reference()?;
    let values_id = reader.list_reference()?;
    let lists = reader.lists([names_id, values_id])?;
    reader.expect(record::END, "the end")?;
    if reader.at != stream.len() {
        return Err(reader.error("bytes behind the end"));
    }
    let [names, values] = lists;
    if names.len() != values.len() {
        return Err(reader.error("not as many values as names"));
    }
    Ok(ProviderOptions { provider, path, settings: names.into_iter().zip(values).collect() })
}

struct Reader<'a> {
    stream: &'a [u8],
    at: usize,
    /// Texts that were read, by their numbers.
    strings: Vec<(i32, String)>,
}

impl<'a> Reader<'a> {
    fn error(&self, message: &str) -> OptionsError {
        OptionsError::Stream { at: self.at, message: message.to_owned() }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], OptionsError> {
        let rest = &self.stream[self.at..];
        let taken = rest.get(..length).ok_or_else(|| self.error("it ends too early"))?;
        self.at += length;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, OptionsError> {
        Ok(self.take(1)?[0])
    }

    fn int(&mut self) -> Result<i32, OptionsError> {
        let bytes = self.take(4)?.try_into().expect("four were taken");
        Ok(i32::from_le_bytes(bytes))
    }

    fn expect(&mut self, kind: u8, name: &str) -> Result<(), OptionsError> {
        let at = self.at;
        let found = self.byte()?;
        if found == kind {
            return Ok(());
        }
        let message = format!("record {found} where {name} ({kind}) must stand");
        Err(OptionsError::Stream { at, message })
    }

    fn text(&mut self) -> Result<String, OptionsError> {
        let mut length = 0_usize;
        for group in 0..5 {
            let byte = self.byte()?;
            // Five groups hold 35 bits; a length has 31.
            length |= usize::from(byte & 0x7f) << (7 * group);
            if byte & 0x80 == 0 {
                let bytes = self.take(length)?;
                let text =
                    std::str::from_utf8(bytes).map_err(|_| self.error("a text not in UTF-8"))?;
                return Ok(text.to_owned());
            }
        }
        Err(self.error("a length of more than five bytes"))
    }

    /// A text, a reference to one that stood before, or null.
    fn string(&mut self) -> Result<String, OptionsError> {
        let at = self.at;
        match self.byte()? {
            record::STRING => {
                let id = self.int()?;
                let text = self.text()?;
                self.strings.push((id, text.clone()));
                Ok(text)
            }
            record::REFERENCE => {
                let id = self.int()?;
                let known = self.strings.iter().find(|(known, _)| *known == id);
                known.map(|(_, text)| text.clone()).ok_or_else(|| OptionsError::Stream {
                    at,
                    message: format!("a reference to {id}, which is no text"),
                })
            }
            record::NULL => Ok(String::new()),
            found => {
                let message = format!("record {found} where a text must stand");
                Err(OptionsError::Stream { at, message })
            }
        }
    }

    /// A reference to a list that stands further on, or null for none.
    fn list_reference(&mut self) -> Result<Option<i32>, OptionsError> {
        if self.stream.get(self.at) == Some(&record::NULL) {
            self.at += 1;
            return Ok(None);
        }
        self.expect(record::REFERENCE, "a reference")?;
        Ok(Some(self.int()?))
    }

    /// The two lists, in whichever order they stand.
    fn lists(&mut self, ids: [Option<i32>; 2]) -> Result<[Vec<String>; 2], OptionsError> {
        let mut lists = [None, None];
        for _ in 0..ids.iter().flatten().count() {
            self.expect(record::STRINGS, "a list of texts")?;
            let id = self.int()?;
            let open = |(at, wanted): (usize, &Option<i32>)| {
                (*wanted == Some(id) && lists[at].is_none()).then_some(at)
            };
            let slot = ids.iter().enumerate().find_map(open);
            let slot = slot.ok_or_else(|| self.error("a list that nobody refers to"))?;
            lists[slot] = Some(self.list()?);
        }
        Ok(lists.map(Option::unwrap_or_default))
    }

    fn list(&mut self) -> Result<Vec<String>, OptionsError> {
        let length = self.int()?;
        let length = usize::try_from(length).ok().filter(|length| *length <= SETTINGS_MAX);
        let length = length.ok_or_else(|| self.error("a list too long"))?;
        let mut items = Vec::new();
        while items.len() < length {
            let nulls = match self.stream.get(self.at) {
                Some(&record::NULLS_256) => {
                    self.at += 1;
                    usize::from(self.byte()?)
                }
                Some(&record::NULLS) => {
                    self.at += 1;
                    usize::try_from(self.int()?).unwrap_or(usize::MAX)
                }
                _ => {
                    items.push(self.string()?);
                    continue;
                }
            };
            if nulls == 0 || nulls > length - items.len() {
                return Err(self.error("more nulls than the list is long"));
            }
            items.resize(items.len() + nulls, String::new());
        }
        Ok(items)
    }
}
