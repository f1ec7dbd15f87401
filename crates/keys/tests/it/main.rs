//! What the rest of the system relies on in its keys.

use keys::{Aad, KeyFileError, KeyRing, OpenError};
use proptest::prelude::*;
use std::os::unix::fs::PermissionsExt;

const HERE: Aad<'static> = Aad { table: "certificate", id: [7; 16], version: 3 };

fn ring() -> KeyRing {
    KeyRing::in_memory([9; 32])
}

#[test]
fn what_was_sealed_for_one_place_opens_only_there() {
    let ring = ring();
    let sealed = ring.seal(HERE, b"secret");
    assert_eq!(ring.open(HERE, &sealed).unwrap(), b"secret");
    for elsewhere in
        [Aad { table: "holder", ..HERE }, Aad { id: [8; 16], ..HERE }, Aad { version: 4, ..HERE }]
    {
        assert_eq!(ring.open(elsewhere, &sealed), Err(OpenError::Damaged), "{elsewhere:?}");
    }
}

#[test]
fn the_same_text_is_never_sealed_alike() {
    let ring = ring();
    assert_ne!(ring.seal(HERE, b"secret"), ring.seal(HERE, b"secret"));
}

#[test]
fn rotation_keeps_what_older_keys_sealed_readable() {
    let ring = ring();
    let other = ring.clone();
    let old = ring.seal(HERE, b"old");
    assert_eq!(ring.rotate().unwrap(), 2);
    let new = other.seal(HERE, b"new");
    assert_eq!((other.is_current(&old), other.is_current(&new)), (false, true));
    assert_eq!(other.open(HERE, &old).unwrap(), b"old");
    assert_eq!(KeyRing::in_memory([9; 32]).open(HERE, &new), Err(OpenError::UnknownKey));
}

#[test]
fn a_rotation_by_another_process_is_taken_in() {
    let dir = tempfile::tempdir().unwrap();
    let master = dir.path().join("master");
    let serving = KeyRing::open_or_create(dir.path(), &master).unwrap();
    let tool = KeyRing::open_existing(dir.path(), &master).unwrap();
    assert!(!serving.refresh().unwrap());

    tool.rotate().unwrap();
    let sealed = tool.seal(HERE, b"under the new key");
    assert_eq!(serving.open(HERE, &sealed).unwrap(), b"under the new key", "at the first need");
    assert!(serving.is_current(&serving.seal(HERE, b"")) && serving.is_current(&sealed));

    tool.rotate().unwrap();
    assert!(serving.refresh().unwrap(), "or when told to look");
    assert_eq!(serving.current_key_id(), 3);
}

#[test]
fn keyed_values_depend_on_key_and_column() {
    let ring = ring();
    let number = "11010519491231002X";
    assert_eq!(ring.blind("number", number), ring.clone().blind("number", number));
    assert_ne!(ring.blind("number", number), ring.blind("identity", number));
    assert_ne!(ring.blind("number", number), KeyRing::in_memory([1; 32]).blind("number", number));
    assert_ne!(ring.token("name", "a"), ring.token("name", "b"));
}

/// Or whoever holds both could join the tables with the search index.
#[test]
fn a_column_and_a_search_field_of_one_name_have_nothing_in_common() {
    let ring = ring();
    let column = ring.blind("number", "11010519491231002X");
    assert_ne!(column[..8], ring.token("number", "11010519491231002X").to_be_bytes());
}

/// A key that another process added must not be lost, for what it sealed would be lost with it.
#[test]
fn rotations_by_two_processes_keep_the_keys_of_both() {
    let dir = tempfile::tempdir().unwrap();
    let master = dir.path().join("master");
    let one = KeyRing::open_or_create(dir.path(), &master).unwrap();
    let two = KeyRing::open_or_create(dir.path(), &master).unwrap();
    assert_eq!((one.rotate().unwrap(), two.rotate().unwrap()), (2, 3));
    let (by_one, by_two) = (one.seal(HERE, b"one"), two.seal(HERE, b"two"));
    let again = KeyRing::open_existing(dir.path(), &master).unwrap();
    assert_eq!(again.open(HERE, &by_one).unwrap(), b"one");
    assert_eq!(again.open(HERE, &by_two).unwrap(), b"two");
}

#[test]
fn a_secret_file_is_narrowed_even_where_a_crash_left_a_wide_one() {
    let dir = tempfile::tempdir().unwrap();
    let left = dir.path().join("secret.new");
    std::fs::write(&left, "left behind").unwrap();
    std::fs::set_permissions(&left, std::fs::Permissions::from_mode(0o644)).unwrap();
    let file = dir.path().join("secret");
    keys::write_secret(&file, b"value").unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), b"value");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_signature_convinces_only_for_its_message_and_key() {
    let ring = ring();
    let signature = ring.signer().sign(b"head");
    let public = ring.signer().public_key();
    assert!(public.verifies(b"head", &signature));
    assert!(!public.verifies(b"tail", &signature));
    assert!(!KeyRing::in_memory([1; 32]).signer().public_key().verifies(b"head", &signature));
}

#[test]
fn the_ring_on_disk_survives_rotation_and_only_its_owner_reads_it() {
    let dir = tempfile::tempdir().unwrap();
    let master = dir.path().join("elsewhere/master");
    let ring = KeyRing::open_or_create(dir.path(), &master).unwrap();
    let sealed = ring.seal(HERE, b"before");
    ring.rotate().unwrap();
    let again = KeyRing::open_or_create(dir.path(), &master).unwrap();
    assert_eq!(again.current_key_id(), 2);
    assert_eq!(again.open(HERE, &sealed).unwrap(), b"before");
    for file in [dir.path().join("keyring"), master.clone()] {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    std::fs::set_permissions(&master, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(KeyRing::open_existing(dir.path(), &master), Err(KeyFileError::Exposed(_))));
}

#[test]
fn a_damaged_or_foreign_ring_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let master = dir.path().join("master");
    KeyRing::open_or_create(dir.path(), &master).unwrap();
    let file = dir.path().join("keyring");
    let good = std::fs::read_to_string(&file).unwrap();
    let middle = good.len() / 2;
    let other = if &good[middle..=middle] == "A" { "B" } else { "A" };
    std::fs::write(&file, format!("{}{other}{}", &good[..middle], &good[middle + 1..])).unwrap();
    assert!(matches!(KeyRing::open_existing(dir.path(), &master), Err(KeyFileError::Damaged)));

    let foreign = tempfile::tempdir().unwrap();
    let foreign_master = foreign.path().join("master");
    KeyRing::open_or_create(foreign.path(), &foreign_master).unwrap();
    std::fs::write(&file, good).unwrap();
    assert!(matches!(KeyRing::open_existing(dir.path(), &foreign_master), Err(KeyFileError::Damaged)));
    assert!(matches!(KeyRing::open_existing(foreign.path(), &master), Err(KeyFileError::Damaged)));
}

#[test]
fn nothing_secret_is_printed() {
    let printed = format!("{:?} {:?}", ring(), ring().signer());
    assert!(printed.contains("current: 1") && !printed.contains("seed"), "{printed}");
}

proptest! {
    #[test]
    fn any_changed_bit_is_noticed(plain in proptest::collection::vec(any::<u8>(), 0..80), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let ring = ring();
        let mut sealed = ring.seal(HERE, &plain);
        prop_assert_eq!(ring.open(HERE, &sealed).unwrap(), plain);
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(ring.open(HERE, &sealed).is_err());
    }

    #[test]
    fn bytes_that_were_never_sealed_are_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        prop_assert!(ring().open(HERE, &bytes).is_err());
    }
}
