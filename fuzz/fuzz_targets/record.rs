//! Records as the read model keeps them: damage is told, and what is read is written and read the same.
#![no_main]

use domain::codec;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(certificate) = codec::decode(bytes) {
        let written = codec::encode(&certificate);
        assert_eq!(codec::decode(&written).as_ref(), Ok(&certificate));
        assert_eq!(codec::encode(&codec::decode(&written).expect("just read")), written);
    }
});
