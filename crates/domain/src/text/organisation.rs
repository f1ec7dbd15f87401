use super::{composed, is_blank, nfkc, unified::unify};

/// Endings that registers and rosters use for the same thing; the longer one is written for both.
const SUFFIX_ALIASES: [(&str, &str); 3] =
    [("有限责任公司", "有限公司"), ("股份公司", "股份有限公司"), ("集团总公司", "集团公司")];

/// What two spellings of one organisation's name have in common: no spaces, half-width brackets,
/// one ending for each legal form. For comparing and indexing, never for showing.
///
/// Legal forms that differ stay apart: 有限公司 is not 股份有限公司.
pub fn normalise_organisation(text: &str) -> String {
    let text = nfkc(text);
    let kept = text.chars().filter(|&c| !is_blank(c)).flat_map(char::to_lowercase).map(|c| match c {
        '〔' | '【' | '[' => '(',
        '〕' | '】' | ']' => ')',
        '•' | '・' | '‧' => '·',
        _ => unify(c),
    });
    let name = composed(kept.collect());
    SUFFIX_ALIASES.iter().fold(name, |name, (alias, one)| name.replace(alias, one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_organisation_meet() {
        let alike: [&[&str]; 3] = [
            &["江南机械有限公司", "江南机械有限责任公司", "江南 机械 有限公司", "江南機械有限公司"],
            &["江南（无锡）机械有限公司", "江南(无锡)机械有限公司", "江南【无锡】机械有限责任公司"],
            &["ABC化工股份有限公司", "ａｂｃ化工股份公司"],
        ];
        for spellings in alike {
            for spelling in spellings {
                assert_eq!(
                    normalise_organisation(spelling),
                    normalise_organisation(spellings[0]),
                    "{spelling}"
                );
            }
        }
    }

    #[test]
    fn different_organisations_stay_apart() {
        let names = ["江南机械有限公司", "江南机械股份有限公司", "江南机械厂", "江南机械有限公司无锡分公司"];
        for (at, one) in names.iter().enumerate() {
            for other in &names[at + 1..] {
                assert_ne!(normalise_organisation(one), normalise_organisation(other));
            }
        }
    }
}
