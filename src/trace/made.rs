//! Names that AWS and Terraform made: ours are in them, but cut, in small letters, or with something
//! behind that was made. What such a name can be told to be is found here; where several things could
//! have it, all of them are.

use std::collections::BTreeMap;

use crate::template::{Entry, Stack};
use crate::trace::Trace;

/// The shortest half that a name is cut to, one less where a hyphen went with it. A bucket's name has 63
/// characters at most, a role's 64, and of these, 13 are made and two are hyphens.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>.
const HALF: usize = (63 - 13 - 2) / 2 - 1;

/// What has 32 characters at most, and was seen to be cut to halves of five.
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html>.
const SHORT: [&str; 2] = ["aws_lb", "aws_lb_target_group"];

/// The shortest half of those.
const SHORT_HALF: usize = 4;

/// What the word before a name says of its kind: the service and the beginning of an ARN's last part,
/// and Terraform's types. Rules and listeners have the name of their load balancer in theirs.
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>.
const KINDS: [(&str, &str, &str); 11] = [
    ("iam", "role/", "aws_iam_role"),
    ("iam", "instance-profile/", "aws_iam_instance_profile"),
    ("sts", "assumed-role/", "aws_iam_role"),
    ("elasticloadbalancing", "loadbalancer/", "aws_lb"),
    ("elasticloadbalancing", "listener", "aws_lb"),
    ("elasticloadbalancing", "targetgroup/", "aws_lb_target_group"),
    ("lambda", "function:", "aws_lambda_function"),
    ("sqs", "", "aws_sqs_queue"),
    ("sns", "", "aws_sns_topic"),
    ("dynamodb", "table/", "aws_dynamodb_table"),
    ("secretsmanager", "secret:", "aws_secretsmanager_secret"),
];

/// Things of one logical id in stacks of one template: the keys of the stacks, and the id.
pub type Candidates = (Vec<String>, String);

/// What is known of where a thing is and what it is, beside its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place<'w> {
    /// Its account, if it is said.
    pub account: Option<&'w str>,
    /// Its region, if it is said.
    pub region: Option<&'w str>,
    /// Terraform's type of it.
    pub kind: Option<&'static str>,
}

impl Place<'_> {
    /// Whether a stack may be there. An account that AWS has not made has no number yet.
    pub fn has(&self, stack: &Stack) -> bool {
        self.account.is_none_or(|id| stack.account == id || stack.is_pending())
            && self.region.is_none_or(|id| stack.region == id)
    }

    fn is(&self, entry: &Entry) -> bool {
        self.kind.is_none_or(|kind| kind == entry.tf)
    }
}

/// An ARN: where it says the thing is, and the part that names it.
pub fn arn(word: &str) -> Option<(Place<'_>, &str)> {
    let mut parts = word.strip_prefix("arn:")?.splitn(5, ':');
    let [_, service, region, account, thing] = [0; 5].map(|_| parts.next().unwrap_or_default());
    let said = |text| Some(text).filter(|text: &&str| !text.is_empty());
    let fits = |(of, head, _): &&(&str, &str, _)| *of == service && thing.starts_with(head);
    let kind = KINDS.iter().find(fits).map(|(.., kind)| *kind);
    Some((Place { account: said(account), region: said(region), kind }, thing))
}

/// The name of a load balancer in its address: `internal-<name>-<number>.<region>.elb.amazonaws.com`.
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html>.
pub fn balancer(word: &str) -> Option<(Place<'_>, &str)> {
    let (name, rest) = word.split_once('.')?;
    let region = rest.split('.').find(|part| *part != "elb" && part.contains('-'))?;
    let (name, number) = name.rsplit_once('-')?;
    let is = rest.contains("elb.") && number.chars().all(|c| c.is_ascii_hexdigit());
    let place = Place { region: Some(region), kind: Some("aws_lb"), ..Place::default() };
    is.then(|| (place, name.trim_start_matches("internal-")))
}

/// Whether a part of a name looks made: twelve or thirteen letters and digits, and not a word.
pub fn is_made(text: &str) -> bool {
    let has = |is: fn(&char) -> bool| text.chars().any(|c| is(&c));
    let mixed = has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase);
    matches!(text.len(), 12 | 13)
        && text.chars().all(|c| c.is_ascii_alphanumeric())
        && (has(char::is_ascii_digit) || mixed)
}

/// Whether a word is an id as most services give: `01234567-89ab-cdef-0123-456789abcdef`
pub fn is_uuid(word: &str) -> bool {
    let lengths: Vec<usize> = word.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && word.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// Whether a word is `<stack>-<logical id>-<made>`, with the first two cut or whole.
fn parts(word: &str) -> Option<(&str, &str)> {
    let (rest, made) = word.rsplit_once('-')?;
    let (stack, id) = rest.rsplit_once('-')?;
    let whole = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric());
    (whole && stack.len() > 1 && is_made(made) && !is_uuid(word)).then_some((stack, id))
}

