//! Data by name: what a pattern of a policy can mean, found without looking at everything there is.
//! Names that are known stand in order; those with wildcards stand by what comes before the first.

use std::collections::BTreeMap;

use super::glob::Glob;
use super::kinds::{self, Kind};
use super::model::Target;

/// Which form of a thing's ARN is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// The thing.
    Whole,
    /// What is in it: objects, an index, streams of a log.
    Inside,
}

/// Things by number, each with the form that is meant.
type Found = Vec<(usize, Form)>;

/// By type, and by a name or its beginning.
type Key = (&'static str, String);

/// The index.
#[derive(Debug, Default)]
pub struct Index {
    exact: BTreeMap<Key, Found>,
    loose: BTreeMap<Key, BTreeMap<String, Found>>,
}

impl Index {
    /// Makes it.
    pub fn new(targets: &[Target]) -> Self {
        let mut made = Self::default();
        for (number, target) in targets.iter().enumerate() {
            for (text, form) in forms(target) {
                let glob = Glob::new(&text);
                if glob.is_literal() {
                    let key = (target.kind.name, text);
                    made.exact.entry(key).or_default().push((number, form));
                } else {
                    let key = (target.kind.name, glob.prefix());
                    let group = made.loose.entry(key).or_default().entry(text).or_default();
                    group.push((number, form));
                }
            }
        }
        made
    }

    /// Hands over what a pattern can mean until `look` says that it is enough.
    pub fn search(
        &self,
        kind: &'static Kind,
        glob: &Glob,
        look: &mut dyn FnMut(usize, Form) -> bool,
    ) {
        let prefix = glob.prefix();
        let from = (kind.name, prefix.clone());
        let below = |key: &(&'static str, String)| key.0 == kind.name && key.1.starts_with(&prefix);
        for ((_, text), found) in self.exact.range(from.clone()..).take_while(|(k, _)| below(k)) {
            if glob.matches(text) && found.iter().any(|(number, form)| look(*number, *form)) {
                return;
            }
        }
        let ends = prefix.char_indices().map(|(at, _)| &prefix[..at]);
        let above = ends.filter_map(|end| self.loose.get(&(kind.name, end.to_owned())));
        let below = self.loose.range(from..).take_while(|(key, _)| below(key)).map(|(_, g)| g);
        for (text, found) in above.chain(below).flatten() {
            if glob.overlaps(&Glob::new(text)) && found.iter().any(|(n, form)| look(*n, *form)) {
                return;
            }
        }
    }
}

/// The ARNs of a thing after the partition.
fn forms(target: &Target) -> Vec<(String, Form)> {
    let arn = target.arn.clone();
    if target.implied {
        return vec![(arn, Form::Whole), (target.arn.clone(), Form::Inside)];
    }
    match target.kind.name {
        "AWS::S3::Bucket" => vec![(format!("{arn}/*"), Form::Inside), (arn, Form::Whole)],
        "AWS::DynamoDB::Table" => {
            vec![(format!("{arn}/index/*"), Form::Inside), (arn, Form::Whole)]
        }
        "AWS::RDS::DBCluster" => vec![(format!("{arn}/*"), Form::Inside)],
        "AWS::Logs::LogGroup" => {
            let whole = arn.trim_end_matches(":*").to_owned();
            vec![(whole, Form::Whole), (arn, Form::Inside)]
        }
        _ => vec![(arn, Form::Whole)],
    }
}

/// What an action needs: the thing, what is in it, or either.
pub fn fits(kind: &Kind, action: &str, form: Form) -> bool {
    match kind.name {
        "AWS::S3::Bucket" => action.contains("object") == (form == Form::Inside),
        _ => true,
    }
}

/// An ARN without its partition, which is the same all over an estate; anything if it is none.
pub fn rest(arn: &str) -> &str {
    let Some(after) = arn.strip_prefix("arn:") else {
        return "*";
    };
    after.split_once(':').map_or("*", |(_, rest)| rest)
}

/// Of which type an ARN without its partition can be: all, if its service is not told.
pub fn kinds_of(rest: &str) -> impl Iterator<Item = &'static Kind> {
    let service = rest.split(':').next().unwrap_or("*").to_owned();
    let open = service.contains(['*', '?']) || !rest.contains(':');
    kinds::KINDS.iter().filter(move |k| open || k.arn.split(':').next() == Some(&service))
}
