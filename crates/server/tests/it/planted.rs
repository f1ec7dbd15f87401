//! Values that must never lie in the clear, and the search for them in every byte of a folder.

use aho_corasick::AhoCorasick;
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
};

/// Somebody invented, whose three values are told from everybody else's.
#[derive(Debug, Clone)]
pub struct Person {
    pub name: String,
    pub id: String,
    pub phone: String,
}

impl Person {
    pub fn nth(n: u32) -> Self {
        // Characters that no other name or text of the test has: six bytes of chance would be needed.
        let character = |n: u32| char::from_u32(n).expect("a Chinese character");
        Self {
            name: format!("仝{}{}", character(0x8C70 + n % 97), character(0x9B00 + n)),
            id: crate::imports::unique_id(3_000 + n),
            phone: format!("154{:08}", 70_310_000 + n * 7),
        }
    }

    pub fn values(&self) -> [&str; 3] {
        [&self.name, &self.id, &self.phone]
    }
}

/// A value found where it must not be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    pub file: PathBuf,
    pub value: String,
    pub form: &'static str,
}

/// Looks for many values at once, in each form that a program may give them.
pub struct Search {
    automaton: AhoCorasick,
    /// Value and form by pattern.
    meanings: Vec<(String, &'static str)>,
    pub files: u64,
    pub bytes: u64,
}

impl Search {
    pub fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut patterns: BTreeMap<Vec<u8>, (String, &'static str)> = BTreeMap::new();
        for value in values {
            for (form, bytes) in forms(value) {
                patterns.entry(bytes).or_insert_with(|| (value.to_owned(), form));
            }
        }
        let (patterns, meanings): (Vec<_>, Vec<_>) = patterns.into_iter().unzip();
        Self { automaton: AhoCorasick::new(patterns).unwrap(), meanings, files: 0, bytes: 0 }
    }

    /// Every value that lies in a file of the folder, or of those below it.
    pub fn through(&mut self, folder: &Path) -> BTreeSet<Hit> {
        let mut hits = BTreeSet::new();
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap() {
                kind if kind.is_dir() => hits.extend(self.through(&entry.path())),
                kind if kind.is_file() => self.file(&entry.path(), &mut hits),
                _ => {}
            }
            let name = entry.file_name();
            let named = self.automaton.find_iter(name.as_encoded_bytes());
            hits.extend(named.map(|found| self.hit(&entry.path(), found.pattern().as_usize())));
        }
        hits
    }

    fn file(&mut self, path: &Path, hits: &mut BTreeSet<Hit>) {
        // A server at work removes files while they are looked for.
        let Ok(file) = File::open(path) else { return };
        self.files += 1;
        self.bytes += file.metadata().unwrap().len();
        for found in self.automaton.stream_find_iter(file) {
            hits.insert(self.hit(path, found.unwrap().pattern().as_usize()));
        }
    }

    fn hit(&self, path: &Path, pattern: usize) -> Hit {
        let (value, form) = self.meanings[pattern].clone();
        Hit { file: path.to_owned(), value, form }
    }
}

/// The value as it could lie in a file. Base64 depends on where in a longer text the value begins.
pub fn forms(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16 = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (gb18030, _, lost) = encoding_rs::GB18030.encode(value);
    assert!(!lost);
    let mut forms = vec![("UTF-8", value.into()), ("UTF-16LE", utf16), ("GB18030", gb18030.into_owned())];
    for begun in 0..3 {
        let shifted = [&[0; 2][..begun], value.as_bytes()].concat();
        // Only the groups of three bytes that hold nothing but the value.
        let (first, last) = (begun.div_ceil(3) * 4, shifted.len() / 3 * 4);
        for engine in [&BASE64_STANDARD, &BASE64_URL_SAFE] {
            forms.push(("base64", engine.encode(&shifted).as_bytes()[first..last].to_vec()));
        }
    }
    forms
}

#[test]
fn a_value_in_any_form_in_any_file_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let person = Person::nth(1);
    let mut search = Search::of(person.values());
    assert_eq!(search.through(folder.path()), BTreeSet::new());
    fs::create_dir(folder.path().join("below")).unwrap();
    let mut planted = BTreeSet::new();
    for value in person.values() {
        for (place, (form, bytes)) in forms(value).into_iter().enumerate() {
            let path = folder.path().join("below").join(format!("{}-{place}", planted.len()));
            // Across the end of whatever is read at once.
            let before = vec![0xA5; (64 << 10) - 3];
            fs::write(&path, [&before, &bytes, &[0xA5; 9][..]].concat()).unwrap();
            planted.insert((path, value.to_owned(), form));
        }
        fs::write(folder.path().join(format!("{value}.txt")), "").unwrap();
    }
    let hits = search.through(folder.path());
    for (path, value, _) in planted {
        assert!(hits.iter().any(|hit| hit.file == path && hit.value == value), "{value} in {path:?}");
    }
    let named = |hit: &&Hit| hit.file.extension().is_some_and(|extension| extension == "txt");
    assert_eq!(hits.iter().filter(named).count(), 3);
}