/// What a name is that `CloudFormation` made: the name of the stack and the logical id, each as much of
/// its beginning as fits, and letters and digits. `None` if it has not that form; nothing in it if no
/// stack could have made it.
///
/// AWS says that it makes names, and not how they are cut; that both parts are beginnings was seen:
/// <https://gist.github.com/christianklotz/468a240a75f4ae3e73bd52722f926acb>,
/// <https://github.com/KensioSoftware/yulin/issues/1113>.
pub fn generated(trace: &Trace<'_>, word: &str, place: Place<'_>) -> Option<Vec<Candidates>> {
    let (name, id) = parts(word)?;
    // Buckets and databases have no capitals.
    let small = word.chars().all(|c| !c.is_ascii_uppercase());
    let begins = |whole: &str, part: &str, half: usize| {
        let head = whole.get(..part.len()).unwrap_or_default();
        let is = head == part || (small && head.eq_ignore_ascii_case(part));
        is && (whole.len() == part.len() || part.len() >= half)
    };
    let mut groups = Groups::new();
    for stack in trace.made().estate.stacks.iter().filter(|stack| place.has(stack)) {
        if !begins(&stack.name, name, SHORT_HALF) {
            continue;
        }
        let template = &trace.made().estate.templates[&stack.shape];
        for entry in template.entries.iter().filter(|entry| place.is(entry)) {
            let half = if SHORT.contains(&entry.tf) { SHORT_HALF } else { HALF };
            if begins(&stack.name, name, half) && begins(&entry.id, id, half) {
                put(&mut groups, stack, entry);
            }
        }
    }
    Some(candidates(groups))
}

/// Things of one kind: the shape and logical id, and the stacks.
type Groups = BTreeMap<(String, String), Vec<String>>;

fn put(groups: &mut Groups, stack: &Stack, entry: &Entry) {
    let key = (stack.shape.clone(), entry.id.clone());
    let stacks = groups.entry(key).or_default();
    if !stacks.contains(&stack.key) {
        stacks.push(stack.key.clone());
    }
}

fn candidates(groups: Groups) -> Vec<Candidates> {
    groups.into_iter().map(|((_, id), stacks)| (stacks, id)).collect()
}

/// The prefix of a name that Terraform made: the time, in 18 digits, and a number in 8 stand behind it.
/// Source: <https://github.com/hashicorp/terraform-plugin-sdk/blob/main/helper/id/id.go>.
pub fn prefix(word: &str) -> Option<&str> {
    const TIME: usize = 18;
    const COUNT: usize = 8;
    let (head, made) = word.split_at_checked(word.len().checked_sub(TIME + COUNT)?)?;
    let (time, count) = made.split_at_checked(TIME)?;
    let is = time.starts_with("20") && time.chars().all(|c| c.is_ascii_digit());
    (is && count.chars().all(|c| c.is_ascii_hexdigit())).then_some(head)
}

/// What has a name that Terraform made behind one of these prefixes; where the prefix is no help,
/// whatever is of that kind and there.
pub fn prefixed(
    trace: &Trace<'_>,
    known: Option<&Vec<(String, String)>>,
    place: Place<'_>,
) -> Vec<Candidates> {
    let mut groups = Groups::new();
    for (key, id) in known.into_iter().flatten() {
        let stack = trace.stack(key).expect("prefixes are of stacks that are there");
        let entry = trace.made().estate.templates[&stack.shape].entry(id);
        if place.has(stack) && place.is(entry) {
            put(&mut groups, stack, entry);
        }
    }
    if known.is_none() && place.kind.is_some() {
        for stack in trace.made().estate.stacks.iter().filter(|s| place.has(s)) {
            let template = &trace.made().estate.templates[&stack.shape];
            for entry in template.entries.iter().filter(|entry| place.is(entry)) {
                put(&mut groups, stack, entry);
            }
        }
    }
    candidates(groups)
}

/// The type and name in one of Terraform's addresses, without the modules before and the attribute
/// behind: `module.stack.aws_eip.nat_address_1.id`. Not of a data source.
pub fn address(word: &str) -> Option<&str> {
    let at = word.find("aws_").filter(|at| *at == 0 || word[..*at].ends_with('.'))?;
    if word[..at].ends_with("data.") {
        return None;
    }
    let after = &word[at..];
    let mut dots = after.match_indices('.').map(|(at, _)| at);
    dots.next()?;
    Some(&after[..dots.next().unwrap_or(after.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_were_made_are_known_by_their_form() {
        for (word, expect) in [
            // Each from the page that its function names.
            ("EC2Co-EcsEl-1OYQ0Q5HSNAJW", Some(("EC2Co", "EcsEl"))),
            (
                "chineseboostanalyticsstac-rainlyticslogsbucket8df4-hdst4ohfvdif",
                Some(("chineseboostanalyticsstac", "rainlyticslogsbucket8df4")),
            ),
            (
                "ChineseboostAnalyticsStac-RainlyticsSummariesJobFun-UjecjFhpdr1d",
                Some(("ChineseboostAnalyticsStac", "RainlyticsSummariesJobFun")),
            ),
            ("network-load-configuration", None),
            ("acme-prod-eu-west-1", None),
        ] {
            assert_eq!(parts(word), expect, "{word}");
        }
    }

    #[test]
    fn a_word_says_where_and_what() {
        let text = "arn:aws:elasticloadbalancing:eu-west-1:333333333333:targetgroup/a-b-c/73e2";
        let (place, thing) = arn(text).expect("an ARN");
        assert_eq!((place.account, place.region), (Some("333333333333"), Some("eu-west-1")));
        assert_eq!((place.kind, thing), (Some("aws_lb_target_group"), "targetgroup/a-b-c/73e2"));
        let text = "internal-acme-AppLo-1OYQ0Q5HSNAJW-1234567890.eu-west-1.elb.amazonaws.com";
        let (place, name) = balancer(text).expect("a load balancer");
        assert_eq!((place.region, name), (Some("eu-west-1"), "acme-AppLo-1OYQ0Q5HSNAJW"));
        assert_eq!(prefix("app-role-2026030108123012340000000a"), Some("app-role-"));
        assert_eq!(prefix("app-role-in-a-sentence-without-any-number"), None);
        assert_eq!(address("module.stack.aws_eip.nat_1.id"), Some("aws_eip.nat_1"));
        assert_eq!(address("module.stack.data.aws_eip.nat_1"), None);
        assert_eq!(address("aws_eip"), None);
    }
}
