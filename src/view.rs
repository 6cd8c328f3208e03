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
