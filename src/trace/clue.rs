//! What a pasted text speaks of: stacks, resources, physical names, addresses, tenants. A text is
//! cut into words as AWS and Terraform write them, and each is looked up among what was made.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::engine::terraform::{self, Mode};
use crate::json::{Json, Piece};
use crate::name::snake;
use crate::template::{Entry, Stack, Template};
use crate::trace::Trace;
use crate::trace::made::{self, Place};
use crate::value::{Pseudo, Value};

/// What a word of a text names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clue {
    /// A resource by its physical name: the key of its stack, and its logical id.
    Name(String, String),
    /// A resource by a name that others could have, too: the keys of the stacks, and its logical id.
    OneOf(Vec<String>, String),
    /// A stack, by its key.
    Stack(String),
    /// A template, by its shape.
    Shape(String),
    /// Resources of this logical id.
    Resource(String),
    /// Resources of this type, by Terraform's name.
    Kind(String),
    /// A tenant.
    Tenant(String),
    /// A cell.
    Cell(String),
    /// A tier; only where nothing else was asked.
    Tier(String),
    /// An address or block.
    Address(Ipv4Net),
    /// An account; only where nothing else was asked.
    Account(String),
    /// An id that AWS gave, which stands in no blueprint.
    Foreign(String),
    /// What has the form of a name, but is none of this estate, and what was looked for in vain.
    Stranger(String, String),
}

/// Every clue of a text, with the word that it was found in, in the order of the text.
pub fn clues(trace: &Trace<'_>, text: &str) -> Vec<(Clue, String)> {
    let known = Known::new(trace);
    let mut out = known.whole(text.trim());
    for word in words(text) {
        for clue in known.word(word, Place::default()) {
            if !out.iter().any(|(other, _)| *other == clue) {
                out.push((clue, word.to_owned()));
            }
        }
    }
    out
}

/// The words of a text: whatever names, paths, ARNs and addresses are written with.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let inside = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+=".contains(c);
    let words = text.split(move |c: char| !inside(c));
    words.map(|word| word.trim_matches(['.', ':', '=', '-'])).filter(|word| !word.is_empty())
}

/// What there is to be named, by name.
struct Known<'a> {
    trace: &'a Trace<'a>,
    names: BTreeMap<String, BTreeSet<Clue>>,
    /// What Terraform puts a time behind: the keys of the stacks, and the logical ids.
    prefixes: BTreeMap<String, Vec<(String, String)>>,
    accounts: BTreeSet<&'a str>,
}

impl<'a> Known<'a> {
    fn new(trace: &'a Trace<'a>) -> Self {
        let made = trace.made();
        let accounts = made.estate.stacks.iter().map(|stack| stack.account.as_str()).collect();
        let (names, prefixes) = (BTreeMap::new(), BTreeMap::new());
        let mut known = Known { trace, names, prefixes, accounts };
        let templates = made.estate.templates.iter();
        let terraform: BTreeMap<&str, Vec<Named<'_>>> =
            templates.map(|(shape, template)| (shape.as_str(), named(template))).collect();
        for stack in &made.estate.stacks {
            known.add(&stack.name, Clue::Stack(stack.key.clone()));
            known.add(&stack.key, Clue::Stack(stack.key.clone()));
            known.physical(stack);
            known.terraform(stack, &terraform[stack.shape.as_str()]);
        }
        for (shape, template) in &made.estate.templates {
            known.add(shape, Clue::Shape(shape.clone()));
            for entry in &template.entries {
                let resource = Clue::Resource(entry.id.clone());
                known.add(&entry.id, resource.clone());
                known.add(&format!("{}.{}", entry.tf, snake(&entry.id)), resource);
                known.add(entry.tf, Clue::Kind(entry.tf.to_owned()));
                if let Some(kind) = entry.cfn {
                    known.add(kind, Clue::Kind(entry.tf.to_owned()));
                }
            }
        }
        for id in made.spec.tenants.keys() {
            known.add(id, Clue::Tenant(id.clone()));
        }
        for id in made.plan.cells.keys() {
            known.add(id, Clue::Cell(id.clone()));
        }
        known
    }

    fn add(&mut self, name: &str, clue: Clue) {
        self.names.entry(name.to_owned()).or_default().insert(clue);
    }

