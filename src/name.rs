//! Names and identifiers: what AWS allows in them, and how a long one is cut without losing what
//! makes it unique.

pub mod sql; // names and types in a database

use sha2::{Digest, Sha256};

/// What AWS allows in the names of one kind of thing.
#[derive(Debug)]
pub struct NameRule {
    /// What is named, as a person would say it.
    pub what: &'static str,
    /// The most characters.
    pub max: usize,
    /// Whether a character may stand in it.
    pub allows: fn(char) -> bool,
    /// The characters, for the message.
    pub charset: &'static str,
    /// The AWS page.
    pub source: &'static str,
}

/// A CloudFormation stack: `[A-Za-z][A-Za-z0-9-]{0,127}`.
pub static STACK: NameRule = NameRule {
    what: "stack name",
    max: 128,
    allows: |c| c.is_ascii_alphanumeric() || c == '-',
    charset: "letters, digits and hyphens",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html",
};

/// A resource group: `[A-Za-z0-9_.-]`, at most 128.
pub static RESOURCE_GROUP: NameRule = NameRule {
    what: "resource group name",
    max: 128,
    allows: |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'),
    charset: "letters, digits, `_`, `.` and `-`",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-resourcegroups-group.html",
};

/// A tag's value, as far as every service takes it.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html>.
pub const TAG_VALUE_MAX: usize = 256;

/// A tag's key. Source as above.
pub const TAG_KEY_MAX: usize = 128;

/// Whether every AWS service takes this character in a tag: letters, digits, spaces and
/// `+ - = . _ : / @`. EC2 takes more; IAM, `CloudWatch` Logs and Systems Manager do not.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/arg.html>.
pub fn is_portable_tag_char(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || matches!(c, '+' | '-' | '=' | '.' | '_' | ':' | '/' | '@')
}

/// A stable short mark of a text: the first hexadecimal digits of its SHA-256.
pub fn short_hash(text: &str, digits: usize) -> String {
    hex(&Sha256::digest(text.as_bytes()))[..digits].to_owned()
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|n| char::from(HEX[usize::from(n)])).collect()
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// A name that fits: as it is, or its readable beginning and a mark of the whole.
/// Two different long names stay different, and a name never depends on its neighbours.
pub fn fit(name: &str, max: usize) -> String {
    const MARK: usize = 8;
    if name.chars().count() <= max {
        return name.to_owned();
    }
    let head: String = name.chars().take(max - MARK - 1).collect();
    format!("{}-{}", head.trim_end_matches('-'), short_hash(name, MARK))
}

/// `PascalCase` from words in any case, for CloudFormation's logical ids and parameters, which
/// are alphanumeric.
pub fn pascal(words: &str) -> String {
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars
            .next()
            .map_or_else(String::new, |c| c.to_ascii_uppercase().to_string() + chars.as_str())
    };
    words.split(|c: char| !c.is_ascii_alphanumeric()).map(capital).collect()
}

/// `snake_case` from `PascalCase`, for Terraform's identifiers. A digit joins the word before it
/// with an underscore, an acronym is one word: `VpcId` → `vpc_id`, `PrivateSubnet1` →
/// `private_subnet_1`, `BGPAsn` → `bgp_asn`.
pub fn snake(pascal: &str) -> String {
    let chars: Vec<char> = pascal.chars().collect();
    let mut out = String::with_capacity(pascal.len() + 4);
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|p| chars[p]);
        let after = chars.get(i + 1);
        let starts_word = before.is_some_and(|b| {
            let capital = !b.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase);
            (c.is_ascii_digit() && b.is_ascii_alphabetic()) || (c.is_ascii_uppercase() && capital)
        });
        if starts_word && !out.ends_with('_') {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The known word nearest to a misspelt one, if it is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let score = |candidate: &str| strsim::damerau_levenshtein(word, candidate);
    let (distance, best) = known.into_iter().map(|c| (score(c), c)).min()?;
    (distance <= 1 + word.chars().count() / 3).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_only_when_they_must_and_stay_different() {
        assert_eq!(fit("acme-prod-initech", 32), "acme-prod-initech");
        let (a, b) = (fit(&"x".repeat(40), 32), fit(&format!("{}y", "x".repeat(39)), 32));
        assert_eq!(a.len(), 32);
        assert_ne!(a, b);
    }

    #[test]
    fn cases() {
        for (pascal, expect) in [
            ("VpcId", "vpc_id"),
            ("PrivateSubnet1", "private_subnet_1"),
            ("BGPAsn", "bgp_asn"),
            ("EnableDnsSupport", "enable_dns_support"),
        ] {
            assert_eq!(snake(pascal), expect);
        }
        assert_eq!(pascal("cost_center"), "CostCenter");
        assert_eq!(pascal("ecr.api"), "EcrApi");
    }

    #[test]
    fn a_word_that_is_too_far_away_is_not_meant() {
        assert_eq!(nearest("teirs", ["tiers", "tenants"]), Some("tiers"));
        assert_eq!(nearest("zebra", ["tiers", "tenants"]), None);
    }
}
