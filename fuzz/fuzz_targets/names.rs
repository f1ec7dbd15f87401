//! Names of people and organisations, and the words of the search box.
#![no_main]

use domain::text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|name: &str| {
    for normalise in [text::normalise_organisation, text::search_name, text::comparison_key, text::fold_login]
    {
        let once = normalise(name);
        assert_eq!(normalise(&once), once);
    }
    let once = text::normalise_name(name);
    assert_eq!(text::normalise_name(&once.name).name, once.name);
    let short: String = name.chars().take(32).collect();
    for sound in text::pinyin_full(&short).into_iter().chain(text::pinyin_initials(&short)) {
        assert_eq!(text::pinyin_key(&sound), sound, "a sound is found by its own spelling");
    }
    let _kinds = text::classify_box(name);
    let _either = text::is_id_number(name);
});
