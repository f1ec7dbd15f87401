//! Who holds which certificates and works where, as plain arithmetic on indices, so that any object
//! can be made without making those before it.

/// How many certificates the holders of a group have: 40 certificates of 28 people.
const CERTIFICATES_HELD: [u64; 28] =
    [1, 2, 1, 1, 3, 1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 4, 1, 1, 2, 1, 1, 1, 3, 1, 2, 1, 1, 1];
const GROUP_HOLDERS: u64 = CERTIFICATES_HELD.len() as u64;
const GROUP_CERTIFICATES: u64 = 40;

/// How many people the organisations of a block employ: 700 people in 60 organisations, few of them
/// large.
const STAFF: [(u64, u64); 9] =
    [(1, 150), (1, 80), (2, 50), (3, 30), (4, 15), (8, 10), (12, 5), (22, 3), (7, 2)];
const BLOCK_HOLDERS: u64 = 700;
const BLOCK_ORGANISATIONS: u64 = 60;
/// Coprime to [`BLOCK_HOLDERS`]: neighbouring holders work in different organisations, so that a
/// small registry has many organisations too.
const STRIDE: u64 = 263;

/// Which certificate of which holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holding {
    pub(crate) holder: u64,
    /// From 0.
    pub(crate) nth: u64,
}

pub(crate) fn holding_of(certificate: u64) -> Holding {
    let (group, mut left) = (certificate / GROUP_CERTIFICATES, certificate % GROUP_CERTIFICATES);
    let mut holder = group * GROUP_HOLDERS;
    for held in CERTIFICATES_HELD {
        if left < held {
            break;
        }
        left -= held;
        holder += 1;
    }
    Holding { holder, nth: left }
}

/// How many certificates the holder has in a registry large enough.
pub(crate) fn certificates_held(holder: u64) -> u64 {
    CERTIFICATES_HELD[(holder % GROUP_HOLDERS) as usize]
}

pub(crate) fn first_certificate(holder: u64) -> u64 {
    let before = &CERTIFICATES_HELD[..(holder % GROUP_HOLDERS) as usize];
    holder / GROUP_HOLDERS * GROUP_CERTIFICATES + before.iter().sum::<u64>()
}

pub(crate) fn holders(certificates: u64) -> u64 {
    certificates.checked_sub(1).map_or(0, |last| holding_of(last).holder + 1)
}

pub(crate) fn organisation_of(holder: u64) -> u64 {
    let mut seat = holder % BLOCK_HOLDERS * STRIDE % BLOCK_HOLDERS;
    let mut organisation = holder / BLOCK_HOLDERS * BLOCK_ORGANISATIONS;
    for (count, staff) in STAFF {
        if seat < count * staff {
            return organisation + seat / staff;
        }
        seat -= count * staff;
        organisation += count;
    }
    organisation
}

pub(crate) fn organisations(holders: u64) -> u64 {
    holders.div_ceil(BLOCK_HOLDERS) * BLOCK_ORGANISATIONS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn a_hundred_thousand_certificates_belong_to_seventy_thousand_people_in_six_thousand_organisations() {
        assert_eq!(holders(100_000), 70_000);
        assert_eq!(organisations(70_000), 6_000);
        assert_eq!((holders(0), holders(1), organisations(0)), (0, 1, 0));
    }

    #[test]
    fn certificates_and_holders_point_at_each_other() {
        for certificate in 0..1000 {
            let holding = holding_of(certificate);
            assert_eq!(first_certificate(holding.holder) + holding.nth, certificate);
            assert!(holding.nth < certificates_held(holding.holder));
        }
    }

    #[test]
    fn a_block_fills_its_organisations_exactly() {
        let mut staff: HashMap<u64, u64> = HashMap::new();
        for holder in BLOCK_HOLDERS..2 * BLOCK_HOLDERS {
            *staff.entry(organisation_of(holder)).or_default() += 1;
        }
        assert_eq!(staff.len() as u64, BLOCK_ORGANISATIONS);
        assert_eq!(staff[&BLOCK_ORGANISATIONS], 150);
        assert!((BLOCK_ORGANISATIONS..2 * BLOCK_ORGANISATIONS).all(|index| staff[&index] >= 2));
    }
}
