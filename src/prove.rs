//! As proved: what was rendered is read back, a small model of network, identity and data is made of
//! it, and every pair of tenants is judged. Nothing here knows a model, a component or an engine: what
//! they decided is found in the files, or it is not there.

pub mod rule; // what a proof complains of
pub mod verdict; // what is said, of whom, and by what path
pub mod read; // files → things that would be deployed
pub mod network; // who reaches whom
pub mod identity; // who may act on whose data, by policies
pub mod data; // whose rows and items are whose, by migrations and catalogues
pub mod statement; // what the blueprint states must, and must not, be reached
pub mod proof; // the layers together: a verdict for every pair

use proof::Proof;
use read::manifest::Manifest;
use read::{Engine, Folder, Thing, Trouble};
use verdict::{Answer, Finding, Question};

/// One layer of the proof: it takes things in, one by one, and then judges.
pub trait Layer {
    /// Whether things of a type matter to it.
    fn wants(&self, kind: &str) -> bool;
    /// Takes a thing in.
    fn take(&mut self, thing: &Thing<'_>);
    /// Takes an account in that the estate names as its own, whether anything stands there or not.
    fn account(&mut self, _account: &str) {}
    /// Takes a file in that is neither template nor root: SQL, items of catalogues.
    fn file(&mut self, _path: &str, _text: &str) {}
    /// Judges everybody against everybody: what is `Reachable`, at most [`LIMIT`] findings, sorted.
    /// Between tenants who are in none nothing gets through.
    fn judge(&mut self) -> Vec<Finding>;
    /// What stands between two tenants in this layer: the boundary (`Isolated`), or what both use by
    /// design (`Shared`: hub, load balancer, pool) with what keeps them apart in it. Nothing, if this
    /// layer has nothing to say of them, or something gets through.
    fn why(&self, from: &str, to: &str) -> Option<Finding>;
    /// Whether a statement of the blueprint holds; `None` if it is not this layer's to say.
    fn ask(&self, _question: &Question) -> Option<Answer> {
        None
    }
    /// What this layer could not read so that nothing is proved; sorted.
    fn troubles(&self) -> Vec<Trouble> {
        Vec::new()
    }
    /// What this layer does not look at, or takes for granted, in what it was given; sorted.
    fn outside(&self) -> Vec<String> {
        Vec::new()
    }
}

/// How many findings a layer gives at most: a broken estate is shown broken by the first.
pub const LIMIT: usize = 1_000;

/// The layers, ready to take things in.
pub fn layers() -> Vec<Box<dyn Layer>> {
    vec![
        Box::<network::judge::Layered>::default(),
        Box::<identity::Identity>::default(),
        Box::<data::Data>::default(),
    ]
}

/// Whether a layer looks at things of a type.
fn wanted(kind: &str) -> bool {
    layers().iter().any(|layer| layer.wants(kind))
}

/// The engines that a folder is there for.
pub fn engines(folder: &dyn Folder) -> Result<Vec<Engine>, Trouble> {
    let text = folder.text("manifest.json").ok_or_else(|| Trouble {
        file: "manifest.json".to_owned(),
        message: "it is not there: this is no folder that tenantry wrote".to_owned(),
    })?;
    let manifest = Manifest::read(&text)?;
    let engines = [Engine::CloudFormation, Engine::Terraform].into_iter();
    Ok(engines.filter(|engine| manifest.engines.iter().any(|own| own == engine.id())).collect())
}

/// Proves a rendered folder, for every engine that it is there for.
pub fn prove(folder: &dyn Folder) -> Result<Vec<Proof>, Vec<Trouble>> {
    let engines = engines(folder).map_err(|trouble| vec![trouble])?;
    engines.into_iter().map(|engine| proof::prove(folder, engine)).collect()
}
