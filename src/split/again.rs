//! What was cut before: of estates of which nothing is recorded, many are made of one blueprint and lock,
//! and most templates are as they were. Then they become what they became.

use std::collections::BTreeMap;

use crate::plan::Lock;
use crate::plan::lock::Parts;
use crate::spec::Spec;
use crate::split::family::{Family, templates};
use crate::split::part::Cut;
use crate::split::place::{self, Before};
use crate::split::record::Known;
use crate::split::{a_stack, apply, deployed, is_kept, parts};
use crate::template::{Estate, Template};

/// How many versions of a family are kept.
const VERSIONS: usize = 4;

/// What was cut of one blueprint, by the names of families; the last is the newest.
#[derive(Default)]
pub struct Again {
    /// What the lock has of parts.
    recorded: Recorded,
    families: BTreeMap<String, Vec<Version>>,
}

/// Parts that are there, parts that are away, and whether these are all.
type Recorded = (Parts, Parts, bool);

/// A family as it was.
struct Version {
    shapes: Vec<Template>,
    /// What is asked of the lock.
    asked: (Before, bool),
    cuts: Vec<(String, Cut)>,
}

impl Again {
    /// Cuts what is too large, as [`cut`](super::cut) does, of an estate of the same blueprint, whoever its
    /// tenants are.
    pub fn cut(&mut self, spec: &Spec, before: &Lock, estate: &mut Estate) {
        let (here, away, all) = (&before.parts, &before.away, before.all_parts);
        if (&self.recorded.0, &self.recorded.1, self.recorded.2) != (here, away, all) {
            *self = Again { recorded: (here.clone(), away.clone(), all), ..Again::default() };
        }
        let mut cuts = BTreeMap::new();
        for (name, shapes) in templates(estate) {
            let own = a_stack(&shapes, estate);
            let asked = (deployed(own, before), is_kept(own, before, spec));
            let known = self.families.entry(name.to_owned()).or_default();
            let same =
                |it: &Version| it.asked == asked && it.shapes.iter().eq(shapes.iter().copied());
            let at = known.iter().rposition(same).unwrap_or_else(|| {
                let family = Family::new(spec, name, shapes.clone());
                let places = place::decide(&family, &Known::new(&family, before, asked.1), asked.0);
                let cuts = places.map_or_else(Vec::new, |places| parts(spec, &family, &places));
                if known.len() == VERSIONS {
                    known.remove(0);
                }
                let shapes = shapes.iter().copied().cloned().collect();
                known.push(Version { shapes, asked, cuts });
                known.len() - 1
            });
            cuts.extend(known[at].cuts.iter().cloned());
        }
        apply(spec, cuts, estate);
    }
}
