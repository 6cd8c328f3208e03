//! Names that are a tenant's although the output does not make what they name.

use std::collections::BTreeMap;

use super::model::{Model, Place, Target};
use super::{index, kinds};

/// What a tenant's application keeps below a path of its own is the tenant's, though the output does not
/// make it: secrets and parameters. The paths are those that its policies and its things name.
pub fn imply(model: &mut Model) {
    let homes = homes(model);
    let mut made = Vec::new();
    for (home, place) in &homes {
        let below = format!("{home}\u{0}");
        let mut inside = homes.range(below..).take_while(|(other, _)| other.starts_with(home));
        // A tenant whose id is a word of everybody's paths has no home there.
        if inside.any(|(_, other)| other.owner != place.owner) {
            continue;
        }
        for name in ["AWS::SecretsManager::Secret", "AWS::SSM::Parameter"] {
            let Some(kind) = kinds::of(name) else { continue };
            let path = if kind.word == "secret" { home } else { home.trim_start_matches('/') };
            let rest = kind.arn.replace("{r}", &place.region).replace("{a}", &place.account);
            let arn = rest.replace("{n}", &format!("{path}*"));
            made.push(Target { kind, place: place.clone(), arn, implied: true });
        }
    }
    model.targets.extend(made);
}

/// Paths that end in a tenant's id, with whose they are.
fn homes(model: &Model) -> BTreeMap<String, Place> {
    let mut homes = BTreeMap::new();
    let mut keep = |text: &str, place: &Place| {
        let Some(owner) = place.owner.as_deref() else { return };
        let from = text.find('/').unwrap_or(text.len());
        let path = &text[from..];
        if let Some(at) = path.rfind(&format!("/{owner}/")) {
            let home = &path[..at + owner.len() + 2];
            if !homes.contains_key(home) && !home.contains(['*', '?', '@', '$']) {
                homes.insert(home.to_owned(), place.clone());
            }
        }
    };
    for role in model.roles.values().filter(|role| role.place.owner.is_some()) {
        let statements = role.policies.iter().flat_map(|policy| &policy.statements);
        for text in statements.filter(|s| s.allow).flat_map(|s| &s.resources) {
            let service = index::rest(text).split(':').next();
            if matches!(service, Some("ssm" | "secretsmanager")) {
                keep(text, &role.place);
            }
        }
    }
    for target in model.targets.iter().filter(|t| ["secret", "parameter"].contains(&t.kind.word)) {
        keep(&target.arn, &target.place);
    }
    homes
}
