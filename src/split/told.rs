//! A value that one part tells and others read: a parameter of Systems Manager there, and a parameter of
//! the template here. What it costs is weighed on what is written.

use crate::engine::cloudformation;
use crate::name::pascal;
use crate::resource::ssm::Parameter;
use crate::spec::Spec;
use crate::template::{Entry, NAME, Param, ParamKind, Template};
use crate::value::{LogicalId, Value, join, param};

/// What a value is for that another part reads.
const ABOUT: &str = "What another part of the stack stands on";

/// A value of a resource that another part reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The part of the resource.
    pub part: u32,
    /// The resource.
    id: LogicalId,
    /// What it is of the resource.
    word: String,
    /// The attribute; `None` for what a reference means.
    attribute: Option<&'static str>,
    /// CloudFormation's type of it.
    kind: &'static str,
    /// CloudFormation's type of the resource.
    of: &'static str,
}

impl Told {
    /// A value of a resource in a part.
    pub fn new(part: u32, entry: &Entry, attribute: Option<&'static str>) -> Self {
        let of = entry.cfn.unwrap_or_default();
        let (word, kind) = match (of, attribute) {
            ("AWS::EC2::SecurityGroup", None | Some("GroupId")) => {
                ("Id", "AWS::EC2::SecurityGroup::Id")
            }
            ("AWS::EC2::Subnet", None) => ("Id", "AWS::EC2::Subnet::Id"),
            ("AWS::EC2::VPC", None) => ("Id", "AWS::EC2::VPC::Id"),
            (_, Some(attribute)) => (attribute, "String"),
            (
                "AWS::DynamoDB::Table"
                | "AWS::IAM::Role"
                | "AWS::Lambda::Function"
                | "AWS::Logs::LogGroup",
                None,
            ) => ("Name", "String"),
            (_, None) => ("Id", "String"),
        };
        Told { part, id: entry.id.clone(), word: pascal(word), attribute, kind, of }
    }

    /// The parameter that holds it elsewhere.
    pub fn param(&self) -> String {
        format!("Part{}{}{}", self.part, self.id, self.word)
    }

    /// The end of the path that it is told under.
    pub fn tail(&self) -> String {
        format!("/{}.{}", self.id, self.word)
    }

    /// Tells it.
    pub fn tell(&self, spec: &Spec, template: &mut Template) {
        let value = match self.attribute {
            Some(attribute) => Value::Att(self.id.clone(), attribute),
            None => Value::Ref(self.id.clone()),
        };
        self.add(spec, template, value);
    }

    /// Puts what tells it where it need not be told, as all that needs it stands there.
    pub fn keep(&self, spec: &Spec, template: &mut Template) {
        self.add(spec, template, Value::Text(String::new()));
    }

    fn add(&self, spec: &Spec, template: &mut Template, value: Value) {
        let path = join([spec.parameter("part/").into(), param(NAME), self.tail().into()]);
        let name = format!("{}{}ForParts", self.id, self.word);
        template.unit = None;
        template.add(name, Parameter { path, description: ABOUT, value });
    }

    /// Declares what it is read by.
    pub fn read(&self) -> Param {
        Param {
            name: self.param(),
            kind: ParamKind::Imported(self.kind),
            description: format!("{} of part {}", &self.tail()[1..], self.part),
            of: Some((self.of, self.attribute)),
        }
    }
}

/// The bytes that it takes to tell a value of a resource: in its part, and in one that reads it. `sample`
/// is a template of the family without resources.
pub fn weigh(
    spec: &Spec,
    mut sample: Template,
    entry: &Entry,
    attribute: Option<&'static str>,
) -> (usize, usize) {
    // No template has a thousand parts.
    let told = Told::new(999, entry, attribute);
    told.tell(spec, &mut sample);
    let there = sample.entries.pop();
    let there = there.map_or(0, |entry| cloudformation::weigh_entry(&entry, &sample));
    (there, cloudformation::weigh_param(sample.params.len(), &told.read()))
}
