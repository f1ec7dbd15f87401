//! Codes on paper for the day on which a device is lost: ten, good once each, kept as hashes.

use super::factors::fresh_own_account;
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use domain::ids::{AccountId, CredentialId};
use sha2::{Digest, Sha256};
use store::{Credential, Secret, Tx};

const HOW_MANY: usize = 10;
/// Without what is taken for something else when it is copied by hand (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols of a code, of five bits each: 80 bits need no slow hash.
const SYMBOLS: usize = 16;

/// New codes in the place of those that are left. Shown once.
pub async fn renew_recovery_codes(app: &App, call: &Call) -> Audited<Vec<String>> {
    let mut entry = Entry::new("account.recovery_codes");
    let answer = renew(app, call, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn renew(app: &App, call: &Call, entry: &mut Entry) -> Result<Vec<String>, Error> {
    let account = fresh_own_account(app, call).await?;
    entry.object(account.id);
    let tx = app.store.begin().await?;
    let codes = replace(app, call, &tx, account.id).await?;
    app.audit.stage(&tx, call, entry).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Gives the account new codes, in the transaction of whatever makes it need them.
pub(super) async fn replace(
    app: &App,
    call: &Call,
    tx: &Tx,
    account: AccountId,
) -> Result<Vec<String>, Error> {
    for credential in tx.credentials_of(account).await? {
        if matches!(credential.secret, Secret::RecoveryCodes { .. }) {
            tx.delete_credential(account, credential.id).await?;
        }
    }
    let codes: Vec<String> = (0..HOW_MANY).map(|_| spelled(app.entropy.bytes())).collect();
    let credential = Credential {
        id: CredentialId::from_uuid(app.entropy.uuid(call.now)),
        version: 1,
        account,
        created_at: call.now,
        expires_at: None,
        label: String::new(),
        last_used_at: None,
        secret: Secret::RecoveryCodes { hashes: codes.iter().map(|code| hash(code)).collect() },
    };
    tx.insert_credential(&credential).await?;
    Ok(codes)
}

/// The hashes that are left when this code is used; `None` if it is none of them.
pub(super) fn without(hashes: &[[u8; 32]], code: &str) -> Option<Vec<[u8; 32]>> {
    let used = hash(code);
    let left: Vec<_> = hashes.iter().copied().filter(|hash| *hash != used).collect();
    (left.len() < hashes.len()).then_some(left)
}

fn spelled(bytes: [u8; SYMBOLS]) -> String {
    let symbols: Vec<u8> = bytes.iter().map(|byte| ALPHABET[usize::from(byte % 32)]).collect();
    let groups: Vec<&str> = symbols.chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join("-")
}

/// Of the code as it was meant: case, gaps and letters that look like digits do not matter.
fn hash(code: &str) -> [u8; 32] {
    let meant = code.chars().filter(char::is_ascii_alphanumeric).map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    });
    Sha256::digest(meant.collect::<String>().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_however_it_is_copied() {
        let codes = [spelled([31; SYMBOLS]), spelled(std::array::from_fn(|n| n as u8))];
        assert_eq!(codes[1], "0123-4567-89AB-CDEF");
        let hashes: Vec<_> = codes.iter().map(|code| hash(code)).collect();
        for copied in ["0123-4567-89ab-cdef", "oi23 4567 89AB CDEF", "0l23456789abcdef"] {
            assert_eq!(without(&hashes, copied), Some(vec![hashes[0]]), "{copied}");
        }
        assert_eq!(without(&hashes[..1], "0123-4567-89AB-CDEF"), None);
        assert_eq!(without(&hashes, ""), None);
    }
}