    /// The names that a stack's resources have in AWS, as far as they are chosen and not made there.
    fn physical(&mut self, stack: &Stack) {
        let template = &self.trace.made().estate.templates[&stack.shape];
        for entry in &template.entries {
            let named = entry.body.properties.iter().filter(|(name, _)| is_own(entry, name));
            for (_, value) in named {
                let text = text_of(value, stack, template);
                if let Some(text) = text.filter(|text| text.len() > 3 && *text != stack.name) {
                    self.add(&text, Clue::Name(stack.key.clone(), entry.id.clone()));
                }
            }
        }
    }

    /// The names that Terraform gives, where they are not those of all stacks.
    fn terraform(&mut self, stack: &Stack, named: &[Named<'_>]) {
        for (entry, pieces, is_prefix) in named {
            let text: String = pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => text.as_str(),
                    Piece::Hole(at) => stack.values[*at].as_str(),
                })
                .collect();
            if *is_prefix {
                let same = self.prefixes.entry(text).or_default();
                same.push((stack.key.clone(), entry.id.clone()));
            } else if text.starts_with(&stack.name) && text != stack.name {
                self.add(&text, Clue::Name(stack.key.clone(), entry.id.clone()));
            }
        }
    }

    /// What the whole of a text names: only then can a common word be meant.
    fn whole(&self, text: &str) -> Vec<(Clue, String)> {
        let spec = &self.trace.made().spec;
        let same = |other: &str| other.eq_ignore_ascii_case(text);
        let tiers = spec.tiers.keys().filter(|id| same(id)).map(|id| Clue::Tier(id.clone()));
        let tenants = spec.tenants.values().filter(|tenant| {
            let own = [Some(&tenant.name), tenant.email.as_ref(), tenant.host.as_ref()];
            own.into_iter().flatten().any(|name| same(name))
        });
        let tenants = tenants.map(|tenant| Clue::Tenant(tenant.id.clone()));
        let here = self.trace.made().estate.stacks.iter().any(|stack| stack.account == text);
        let account = here.then(|| Clue::Account(text.to_owned()));
        tiers.chain(tenants).chain(account).map(|clue| (clue, text.to_owned())).collect()
    }

    /// What a word of a text names. What is made of names is looked at before it is cut up.
    fn word(&self, word: &str, place: Place<'_>) -> Vec<Clue> {
        if let Some(clues) = self.names.get(word) {
            return clues.iter().cloned().collect();
        }
        if let Some(net) = address(word) {
            return vec![Clue::Address(net)];
        }
        if is_foreign(word) {
            return vec![Clue::Foreign(word.to_owned())];
        }
        if let Some((place, thing)) = made::arn(word) {
            return self.arn(word, place, thing);
        }
        if let Some((place, name)) = made::balancer(word) {
            return self.word(name, place);
        }
        if let Some(address) = made::address(word) {
            let found = self.names.get(address).into_iter().flatten().cloned().collect();
            return or_stranger(found, word, || format!("no template here has {address}"));
        }
        if word.contains([':', '/']) {
            return self.pieces(word, place);
        }
        self.made(word, place).unwrap_or_default()
    }

    /// What the parts of a path or of an ARN name.
    fn pieces(&self, word: &str, place: Place<'_>) -> Vec<Clue> {
        let mut out = self.tail(word);
        let parts = word.split([':', '/']).map(|part| part.trim_end_matches(".json"));
        for part in parts.filter(|part| !part.is_empty() && *part != word) {
            out.extend(self.word(part, place));
        }
        // Types are written with colons: `AWS::EC2::EIP/NatAddress1`.
        let kind = word.split('/').next().unwrap_or_default();
        out.extend(self.names.get(kind).into_iter().flatten().cloned());
        out
    }

    /// A name with slashes at the end of an ARN.
    fn tail(&self, word: &str) -> Vec<Clue> {
        let after = word.match_indices([':', '/']).map(|(at, _)| &word[at..]);
        let found = after.flat_map(|rest| [rest, &rest[1..]]).find_map(|rest| self.names.get(rest));
        found.into_iter().flatten().cloned().collect()
    }

    /// What an ARN names. Stacks are named in theirs whole.
    fn arn(&self, word: &str, place: Place<'_>, thing: &str) -> Vec<Clue> {
        if let Some(rest) = thing.strip_prefix("stack/") {
            return self.stack(rest.split('/').next().unwrap_or_default(), place);
        }
        if let Some(secret) = thing.strip_prefix("secret:") {
            return self.secret(secret, place);
        }
        let id = thing.rsplit(['/', ':']).next().unwrap_or_default();
        if thing.starts_with("key/") && made::is_uuid(id) {
            return vec![Clue::Foreign(id.to_owned())];
        }
        let found = if thing.contains([':', '/']) {
            self.pieces(word, place)
        } else {
            self.word(thing, place)
        };
        let ours = place.account.filter(|id| self.accounts.contains(*id));
        if ours.is_none() { found } else { or_stranger(found, word, || NOTHING.to_owned()) }
    }

    /// The stack of that name, if it is where its ARN says.
    fn stack(&self, name: &str, place: Place<'_>) -> Vec<Clue> {
        let stacks = &self.trace.made().estate.stacks;
        let named: Vec<&Stack> = stacks.iter().filter(|stack| stack.name == name).collect();
        let there = named.iter().filter(|stack| place.has(stack));
        let found = there.map(|stack| Clue::Stack(stack.key.clone())).collect();
        or_stranger(found, name, || match named.first() {
            Some(stack) => elsewhere(stack),
            None => "no stack of this estate is called so".to_owned(),
        })
    }

    /// A secret, whose ARN ends in a hyphen and six characters that AWS adds.
    /// Source: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>.
    fn secret(&self, text: &str, place: Place<'_>) -> Vec<Clue> {
        const ADDED: usize = 7;
        let at = text.len().saturating_sub(ADDED);
        let name = text.get(..at).filter(|_| text[at..].starts_with('-')).unwrap_or(text);
        or_stranger(self.word(name, place), text, || NOTHING.to_owned())
    }

    /// A name that CloudFormation or Terraform made.
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html>.
    fn made(&self, word: &str, place: Place<'_>) -> Option<Vec<Clue>> {
        if let Some(prefix) = made::prefix(word) {
            let found = made::prefixed(self.trace, self.prefixes.get(prefix), place);
            let found = one_of(found);
            let why = || "Terraform made this name, and no resource here has its prefix".to_owned();
            return Some(or_stranger(found, word, why));
        }
        let found = made::generated(self.trace, word, place).map(one_of);
        if let Some(found) = found.as_ref().filter(|found| !found.is_empty()) {
            return Some(found.clone());
        }
        if let Some(found) = self.in_stack(word, place) {
            return Some(vec![found]);
        }
        // Some names have the logical id only.
        if let Some((id, tail)) = word.split_once('-')
            && made::is_made(tail)
            && let Some(clues) = self.names.get(id)
        {
            return Some(clues.iter().cloned().collect());
        }
        let why = || "CloudFormation made this name, but of no stack and resource here".to_owned();
        found.map(|_| or_stranger(Vec::new(), word, why))
    }

    /// A name that begins with that of a stack, and goes on with a logical id or with anything. What a
    /// stack makes is where the stack is.
    fn in_stack(&self, word: &str, place: Place<'_>) -> Option<Clue> {
        let dashes = word.match_indices('-').map(|(at, _)| at);
        let (stack, rest) = dashes.rev().find_map(|at| {
            let clues = self.names.get(&word[..at])?;
            let stack = clues.iter().find_map(|clue| match clue {
                Clue::Stack(key) => self.trace.stack(key),
                _ => None,
            })?;
            (stack.name == word[..at]).then_some((stack, &word[at + 1..]))
        })?;
        if !place.has(stack) {
            return Some(Clue::Stranger(word.to_owned(), elsewhere(stack)));
        }
        let id = rest.split('-').next().unwrap_or_default();
        let template = &self.trace.made().estate.templates[&stack.shape];
        let entry = template.entries.iter().find(|entry| entry.id == id);
        Some(match entry {
            Some(entry) => Clue::Name(stack.key.clone(), entry.id.clone()),
            None => Clue::Stack(stack.key.clone()),
        })
    }
}

