//! What goes in one place and comes in another is called what it is.

use std::collections::BTreeSet;

use crate::change::group::{Change, Group, Kind};
use crate::change::pair::Action;

/// What goes in one stack and comes in another of the same tenants, under the same name and type, is
/// moved: for both engines it is deleted and made anew.
pub fn find_moves(groups: &mut [Group]) {
    let mut moves = Vec::new();
    for (from, group) in groups.iter().enumerate() {
        for (at, change) in group.changes.iter().enumerate() {
            let comes = |other: &&Group| comes_in(other, change) && share(group, other);
            if change.action == Action::Delete
                && let Some(to) = groups.iter().position(|other| comes(&other))
            {
                moves.push((from, at, to));
            }
        }
    }
    for (from, at, to) in moves {
        let names = (groups[from].stacks[0].key.clone(), groups[to].stacks[0].key.clone());
        let label = groups[from].changes[at].label.clone();
        groups[from].changes[at].moved = Some(names.1);
        let fits = |c: &&mut Change| c.label == label && c.action == Action::Create;
        if let Some(change) = groups[to].changes.iter_mut().find(fits) {
            change.moved = Some(names.0);
        }
    }
}

/// Whether what goes elsewhere is made in a group.
fn comes_in(group: &Group, gone: &Change) -> bool {
    let whole = group.kind == Kind::Create
        && group.members.iter().any(|(label, kind)| *label == gone.label && *kind == gone.kind);
    let same =
        |c: &Change| c.action == Action::Create && c.label == gone.label && c.kind == gone.kind;
    whole || group.changes.iter().any(same)
}

/// Whether two groups are of the same tenants, or both of none.
fn share(a: &Group, b: &Group) -> bool {
    let of = |group: &Group| -> BTreeSet<Option<String>> {
        group.stacks.iter().map(|stack| stack.tenant.clone()).collect()
    };
    !of(a).is_disjoint(&of(b))
}
