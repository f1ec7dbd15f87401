//! What a person decided about the columns of a roster, as TOML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sheet::Mapping;

fuzz_target!(|text: &str| {
    if let Ok(mapping) = Mapping::from_toml(text) {
        assert_eq!(Mapping::from_toml(&mapping.to_toml()).expect("what is written is read"), mapping);
    }
});
