//! As shown: views of what was made. They read and never change.

pub mod tags; // whose cost is what
pub mod quotas; // how much of each quota is used
pub mod proof; // who reaches whom
pub mod summary; // what `synth` tells a person at the end

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
