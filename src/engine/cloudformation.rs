//! CloudFormation: templates, and for each stack the parameters in the form that
//! `aws cloudformation deploy --parameter-overrides file://…` takes.

use crate::json::{Bytes, Form, Json, Piece, Skeleton, escape};
use crate::template::{Entry, Output, Param, ParamKind, Stack, Template};
use crate::value::{Pseudo, Value};

/// The largest template that can be uploaded directly, in bytes.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>.
pub const DIRECT_BYTES: usize = 51_200;

/// The most resources of a template. Source: as above.
pub const MOST_RESOURCES: usize = 500;

/// The most parameters of a template, and the most outputs. Source: as above.
pub const MOST_VALUES: usize = 200;

/// Where the template of a shape is.
pub fn template_path(shape: &str) -> String {
    format!("cloudformation/templates/{shape}.json")
}

/// Where the parameters of a stack are, or inline its own template.
pub fn stack_path(key: &str) -> String {
    format!("cloudformation/stacks/{key}.json")
}

/// A template, laid out.
pub struct Layout {
    /// The template that all stacks of the shape share.
    pub shared: String,
    /// What a stack's file is a filling of.
    stack: Skeleton,
}

impl Layout {
    /// Lays out a template; `inline`, each stack gets a template of its own.
    pub fn new(template: &Template, inline: bool) -> Self {
        let json: Json = document(template, &Mode { inline });
        let pretty = json.pretty();
        // People read diffs of what fits; what does not fit otherwise is written densely.
        let skeleton = if pretty.len() > DIRECT_BYTES { json.compact() } else { pretty };
        if inline {
            return Layout { shared: String::new(), stack: skeleton };
        }
        // What is read in another account is added when it is deployed.
        let known =
            template.params.iter().enumerate().filter(|(_, p)| p.kind != ParamKind::Foreign);
        let parameters = known.map(|(i, param)| {
            Json::Text(vec![Piece::Literal(format!("{}=", param.name)), Piece::Hole(i)])
        });
        let stack = Json::List(parameters.collect()).pretty();
        Layout { shared: skeleton.fill(&[]), stack }
    }

    /// The file of a stack.
    pub fn stack(&self, stack: &Stack) -> String {
        let escaped: Vec<String> = stack.values.iter().map(|value| escape(value)).collect();
        self.stack.fill(&escaped)
    }
}

/// Whether values are parameters or holes.
struct Mode {
    inline: bool,
}

/// The properties of a resource as CloudFormation takes them, for the schema check.
pub fn properties(entry: &Entry, template: &Template) -> Json {
    render_properties(entry, template, &Mode { inline: false })
}

/// A template in as few bytes as it takes, to be carried by another.
pub fn text(template: &Template) -> String {
    document::<Json>(template, &Mode { inline: false }).compact().fill(&[])
}

/// How many bytes each thing of a template takes, written densely.
pub struct Weights {
    /// Each parameter, in the order of the template.
    pub params: Vec<usize>,
    /// Each entry; nothing for what CloudFormation has no resource for.
    pub entries: Vec<usize>,
    /// Each output.
    pub outputs: Vec<usize>,
}

/// Weighs a template.
pub fn weigh(template: &Template) -> Weights {
    let mode = Mode { inline: false };
    let params = template.params.iter().enumerate();
    let outputs = template.outputs.iter();
    Weights {
        params: params.map(|(i, p)| weigh_param(i, p)).collect(),
        entries: template.entries.iter().map(|entry| weigh_entry(entry, template)).collect(),
        outputs: outputs.map(|o| bytes(o.name, output(o, template, &mode))).collect(),
    }
}

/// How many bytes a parameter takes in a template, by its place there.
pub fn weigh_param(at: usize, param: &Param) -> usize {
    bytes(&param.name, parameter(at, param, &Mode { inline: false }))
}

/// How many bytes a resource takes in a template.
pub fn weigh_entry(entry: &Entry, template: &Template) -> usize {
    let mode = Mode { inline: false };
    entry.cfn.map_or(0, |kind| bytes(&entry.id, resource(kind, entry, template, &mode)))
}

