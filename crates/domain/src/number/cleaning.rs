use crate::text::nfkc;

/// Half-width, upper case, without anything invisible: spaces of all kinds, line breaks, byte order
/// marks, zero-width characters and the apostrophe with which spreadsheets mark text.
pub(super) fn clean(text: &str) -> String {
    let text = text.trim_start_matches(|c: char| is_invisible(c) || c == '\'');
    nfkc(text).chars().filter(|&c| !is_invisible(c)).map(|c| c.to_ascii_uppercase()).collect()
}

pub(super) fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{00AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

/// The multiplication sign and its look-alikes stand for the check letter X at the end of a number.
pub(super) fn is_check_letter_lookalike(c: char) -> bool {
    matches!(c, '×' | '✕' | '✖' | '╳' | 'Х' | 'х' | 'Χ' | 'χ')
}

pub(super) fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
