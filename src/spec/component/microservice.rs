//! Small services belong to pools.

use crate::blueprint::shape::Isolation;
use crate::blueprint::shape::component::Microservice;
use crate::diag::Sink;
use crate::source::Site;
use crate::spec::rule;

/// Judges a block of a tier.
pub fn check(block: &Microservice, isolation: Isolation, site: &Site, sink: &mut Sink) {
    if isolation != Isolation::Application {
        let message =
            "small services stand behind the interface of a pool: isolation `application`";
        sink.push(rule::COMPONENT.at(site.key(), message).help("remove `microservice`"));
    }
    for name in block.services.keys() {
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let legal = name.len() <= 24
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(sound)
            && !name.ends_with('-');
        if !legal {
            let message = format!("{name:?} cannot be the name of a service");
            let help = "use lower-case letters, digits and hyphens, a letter first, at most 24";
            let at = site.child("services").child(name.as_str()).key();
            sink.push(rule::COMPONENT.at(at, message).help(help));
        }
    }
}