/// How many bytes a value takes in a template.
pub fn weigh_value(v: &Value, template: &Template) -> usize {
    value::<Bytes>(v, template, &Mode { inline: false }).count
}

/// Quotes and a colon stand round a name, and a comma behind its value.
fn bytes(name: &str, it: Bytes) -> usize {
    name.len() + 4 + it.count
}

fn output<F: Form>(o: &Output, template: &Template, mode: &Mode) -> F {
    let value = value(&o.value, template, mode);
    F::object([("Description", F::text(o.description)), ("Value", value)])
}

fn document<F: Form>(template: &Template, mode: &Mode) -> F {
    let mut out = F::object([
        ("AWSTemplateFormatVersion", F::text("2010-09-09")),
        ("Description", F::text(&template.description)),
    ]);
    let params = template
        .params
        .iter()
        .enumerate()
        .filter(|(_, p)| !mode.inline || p.kind != ParamKind::Text);
    let params = F::object(params.map(|(i, p)| (&p.name, parameter(i, p, mode))));
    if !params.is_empty() {
        out.put("Parameters", params);
    }
    let resources = template.entries.iter().filter_map(|entry| {
        let kind = entry.cfn?;
        Some((&entry.id, resource(kind, entry, template, mode)))
    });
    out.put("Resources", F::object(resources));
    let outputs = template.outputs.iter();
    let outputs = F::object(outputs.map(|o| (o.name, output(o, template, mode))));
    if !outputs.is_empty() {
        out.put("Outputs", outputs);
    }
    out
}

fn parameter<F: Form>(index: usize, param: &Param, mode: &Mode) -> F {
    let kind = match param.kind {
        ParamKind::Text | ParamKind::Foreign => "String".to_owned(),
        ParamKind::Imported(kind) => format!("AWS::SSM::Parameter::Value<{kind}>"),
    };
    let mut out =
        F::object([("Type", F::text(&kind)), ("Description", F::text(&param.description))]);
    if mode.inline && param.kind != ParamKind::Foreign {
        out.put("Default", F::hole(index));
    }
    out
}

/// What CloudFormation has no resource for cannot be waited for. It makes a recorder and its channel
/// together, and one that waited for the other would wait for ever. Source:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-config-configurationrecorder.html>.
fn is_waited_for(kind: &str, other: &Entry) -> bool {
    let together = ["AWS::Config::DeliveryChannel", "AWS::Config::ConfigurationRecorder"];
    other.cfn.is_some_and(|other| [kind, other] != together)
}

fn resource<F: Form>(kind: &str, entry: &Entry, template: &Template, mode: &Mode) -> F {
    let mut out = F::object([("Type", F::text(kind))]);
    let after = entry.after.iter().filter(|id| is_waited_for(kind, template.entry(id)));
    let after: Vec<F> = after.map(|id| F::text(id)).collect();
    if !after.is_empty() {
        out.put("DependsOn", F::list(after));
    }
    if entry.keep {
        // A cluster that is kept would keep its network; its snapshot holds all that it knew.
        let policy = if kind == "AWS::RDS::DBCluster" { "Snapshot" } else { "Retain" };
        out.put("DeletionPolicy", F::text(policy));
        out.put("UpdateReplacePolicy", F::text(policy));
    }
    if kind == "AWS::AutoScaling::AutoScalingGroup" {
        out.put("UpdatePolicy", rolling(entry));
    }
    let properties: F = render_properties(entry, template, mode);
    if !properties.is_empty() {
        out.put("Properties", properties);
    }
    out
}

/// What a group must not do by itself while its instances are replaced. Source:
/// <https://repost.aws/knowledge-center/auto-scaling-group-rolling-updates>.
const SUSPENDED: [&str; 5] =
    ["AZRebalance", "AlarmNotification", "HealthCheck", "ReplaceUnhealthy", "ScheduledActions"];

