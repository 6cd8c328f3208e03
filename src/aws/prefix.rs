//! Prefix lists that AWS keeps: how many entries each takes up in a route table or a security group,
//! which AWS calls its weight. Source:
//! <https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html>.

/// The end of the name of a list, and its weight.
const WEIGHTS: [(&str, u64); 8] = [
    ("cloudfront.origin-facing", 55),
    ("dynamodb", 1),
    ("ec2-instance-connect", 2),
    ("groundstation", 5),
    ("route53-healthchecks", 25),
    ("s3", 1),
    ("s3express", 6),
    ("vpc-lattice", 10),
];

/// The weight of a list by its name, as in `com.amazonaws.eu-west-1.s3`. One that is not known is
/// taken for the heaviest.
pub fn weight(name: &str) -> u64 {
    let known = WEIGHTS.iter().find(|(end, _)| {
        let rest = name.strip_suffix(end);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    known.map_or(HEAVIEST, |(_, weight)| *weight)
}

/// The weight of a list of which only the id is known, and that says nothing: the heaviest there is.
pub const HEAVIEST: u64 = 55;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_known_by_the_end_of_its_name() {
        assert_eq!(weight("com.amazonaws.eu-west-1.s3"), 1);
        assert_eq!(weight("com.amazonaws.eu-west-1.s3express"), 6);
        assert_eq!(weight(".dynamodb"), 1);
        assert_eq!(weight("com.amazonaws.global.cloudfront.origin-facing"), 55);
        assert_eq!(weight("com.amazonaws.eu-west-1.new"), HEAVIEST);
        assert_eq!(WEIGHTS.iter().map(|(_, weight)| *weight).max(), Some(HEAVIEST));
    }
}
