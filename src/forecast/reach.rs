//! What is asked of AWS for so many tenants. Where something that they need is never granted, as many as
//! can be had are asked for, and no more.

use crate::check::quota::{Counter, Use};
use crate::forecast::ask::{Refusal, Target, Want};
use crate::forecast::probe::Probe;
use crate::forecast::want::{Outlook, View, grant, outlook};
use crate::forecast::{Growth, forecast_of};
use crate::plan::Lock;
use crate::spec::Spec;

impl Outlook {
    /// Whether something is in the way that nobody grants.
    fn is_blocked(&self) -> bool {
        let never = |want: &Want| matches!(want.refusal(), Some(Refusal::Fixed | Refusal::Most(_)));
        !self.short.is_empty() || self.wants.iter().any(never)
    }
}

/// What must be granted besides, so that all targets are met together, or as much of them as can be: one
/// after the other, in their order.
pub fn foreseen(
    spec: &Spec,
    lock: &Lock,
    uses: &[Use],
    counter: &mut Counter,
    targets: &[Target],
) -> Outlook {
    let view = View { spec, lock, uses };
    let mut probe = Probe::new(spec, lock, counter);
    let mut out = outlook(&view, &mut probe, targets);
    if out.is_blocked() {
        let least = reached(&view, &mut probe, targets, &out);
        let asked = outlook(&view, &mut probe, &least);
        out.homes = asked.homes;
        out.wants.retain(|want| want.refusal().is_some());
        out.wants.extend(asked.wants.into_iter().filter(|want| want.refusal().is_none()));
        out.wants.sort_by(|a, b| order(a).cmp(&order(b)));
    }
    let meant = granted(spec, &out.wants, |want| want.refusal().is_none().then_some(want.need));
    out.then = then(&meant, &view, counter, targets);
    out
}

/// By account, region and quota; what is asked before what is not.
fn order(want: &Want) -> (&str, &str, &str, bool) {
    (&want.at.account, want.region(), want.at.quota, want.refusal().is_some())
}

/// As many tenants of each target as can be had.
fn reached(
    view: &View<'_>,
    probe: &mut Probe<'_, '_>,
    targets: &[Target],
    all: &Outlook,
) -> Vec<Target> {
    let most = |want: &Want| match want.refusal() {
        Some(Refusal::Most(most)) => Some(most.into()),
        Some(Refusal::Fixed) => None,
        _ => Some(want.need),
    };
    let best = then(&granted(view.spec, &all.wants, most), view, probe.counter, targets);
    let mut out: Vec<Target> =
        best.iter().map(|(to, growth)| Target { tenants: growth.tenants, ..to.clone() }).collect();
    for (n, (target, growth)) in best.iter().enumerate() {
        let fits = growth.limits.first().map_or(u64::MAX, |limit| limit.fits);
        // What each reaches alone, all can reach together at most.
        let (mut low, mut high) = (out[n].tenants, target.tenants.min(fits));
        let mut middle = high;
        while low < high {
            out[n].tenants = middle;
            if outlook(view, probe, &out).is_blocked() {
                high = middle - 1;
            } else {
                low = middle;
            }
            middle = high - (high - low) / 2;
        }
        out[n].tenants = low;
    }
    out
}

/// A blueprint as if something of what is wanted were granted.
fn granted(spec: &Spec, wants: &[Want], count: impl Fn(&Want) -> Option<u64>) -> Spec {
    let mut out = spec.clone();
    for want in wants {
        if let Some(need) = count(want) {
            grant(&mut out.quotas, &spec.regions, &Want { need, ..want.clone() });
        }
    }
    out
}

/// How far the tiers of the targets can grow with what was granted.
fn then(
    meant: &Spec,
    view: &View<'_>,
    counter: &mut Counter,
    targets: &[Target],
) -> Vec<(Target, Growth)> {
    let lifted = |one: &Use| Use {
        limit: meant.quotas.granted_in(one.quota, &one.account, &one.region).map(u64::from),
        given: meant.quotas.given_in(one.quota, &one.account, &one.region).is_some(),
        ..one.clone()
    };
    let uses: Vec<Use> = view.uses.iter().map(lifted).collect();
    let tiers: Vec<_> = targets.iter().map(|it| (&it.tier, it.region.clone())).collect();
    let growths = forecast_of(meant, view.lock, &uses, counter, &tiers);
    targets.iter().cloned().zip(growths).collect()
}
