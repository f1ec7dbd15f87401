//! One wrong, missing or extra character, or two neighbours swapped, without a readable
//! dictionary: a text is indexed with each of its characters blotted out in turn, and a query asks
//! for every blotted or whole form it could have come from. All forms are keyed before they are
//! stored, so the index can compare them and cannot read them.

/// Stands for any one character. A private-use character, so no name or number holds it.
const BLOT: char = '\u{F8FF}';

/// Lengths at which texts are compared by all that more than one mistake can make of them.
const SHORTEST: usize = 5;
const LONGEST: usize = 24;

/// The text with each character blotted out in turn; none for a single character, since the form
/// would stand for any text.
pub fn blotted(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() < 2 {
        return Vec::new();
    }
    (0..characters.len()).map(|at| replaced(&characters, at, BLOT)).collect()
}

/// What a text written with at most one mistake can be matched by.
#[derive(Debug, PartialEq, Eq)]
pub struct Near {
    /// To be compared with the whole forms of indexed texts.
    pub whole: Vec<String>,
    /// To be compared with the blotted forms of indexed texts.
    pub blotted: Vec<String>,
}

pub fn near(text: &str) -> Near {
    let characters: Vec<char> = text.chars().collect();
    let length = characters.len();
    let mut whole = vec![text.to_owned()];
    if length > 1 {
        whole.extend((0..length).map(|at| without(&characters, at)));
        whole.extend((1..length).map(|at| swapped(&characters, at)));
    }
    let mut blots = blotted(text);
    blots.extend((0..=length).map(|at| with_before(&characters, at, BLOT)));
    for forms in [&mut whole, &mut blots] {
        forms.sort_unstable();
        forms.dedup();
    }
    Near { whole, blotted: blots }
}

/// What one wrong, missing or extra letter, or two swapped, can make of a text in small Latin letters.
/// Nothing for what is longer than any name in pinyin.
pub fn one_letter_off(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() > LONGEST {
        return Vec::new();
    }
    let mut forms = near(text).whole;
    for letter in 'a'..='z' {
        forms.extend((0..characters.len()).map(|at| replaced(&characters, at, letter)));
        forms.extend((0..=characters.len()).map(|at| with_before(&characters, at, letter)));
    }
    forms
}

/// What two mistakes, of which one is a character too many or two swapped, can be matched by. Nothing
/// for short texts: with two mistakes anything can be made of them.
pub fn near_twice(text: &str) -> Near {
    let mut twice = Near { whole: Vec::new(), blotted: Vec::new() };
    if (SHORTEST..=LONGEST).contains(&text.chars().count()) {
        for near in near(text).whole.iter().map(|once| near(once)) {
            twice.whole.extend(near.whole);
            twice.blotted.extend(near.blotted);
        }
    }
    twice
}

/// The blotted forms of texts from which this one differs by two wrong characters. One of the two is
/// tried out, which can be done for digits only.
pub fn two_wrong(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut forms = Vec::new();
    if characters.len() > LONGEST {
        return forms;
    }
    for (at, &c) in characters.iter().enumerate() {
        for other in others(c) {
            let wrong: Vec<char> = replaced(&characters, at, other).chars().collect();
            let blots = (0..wrong.len()).filter(|&blot| blot != at);
            forms.extend(blots.map(|blot| replaced(&wrong, blot, BLOT)));
        }
    }
    forms
}

/// All other digits for a digit; letters would be too many to try.
fn others(c: char) -> Vec<char> {
    if c.is_ascii_digit() { ('0'..='9').filter(|other| *other != c).collect() } else { Vec::new() }
}

fn replaced(characters: &[char], at: usize, by: char) -> String {
    characters.iter().enumerate().map(|(index, &c)| if index == at { by } else { c }).collect()
}

fn without(characters: &[char], at: usize) -> String {
    characters.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, c)| c).collect()
}

fn swapped(characters: &[char], at: usize) -> String {
    let mut characters = characters.to_vec();
    characters.swap(at - 1, at);
    characters.into_iter().collect()
}

fn with_before(characters: &[char], at: usize, c: char) -> String {
    characters[..at].iter().chain([&c]).chain(&characters[at..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(indexed: &str, asked: &str) -> bool {
        let near = near(asked);
        near.whole.iter().any(|form| form == indexed)
            || blotted(indexed).iter().any(|form| near.blotted.contains(form))
    }

    /// Optimal string alignment distance, the plain table.
    fn distance(a: &str, b: &str) -> usize {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let mut best = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(table[i - 2][j - 2] + 1);
                    }
                    best
                };
            }
        }
        table[a.len()][b.len()]
    }

    #[test]
    fn one_wrong_missing_extra_or_swapped_character_is_near() {
        for asked in ["张小明", "张大明", "张明", "张小小明", "小张明", "李小明"] {
            assert!(matches("张小明", asked), "{asked}");
        }
        for asked in ["张大民", "张", "明小张", "张小明大王"] {
            assert!(!matches("张小明", asked), "{asked}");
        }
    }

    proptest! {
        #[test]
        fn one_letter_off_is_distance_one(indexed in "[abc]{1,5}", asked in "[abc]{1,5}") {
            prop_assert_eq!(one_letter_off(&asked).contains(&indexed), distance(&indexed, &asked) <= 1);
        }

        #[test]
        fn two_wrong_characters_are_found(indexed in "[12A京]{2,5}", asked in "[12A京]{2,5}") {
            let wrong = indexed.chars().zip(asked.chars()).filter(|(one, other)| one != other);
            let wrong: Vec<(char, char)> = wrong.collect();
            let two = indexed.chars().count() == asked.chars().count() && wrong.len() == 2;
            let tried = wrong.iter().any(|(one, other)| others(*other).contains(one));
            let forms = two_wrong(&asked);
            let found = blotted(&indexed).iter().any(|form| forms.contains(form));
            prop_assert!(found || !(two && tried));
        }

        #[test]
        fn two_characters_too_many_are_near_twice(indexed in "[abc]{3,6}", at in 0usize..3, more in "[abc]{2}") {
            let asked = format!("{}{more}{}", &indexed[..at], &indexed[at..]);
            prop_assert!(near_twice(&asked).whole.contains(&indexed));
        }

        #[test]
        fn near_is_distance_one(indexed in "[abc]{2,6}", asked in "[abc]{1,6}") {
            prop_assert_eq!(matches(&indexed, &asked), distance(&indexed, &asked) <= 1);
        }
    }
}
