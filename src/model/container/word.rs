//! Names of what there is one of for each service or secret: alphanumeric, and never the same for
//! two that differ, in the case of CloudFormation as in that of Terraform.

use crate::name::{pascal, short_hash};

/// The beginning of the logical ids of a service, or of the variable of a secret.
pub fn word(name: &str) -> String {
    let plain = name.to_lowercase();
    let parts: Vec<&str> = plain.split(['-', '_']).collect();
    // `x-1` and `x1` would both be X1, `a-b` and `ab` the same in snake case.
    let sound = |part: &&str| part.len() > 1 && part.starts_with(|c: char| c.is_ascii_alphabetic());
    let clear = parts.len() == 1 || parts.iter().all(sound);
    let mark = if clear { String::new() } else { pascal(&short_hash(name, 4)) };
    format!("{}{mark}", pascal(&plain.replace('_', "-")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::snake;

    #[test]
    fn names_that_look_alike_stay_apart() {
        let names =
            ["web", "api", "api2", "api-2", "order-api", "orderapi", "a-b", "ab", "a-b-c", "a--b"];
        let mut words: Vec<String> =
            names.map(|name| snake(&format!("{}Service", word(name)))).into();
        words.sort();
        words.dedup();
        assert_eq!(words.len(), names.len(), "{words:?}");
        assert_eq!(word("DB_PASSWORD"), "DbPassword");
        assert_eq!(word("order-api"), "OrderApi");
    }
}
