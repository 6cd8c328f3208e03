//! What the blueprint states: who must reach what, and who must not. The statements stand in the
//! manifest, so that a folder is proved with them.

use ipnet::Ipv4Net;
use serde_json::Value;

use super::Layer;
use super::read::manifest::Manifest;
use super::verdict::{Answer, End, Hop, Protocol, Question};

/// A statement, and whether it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// As it stands in the manifest: who, whom, and how.
    pub text: String,
    /// Whether it must be reached, or must not.
    pub must: bool,
    /// Whether it holds.
    pub holds: bool,
    /// How many questions it came to: one for each tenant that it names.
    pub asked: u64,
    /// The question that decides, if it does not hold.
    pub question: Option<Question>,
    /// The path: how it is reached, or how far one comes.
    pub witness: Vec<Hop>,
    /// Why it does not hold, where there is no path to show.
    pub why: String,
}

impl Held {
    /// What is so instead, if it does not hold, in half a sentence.
    pub fn instead(&self) -> String {
        match (self.witness.last(), self.must) {
            (None, _) => self.why.clone(),
            (Some(last), true) => format!("the way ends: {}, {}", last.what, last.why),
            (Some(_), false) => {
                format!("there is a way in {} steps, which `prove` shows", self.witness.len())
            }
        }
    }
}

/// Asks every statement of a manifest.
pub fn check(manifest: &Manifest, layers: &[Box<dyn Layer>]) -> Vec<Held> {
    manifest.statements.iter().map(|statement| ask(statement, manifest, layers)).collect()
}

fn ask(statement: &Value, manifest: &Manifest, layers: &[Box<dyn Layer>]) -> Held {
    let word = |name: &str| statement[name].as_str().unwrap_or_default();
    let must = statement["must"] == true;
    let (from, to) = (ends(word("from"), manifest), ends(word("to"), manifest));
    let protocol = match word("protocol") {
        "udp" => Protocol::Udp,
        "icmp" => Protocol::Icmp,
        _ => Protocol::Tcp,
    };
    let port = statement["port"].as_u64().and_then(|port| u16::try_from(port).ok());
    let mut out = Held {
        text: text(statement),
        must,
        holds: true,
        asked: 0,
        question: None,
        witness: Vec::new(),
        why: String::new(),
    };
    for (from, to) in from.iter().flat_map(|from| to.iter().map(move |to| (from, to))) {
        if from == to {
            continue;
        }
        let question = Question { from: from.clone(), to: to.clone(), protocol, port };
        out.asked += 1;
        let answer = layers.iter().find_map(|layer| layer.ask(&question));
        if !take(answer, &question, &mut out) {
            return out;
        }
    }
    if out.asked == 0 {
        (out.holds, out.why) = (!must, "nobody is there who could".to_owned());
    }
    out
}

/// Takes an answer in; whether the statement still holds.
fn take(answer: Option<Answer>, question: &Question, out: &mut Held) -> bool {
    let (reaches, witness, why) = match answer {
        Some(Answer::Reaches(witness)) => (true, witness, String::new()),
        Some(Answer::Refused(witness)) => (false, witness, String::new()),
        Some(Answer::Nowhere(why)) => (false, Vec::new(), why),
        None => (!out.must, Vec::new(), "no layer can tell".to_owned()),
    };
    if reaches != out.must {
        out.holds = false;
        out.question = Some(question.clone());
        (out.witness, out.why) = (witness, why);
    } else if out.witness.is_empty() {
        out.witness = witness;
    }
    out.holds
}

/// The statement in one line.
fn text(statement: &Value) -> String {
    let word = |name: &str| statement[name].as_str().unwrap_or_default();
    let protocol = if word("protocol").is_empty() { "tcp" } else { word("protocol") };
    let port = statement["port"].as_u64().map_or(String::new(), |port| format!(" {port}"));
    let verb = if statement["must"] == true { "must reach" } else { "must not reach" };
    format!("{} {verb} {}, {protocol}{port}", word("from"), word("to"))
}

/// Everybody that a word names: `hub`, `internet`, `tenants`, `tier/<id>`, `tenant/<id>`, or a block.
fn ends(word: &str, manifest: &Manifest) -> Vec<End> {
    let tenants = |wanted: &dyn Fn(&str, Option<&str>) -> bool| -> Vec<End> {
        let all = manifest.tenants();
        let own = all.iter().filter(|(id, stacks)| {
            wanted(id, stacks.iter().find_map(|stack| stack.tier.as_deref()))
        });
        own.map(|(id, _)| End::Tenant((*id).to_owned())).collect()
    };
    match word.split_once('/') {
        None if word == "hub" => vec![End::Hub],
        None if word == "internet" => vec![End::Internet],
        None if word == "tenants" => tenants(&|_, _| true),
        Some(("tier", tier)) => tenants(&|_, own| own == Some(tier)),
        Some(("tenant", tenant)) => tenants(&|id, _| id == tenant),
        _ => word.parse::<Ipv4Net>().map(End::Block).into_iter().collect(),
    }
}