/// What is said of what no part of was found.
const NOTHING: &str = "nothing of this estate is called so";

/// One thing is what is meant; of several, each may be.
fn one_of(mut found: Vec<made::Candidates>) -> Vec<Clue> {
    if let [(stacks, id)] = found.as_mut_slice()
        && stacks.len() == 1
    {
        return vec![Clue::Name(stacks.remove(0), std::mem::take(id))];
    }
    found.into_iter().map(|(stacks, id)| Clue::OneOf(stacks, id)).collect()
}

/// Where a stack is, of which something is said that is not there.
fn elsewhere(stack: &Stack) -> String {
    format!("the stack of that name is in {}/{}", stack.account, stack.region)
}

/// What was found, or else that it was looked for in vain.
fn or_stranger(found: Vec<Clue>, word: &str, why: impl Fn() -> String) -> Vec<Clue> {
    if found.is_empty() { vec![Clue::Stranger(word.to_owned(), why())] } else { found }
}

/// A resource, its name for Terraform with holes for values of its stack, and whether that is a prefix.
type Named<'t> = (&'t Entry, Vec<Piece>, bool);

/// The resources of a template whose names Terraform knows before it makes them.
fn named(template: &Template) -> Vec<Named<'_>> {
    const NAMES: [&str; 6] =
        ["name", "family", "function_name", "alarm_name", "name_prefix", "bucket_prefix"];
    let of = |entry| {
        let Json::Object(pairs) = terraform::resource(entry, template, Mode::Inline) else {
            unreachable!("a resource is an object")
        };
        let known = pairs.into_iter().filter(|(key, _)| NAMES.contains(&key.as_str()));
        let text = known.filter_map(|(key, value)| match value {
            Json::Text(pieces) if !refers(&pieces) => {
                Some((entry, pieces, key.ends_with("_prefix")))
            }
            _ => None,
        });
        text.collect::<Vec<Named<'_>>>()
    };
    template.entries.iter().flat_map(of).collect()
}