/// A group replaces its instances one after the other when its launch template changes; it would
/// keep the old ones otherwise. The new one is in service before the next goes, for as long as an instance
/// may take to start; without that, all would be gone before the first is up. Source:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html>.
fn rolling<F: Form>(entry: &Entry) -> F {
    let number = |name: &str| match entry.body.get(name) {
        Some(Value::Text(text)) => text.parse().unwrap_or(1),
        Some(Value::Int(number)) => *number,
        _ => 0,
    };
    // AWS wants it below the greatest size, as one more runs for the while.
    let serving = number("MinSize").min(number("MaxSize") - 1);
    let policy = F::object([
        ("MaxBatchSize", F::int(1)),
        ("MinInstancesInService", F::int(serving)),
        ("PauseTime", F::text(&format!("PT{}S", number("HealthCheckGracePeriod")))),
        ("SuspendProcesses", F::list(SUSPENDED.map(F::text))),
    ]);
    F::object([("AutoScalingRollingUpdate", policy)])
}

fn render_properties<F: Form>(entry: &Entry, template: &Template, mode: &Mode) -> F {
    let mut out = F::object::<&str>([]);
    for (name, property) in &entry.body.properties {
        let property = match property {
            Value::Block(fields) if entry.cfn == Some("AWS::Budgets::Budget") => {
                value(&nameless(fields), template, mode)
            }
            property => value(property, template, mode),
        };
        out.put(name, property);
    }
    if entry.cfn == Some("AWS::EC2::SecurityGroup") {
        out.put("SecurityGroupEgress", F::list([no_egress()]));
    }
    if let Some(tags) = &entry.tags {
        tag(entry, tags, template, mode, &mut out);
    }
    out
}

