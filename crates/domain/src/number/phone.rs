use super::cleaning::is_invisible;
use crate::text::nfkc;

/// Cleans a telephone number: digits with an optional leading `+`. `None`: this is none.
pub fn normalise(text: &str) -> Option<String> {
    let text = nfkc(text);
    let kept = text.chars().filter(|&c| !(is_invisible(c) || matches!(c, '-' | '(' | ')' | '.')));
    let phone: String = kept.collect();
    let digits = phone.strip_prefix('+').unwrap_or(&phone);
    let right = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    right.then_some(phone)
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn punctuation_and_width_do_not_count() {
        for text in ["138 0000 1234", "138-0000-1234", "１３８００００１２３４"] {
            assert_eq!(normalise(text).as_deref(), Some("13800001234"), "{text}");
        }
        assert_eq!(normalise("+86 (10) 8888.1234").as_deref(), Some("+861088881234"));
        for text in ["", "12345", "1234567890123456", "电话1380000", "138+0000123"] {
            assert_eq!(normalise(text), None, "{text}");
        }
    }
}
