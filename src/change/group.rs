//! What happens to stacks: those in which the same happens are one group, so that the change of a tier
//! that hits a thousand tenants is read once, with the list of them at hand.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::change::force::Force;
use crate::change::loss::Loss;
use crate::change::pair::Action;
use crate::engine::Engine;
use crate::source::Site;
use crate::trace::By;

/// What happens to a stack as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is deleted.
    Delete,
    /// It is deleted and made anew elsewhere.
    Replace,
    /// Something in it changes.
    Update,
    /// It is made.
    Create,
}

impl Kind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Delete => "delete",
            Kind::Replace => "replace",
            Kind::Update => "update",
            Kind::Create => "create",
        }
    }
}

/// Stacks in which the same happens.
#[derive(Debug)]
pub struct Group {
    /// What happens to them as a whole.
    pub kind: Kind,
    /// Why, where that is not seen from its resources.
    pub why: Option<String>,
    /// Their tier.
    pub tier: Option<String>,
    /// Their shape.
    pub shape: String,
    /// The stacks, in deploy order.
    pub stacks: Vec<Touched>,
    /// What happens in each, the gravest first. Of a stack that comes or goes as a whole, only what loses
    /// data.
    pub changes: Vec<Change>,
    /// How many resources of which type come or go with a whole stack, by CloudFormation's names if it is
    /// written for it.
    pub holds: Vec<(String, usize)>,
    /// The line that says so.
    pub cause: Option<Cause>,
    /// What comes or goes with a whole stack: names and types.
    pub(crate) members: Vec<(String, String)>,
}

/// A stack that something happens to.
#[derive(Clone, Debug)]
pub struct Touched {
    /// Its key.
    pub key: String,
    /// Its tenant.
    pub tenant: Option<String>,
    /// Its place in the deploy order of its side.
    pub order: usize,
    /// Its wave.
    pub wave: u64,
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Whether its account is not there yet.
    pub pending: bool,
}

/// What happens to a resource.
#[derive(Clone, Debug)]
pub struct Change {
    /// What it is called: CloudFormation's logical id if it has one, else Terraform's address.
    pub label: String,
    /// Its type, of the same engine.
    pub kind: String,
    /// The gravest that happens to it.
    pub action: Action,
    /// What each engine does.
    pub engines: Vec<(Engine, Action)>,
    /// What it was called before.
    pub renamed: Option<String>,
    /// The stack that it comes from or goes to, if the same thing goes or comes there.
    pub moved: Option<String>,
    /// What changes of it.
    pub properties: Vec<Property>,
    /// What is lost.
    pub losses: Vec<Loss>,
    /// The line that says so.
    pub cause: Option<Cause>,
    /// Its number in the pair of the first engine.
    pub(crate) twin: usize,
}

/// A property that changes.
#[derive(Clone, Debug)]
pub struct Property {
    /// Its path, by the engine's names.
    pub path: String,
    /// As it was in the first stack of the group; `None` if it was not there.
    pub was: Option<Value>,
    /// As it will be there.
    pub is: Option<Value>,
    /// Whether it is something else in other stacks of the group.
    pub varies: bool,
    /// What the change does.
    pub force: Force,
    /// Whether it is an address.
    pub address: bool,
    /// The resource that is replaced, and that it names.
    pub because: Option<String>,
    /// Its number in the resource of the pair.
    pub(crate) leaf: usize,
}

/// Where a change comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The place in the blueprint as it is now; that of the base if nothing stands there any more.
    pub site: Option<Site>,
    /// The name of the file, the line and the column.
    pub place: String,
    /// The line.
    pub line: usize,
    /// The file.
    pub file: String,
    /// What stands there.
    pub what: String,
    /// Who says so.
    pub by: By,
}

impl Change {
    /// Whether it only follows from what happens to others that it names.
    pub fn follows(&self) -> bool {
        !self.properties.is_empty() && self.properties.iter().all(|p| p.because.is_some())
    }

    /// Whether it follows from others, too.
    pub(crate) fn is_led(&self) -> bool {
        self.properties.iter().any(|property| property.because.is_some())
    }
}

impl Group {
    /// How many resources of a stack something happens to.
    pub fn count(&self, action: Action) -> usize {
        let whole = self.holds.iter().map(|(_, count)| count).sum();
        match (self.kind, action) {
            (Kind::Create, Action::Create)
            | (Kind::Delete, Action::Delete)
            | (Kind::Replace, Action::Replace) => whole,
            (Kind::Update, action) => self.changes.iter().filter(|c| c.action == action).count(),
            _ => 0,
        }
    }

    /// The gravest that happens in it, for sorting.
    pub fn gravity(&self) -> (bool, Action) {
        let lost = self.changes.iter().any(|change| !change.losses.is_empty());
        let action = match self.kind {
            Kind::Create => Action::Create,
            Kind::Delete => Action::Delete,
            Kind::Replace => Action::Replace,
            Kind::Update => self.changes.iter().map(|c| c.action).max().unwrap_or(Action::Update),
        };
        (lost, action)
    }

    /// Whose it is: the tier and its tenants, or the shape.
    pub fn who(&self) -> String {
        let tenants: BTreeSet<&str> =
            self.stacks.iter().filter_map(|stack| stack.tenant.as_deref()).collect();
        match (&self.tier, tenants.len()) {
            (_, 1) => {
                let tenant = tenants.iter().next().expect("there is one");
                self.tier.as_ref().map_or_else(
                    || format!("tenant {tenant}"),
                    |tier| format!("tenant {tenant} (tier {tier})"),
                )
            }
            (Some(tier), 0) => format!("tier {tier}, shared"),
            (Some(tier), n) => format!("tier {tier}, {n} tenants"),
            (None, 0) => "the estate".to_owned(),
            (None, n) => format!("{n} tenants"),
        }
    }
}
