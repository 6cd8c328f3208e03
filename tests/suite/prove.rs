//! What a proof reads, and what it says: over rendered folders only.

use std::collections::BTreeMap;

use tenantry::prove::read::{Deployed, Engine, Thing};

use crate::support::{blueprints, options, synth_blueprint};

/// The rendered folder of a blueprint of the repository, for both engines.
pub fn rendered(name: &str) -> BTreeMap<String, String> {
    let made = synth_blueprint(name, options()).made.expect("it is sound");
    let rendered = made.render();
    let mut out = BTreeMap::new();
    for artifact in rendered.shared() {
        out.insert(artifact.path, artifact.text);
    }
    for stack in rendered.stacks() {
        out.extend(rendered.stack(stack).into_iter().map(|file| (file.path, file.text)));
    }
    out
}

/// Hands over every thing of a rendered folder, whatever its type.
pub fn things(files: &BTreeMap<String, String>, engine: Engine, take: &mut dyn FnMut(&Thing<'_>)) {
    let deployed = Deployed::read(files, engine, &|_| true).expect("it can be read");
    assert_eq!(deployed.troubles, [], "everything is read");
    deployed.each(take);
}

/// Every value is followed to where it comes from.
#[test]
fn nothing_stays_unknown() {
    for name in blueprints() {
        let files = rendered(&name);
        let deployed = Deployed::read(&files, Engine::CloudFormation, &|_| true).expect("read");
        assert_eq!(deployed.unknown(), [], "{name}");
        things(&files, Engine::CloudFormation, &mut |thing| {
            let text = thing.properties.to_string();
            assert!(!text.contains("?{"), "{name} {}: {text}", thing.token());
        });
    }
}
