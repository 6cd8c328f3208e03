//! As shown: views of what was made. They read and never change.

pub mod diff; // what a change would do
pub mod tags; // whose cost is what
pub mod quotas; // how much of each quota is used
pub mod growth; // how far each tier can grow, and why cells opened
pub mod compare; // the five models side by side
pub mod request; // how to ask AWS for more
pub mod consolidate; // rules that could be fewer
pub mod proof; // who reaches whom
pub mod summary; // what `synth` tells a person at the end
pub mod limit; // what a quota is, and which one an error speaks of
pub mod explain; // where something comes from
pub mod outline; // what was decided and is made, in words for a review
pub mod snapshot; // a small picture of an estate, to be committed

/// A number with a comma at every third digit.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share in percent, rounded up; but what is not full is never all of it, and what is used at all is
/// never nothing.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let (part, whole) = (u128::from(part), u128::from(whole.max(1)));
    match (part * 100).div_ceil(whole) {
        _ if part > 0 && part * 100 < whole => "<1 %".to_owned(),
        100 if part < whole => "99 %".to_owned(),
        share => format!("{share} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_neither_nothing_nor_all_before_it_is() {
        let shown =
            [(0, 5), (1, 1_000_000), (1, 100), (1, 60), (991, 1_000), (5, 5), (6, 5), (0, 0)];
        let is = ["0 %", "<1 %", "1 %", "2 %", "99 %", "100 %", "120 %", "0 %"];
        assert_eq!(shown.map(|(part, whole)| percent(part, whole)), is);
    }
}
