//! All that is listed, besides what a blueprint says. What is wrong with the listings themselves is told also
//! where the blueprint means nothing.

use super::{Place, existing, granted};
use crate::diag::Sink;
use crate::source::{FileId, Sources};
use crate::spec::Spec;

/// Listings, as files, each of its place.
#[derive(Clone, Debug, Default)]
pub struct Listings {
    /// What AWS has granted; the place may stand in the listing.
    pub granted: Vec<(Option<Place>, FileId)>,
    /// What is there.
    pub existing: Vec<(Place, FileId)>,
}

/// Adds what listings say to what a blueprint says, if that means anything. Of each row and place, a listing
/// goes before the blueprint.
pub fn learn(sources: &Sources, listings: &Listings, spec: Option<&mut Spec>, sink: &mut Sink) {
    let grants = granted::read(sources, &listings.granted, sink);
    let listed = existing::read(sources, &listings.existing, sink);
    let Some(spec) = spec else { return };
    if let Some(grants) = grants {
        granted::apply(grants, spec, sink);
    }
    let used = listed.and_then(|listed| existing::count(&listed, spec, sink));
    for ((place, id), (count, at)) in used.into_iter().flatten() {
        spec.quotas.take_at(place, id, count, &at);
    }
}