/// A budget without its name, which is left to AWS: who is told cannot be changed, so another budget is made
/// before the old one goes, and two of one name cannot be. Sources:
/// <https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/365>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-budgets-budget-budgetdata.html>.
fn nameless(fields: &[(&'static str, Value)]) -> Value {
    Value::Block(fields.iter().filter(|(name, _)| *name != "BudgetName").cloned().collect())
}

/// How a type takes tags.
enum Tagging {
    /// A list of keys and values.
    List,
    /// An object of them.
    Map,
    /// A list for the resource itself, beside those for what is made of it.
    Specification(&'static str),
    /// A list that says of each tag whether it is put on what is launched, too.
    Launched,
}

/// The types that take tags in another property, or in another form, than a list called `Tags`.
const TAGGING: &[(&str, &str, Tagging)] = &[
    ("AWS::AutoScaling::AutoScalingGroup", "Tags", Tagging::Launched),
    ("AWS::Backup::BackupPlan", "BackupPlanTags", Tagging::Map),
    ("AWS::Backup::BackupVault", "BackupVaultTags", Tagging::Map),
    ("AWS::Budgets::Budget", "ResourceTags", Tagging::List),
    ("AWS::Cognito::IdentityPool", "IdentityPoolTags", Tagging::List),
    ("AWS::Cognito::UserPool", "UserPoolTags", Tagging::Map),
    ("AWS::EC2::LaunchTemplate", "TagSpecifications", Tagging::Specification("launch-template")),
    ("AWS::ImageBuilder::Component", "Tags", Tagging::Map),
    ("AWS::ImageBuilder::DistributionConfiguration", "Tags", Tagging::Map),
    ("AWS::ImageBuilder::Image", "Tags", Tagging::Map),
    ("AWS::ImageBuilder::ImagePipeline", "Tags", Tagging::Map),
    ("AWS::ImageBuilder::ImageRecipe", "Tags", Tagging::Map),
    ("AWS::ImageBuilder::InfrastructureConfiguration", "Tags", Tagging::Map),
    ("AWS::SSM::Parameter", "Tags", Tagging::Map),
];

/// Puts tags on a resource, in the form that its type takes.
fn tag<F: Form>(
    entry: &Entry,
    tags: &[(String, Value)],
    template: &Template,
    mode: &Mode,
    out: &mut F,
) {
    let own = TAGGING.iter().find(|(kind, ..)| entry.cfn == Some(*kind));
    let (property, form) = own.map_or(("Tags", &Tagging::List), |(_, name, form)| (*name, form));
    let tags = match form {
        Tagging::List => tag_list(tags, template, mode, false),
        Tagging::Launched => tag_list(tags, template, mode, true),
        Tagging::Map => F::object(tags.iter().map(|(key, v)| (key, value(v, template, mode)))),
        Tagging::Specification(kind) => {
            let list = tag_list(tags, template, mode, false);
            let fields = [("ResourceType", F::text(kind)), ("Tags", list)];
            F::list([F::object(fields)])
        }
    };
    out.put(property, tags);
}

/// Tags as a list of keys and values; `launch`, each is put on what is launched, too.
fn tag_list<F: Form>(
    tags: &[(String, Value)],
    template: &Template,
    mode: &Mode,
    launch: bool,
) -> F {
    let one = |(key, v): &(String, Value)| {
        let mut pair = F::object([("Key", F::text(key)), ("Value", value(v, template, mode))]);
        if launch {
            pair.put("PropagateAtLaunch", F::bool(true));
        }
        pair
    };
    F::list(tags.iter().map(one))
}

/// A group that says nothing about egress lets everything out; it must say something, and this lets
/// nothing out. Source: <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>.
fn no_egress<F: Form>() -> F {
    F::object([
        ("CidrIp", F::text("127.0.0.1/32")),
        ("Description", F::text("Nothing, in place of the default that lets everything out")),
        ("IpProtocol", F::text("-1")),
    ])
}

fn value<F: Form>(v: &Value, template: &Template, mode: &Mode) -> F {
    let reference = |name: &str| F::object([("Ref", F::text(name))]);
    let all = |items: &[Value]| F::list(items.iter().map(|item| value(item, template, mode)));
    match v {
        Value::Text(text) => F::text(text),
        Value::Int(n) => F::int(*n),
        Value::Halves(n) => F::halves(*n),
        Value::Bool(b) => F::bool(*b),
        Value::List(items) => all(items),
        Value::Map(pairs) => F::object(pairs.iter().map(|(k, v)| (k, value(v, template, mode)))),
        Value::Block(pairs) => F::object(pairs.iter().map(|(k, v)| (*k, value(v, template, mode)))),
        Value::Template(name) => F::text(&text(&template.inner[name])),
        Value::Param(name) => match hole(name, template, mode) {
            Some(index) => F::hole(index),
            None => reference(name),
        },
        Value::Ref(id) => reference(id),
        Value::Att(id, attribute) => {
            F::object([("Fn::GetAtt", F::list([F::text(id), F::text(attribute)]))])
        }
        Value::Join(parts) => join(parts, template, mode),
        Value::Separated(separator, parts) => {
            F::object([("Fn::Join", F::list([F::text(separator), all(parts)]))])
        }
        Value::Pseudo(pseudo) => reference(match pseudo {
            Pseudo::Account => "AWS::AccountId",
            Pseudo::Region => "AWS::Region",
            Pseudo::Partition => "AWS::Partition",
            Pseudo::UrlSuffix => "AWS::URLSuffix",
        }),
        Value::Document(inner) => value(inner, template, mode),
        Value::Base64(inner) => F::object([("Fn::Base64", value(inner, template, mode))]),
        Value::Tags(tags) => tag_list(tags, template, mode, false),
    }
}

fn hole(name: &str, template: &Template, mode: &Mode) -> Option<usize> {
    let index = template.param_index(name).expect("a parameter is declared before it is used");
    (mode.inline && template.params[index].kind == ParamKind::Text).then_some(index)
}

/// Strings, without those that are themselves put together.
fn flat<'v>(parts: &'v [Value]) -> Vec<&'v Value> {
    let of = |part: &'v Value| match part {
        Value::Join(inner) => flat(inner),
        other => vec![other],
    };
    parts.iter().flat_map(of).collect()
}

/// Strings put together. Never `Fn::Sub`: text of users would be a template there.
fn join<F: Form>(parts: &[Value], template: &Template, mode: &Mode) -> F {
    let mut out: Vec<F> = Vec::new();
    for part in flat(parts) {
        match (value::<F>(part, template, mode), out.last_mut()) {
            (next, Some(before)) if next.is_text() && before.is_text() => before.append(next),
            (next, _) => out.push(next),
        }
    }
    if out.len() == 1 && out[0].is_text() {
        return out.remove(0);
    }
    F::object([("Fn::Join", F::list([F::text(""), F::list(out)]))])
}
