use crate::{plan::Plan, tokens::Token};
use domain::certificate::Certificate;

/// A field of a row that matched what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlight {
    /// `number`, `id_number`, `name`, `organisation`, `issuer`, `region`, `type` or `item`.
    pub field: &'static str,
    /// First and behind-last character of the match in the shown text. Only for fields that are
    /// never masked, and only where the text stands there as it was asked for.
    pub range: Option<[usize; 2]>,
}

/// Which fields of a row with these tokens matched, at this degree of forgiveness.
pub fn highlights(plan: &Plan, degree: usize, certificate: &Certificate, tokens: &[Token]) -> Vec<Highlight> {
    let targets = plan.clauses.iter().flat_map(|clause| clause.targets());
    let mut found: Vec<Highlight> = Vec::new();
    for target in targets.filter(|target| target.up_to(degree).admits(tokens)) {
        let shown = match target.field {
            "organisation" => {
                certificate.organisation.as_ref().map(|organisation| organisation.name.as_str())
            }
            "issuer" => Some(certificate.issuer.as_str()),
            _ => None,
        };
        let highlight =
            Highlight { field: target.field, range: shown.and_then(|shown| range(shown, &target.text)) };
        if !found.contains(&highlight) {
            found.push(highlight);
        }
    }
    found
}

fn range(shown: &str, part: &str) -> Option<[usize; 2]> {
    let start = shown[..shown.find(part)?].chars().count();
    Some([start, start + part.chars().count()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        assert_eq!(range("江南化工有限公司", "化工"), Some([2, 4]));
        assert_eq!(range("江南化工有限公司", "石油"), None);
    }
}