/// Whether a text has what is known only when it is deployed.
fn refers(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains("${")))
}

/// Whether a property is the name of the resource itself, not of what it refers to: `TableName` of a
/// table is, `RoleName` of a policy is not.
fn is_own(entry: &Entry, property: &str) -> bool {
    let kind = entry.cfn.and_then(|kind| kind.rsplit("::").next()).unwrap_or_default();
    property.strip_suffix("Name").is_some_and(|what| what.is_empty() || kind == what)
}

/// A value as it stands in AWS, if everything of it is known before it is deployed.
fn text_of(value: &Value, stack: &Stack, template: &Template) -> Option<String> {
    let all = |items: &[Value]| -> Option<Vec<String>> {
        items.iter().map(|item| text_of(item, stack, template)).collect()
    };
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Param(name) => stack.values.get(template.param_index(name)?).cloned(),
        Value::Pseudo(Pseudo::Account) => Some(stack.account.clone()),
        Value::Pseudo(Pseudo::Region) => Some(stack.region.clone()),
        Value::Join(items) => Some(all(items)?.concat()),
        Value::Separated(between, items) => Some(all(items)?.join(between)),
        _ => None,
    }
}

/// An address or block, with whatever host bits.
pub fn address(word: &str) -> Option<Ipv4Net> {
    let net = word.parse::<Ipv4Net>().ok();
    net.or_else(|| word.parse().ok().map(|ip| Ipv4Net::new_assert(ip, 32))).map(|net| net.trunc())
}

/// Ids that AWS gives: a short word, a hyphen, and 8 or 17 hexadecimal digits.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html>.
fn is_foreign(word: &str) -> bool {
    let Some((kind, digits)) = word.rsplit_once('-') else { return false };
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let short = kind.chars().all(|c| c.is_ascii_lowercase() || c == '-') && kind.len() <= 12;
    short && !kind.is_empty() && matches!(digits.len(), 8 | 17) && digits.chars().all(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_aws_are_known_by_their_form() {
        for id in ["vpc-0a1b2c3d", "subnet-0123456789abcdef0", "tgw-attach-0123456789abcdef0"] {
            assert!(is_foreign(id), "{id}");
        }
        for word in ["eu-west-1", "acme-prod", "a-12345678x", "tenant-deadbeaf1"] {
            assert!(!is_foreign(word), "{word}");
        }
    }

    #[test]
    fn words_are_what_names_are_written_with() {
        let text = "The CIDR '10.0.1.0/24' conflicts: [NatAddress1, Vpc]. \"AWS::EC2::EIP/X\"";
        let found: Vec<&str> = words(text).collect();
        assert_eq!(
            found,
            ["The", "CIDR", "10.0.1.0/24", "conflicts", "NatAddress1", "Vpc", "AWS::EC2::EIP/X"]
        );
    }
}
