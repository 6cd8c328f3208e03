//! CloudFormation: templates, and for each stack the parameters in the form that
//! `aws cloudformation deploy --parameter-overrides file://…` takes.

use crate::json::{Json, Piece, Skeleton, escape};
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
        let json = document(template, &Mode { inline });
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
    document(template, &Mode { inline: false }).compact().fill(&[])
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
        outputs: outputs.map(|o| bytes(o.name, &output(o, template, &mode))).collect(),
    }
}

/// How many bytes a parameter takes in a template, by its place there.
pub fn weigh_param(at: usize, param: &Param) -> usize {
    bytes(&param.name, &parameter(at, param, &Mode { inline: false }))
}

/// How many bytes a resource takes in a template.
pub fn weigh_entry(entry: &Entry, template: &Template) -> usize {
    let mode = Mode { inline: false };
    entry.cfn.map_or(0, |kind| bytes(&entry.id, &resource(kind, entry, template, &mode)))
}

/// How many bytes a value takes in a template.
pub fn weigh_value(v: &Value, template: &Template) -> usize {
    value(v, template, &Mode { inline: false }).compact().len()
}

/// Quotes and a colon stand round a name, and a comma behind its value.
fn bytes(name: &str, json: &Json) -> usize {
    name.len() + 4 + json.compact().len()
}

fn output(o: &Output, template: &Template, mode: &Mode) -> Json {
    let value = value(&o.value, template, mode);
    Json::object([("Description", Json::text(o.description)), ("Value", value)])
}

fn document(template: &Template, mode: &Mode) -> Json {
    let mut out = Json::object([
        ("AWSTemplateFormatVersion", Json::text("2010-09-09")),
        ("Description", Json::text(&template.description)),
    ]);
    let params = template
        .params
        .iter()
        .enumerate()
        .filter(|(_, p)| !mode.inline || p.kind != ParamKind::Text);
    let params: Vec<_> =
        params.map(|(i, param)| (param.name.clone(), parameter(i, param, mode))).collect();
    if !params.is_empty() {
        out.put("Parameters", Json::Object(params));
    }
    let resources = template.entries.iter().filter_map(|entry| {
        let kind = entry.cfn?;
        Some((entry.id.clone(), resource(kind, entry, template, mode)))
    });
    out.put("Resources", Json::Object(resources.collect()));
    let outputs = template.outputs.iter();
    let outputs: Vec<_> = outputs.map(|o| (o.name.to_owned(), output(o, template, mode))).collect();
    if !outputs.is_empty() {
        out.put("Outputs", Json::Object(outputs));
    }
    out
}

fn parameter(index: usize, param: &Param, mode: &Mode) -> Json {
    let kind = match param.kind {
        ParamKind::Text | ParamKind::Foreign => "String".to_owned(),
        ParamKind::Imported(kind) => format!("AWS::SSM::Parameter::Value<{kind}>"),
    };
    let mut out =
        Json::object([("Type", Json::text(kind)), ("Description", Json::text(&param.description))]);
    if mode.inline && param.kind != ParamKind::Foreign {
        out.put("Default", Json::Text(vec![Piece::Hole(index)]));
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

fn resource(kind: &str, entry: &Entry, template: &Template, mode: &Mode) -> Json {
    let mut out = Json::object([("Type", Json::text(kind))]);
    let after = entry.after.iter().filter(|id| is_waited_for(kind, template.entry(id)));
    let after: Vec<Json> = after.map(Json::text).collect();
    if !after.is_empty() {
        out.put("DependsOn", Json::List(after));
    }
    if entry.keep {
        // A cluster that is kept would keep its network; its snapshot holds all that it knew.
        let policy = if kind == "AWS::RDS::DBCluster" { "Snapshot" } else { "Retain" };
        out.put("DeletionPolicy", Json::text(policy));
        out.put("UpdateReplacePolicy", Json::text(policy));
    }
    if kind == "AWS::AutoScaling::AutoScalingGroup" {
        out.put("UpdatePolicy", rolling(entry));
    }
    let properties = render_properties(entry, template, mode);
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
fn rolling(entry: &Entry) -> Json {
    let number = |name: &str| match entry.body.get(name) {
        Some(Value::Text(text)) => text.parse().unwrap_or(1),
        Some(Value::Int(number)) => *number,
        _ => 0,
    };
    // AWS wants it below the greatest size, as one more runs for the while.
    let serving = number("MinSize").min(number("MaxSize") - 1);
    let policy = Json::object([
        ("MaxBatchSize", Json::Int(1)),
        ("MinInstancesInService", Json::Int(serving)),
        ("PauseTime", Json::text(format!("PT{}S", number("HealthCheckGracePeriod")))),
        ("SuspendProcesses", Json::List(SUSPENDED.map(Json::text).into())),
    ]);
    Json::object([("AutoScalingRollingUpdate", policy)])
}

fn render_properties(entry: &Entry, template: &Template, mode: &Mode) -> Json {
    let mut out = Json::Object(Vec::new());
    for (name, property) in &entry.body.properties {
        let property = match property {
            Value::Block(fields) if entry.cfn == Some("AWS::Budgets::Budget") => {
                value(&nameless(fields), template, mode)
            }
            property => value(property, template, mode),
        };
        out.put(*name, property);
    }
    if entry.cfn == Some("AWS::EC2::SecurityGroup") {
        out.put("SecurityGroupEgress", Json::List(vec![no_egress()]));
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
fn tag(entry: &Entry, tags: &[(String, Value)], template: &Template, mode: &Mode, out: &mut Json) {
    let own = TAGGING.iter().find(|(kind, ..)| entry.cfn == Some(*kind));
    let (property, form) = own.map_or(("Tags", &Tagging::List), |(_, name, form)| (*name, form));
    let tags = match form {
        Tagging::List => tag_list(tags, template, mode, false),
        Tagging::Launched => tag_list(tags, template, mode, true),
        Tagging::Map => {
            let pairs = tags.iter().map(|(key, v)| (key.clone(), value(v, template, mode)));
            Json::Object(pairs.collect())
        }
        Tagging::Specification(kind) => {
            let list = tag_list(tags, template, mode, false);
            let fields = [("ResourceType", Json::text(*kind)), ("Tags", list)];
            Json::List(vec![Json::object(fields)])
        }
    };
    out.put(property, tags);
}

/// Tags as a list of keys and values; `launch`, each is put on what is launched, too.
fn tag_list(tags: &[(String, Value)], template: &Template, mode: &Mode, launch: bool) -> Json {
    let one = |(key, v): &(String, Value)| {
        let mut pair =
            Json::object([("Key", Json::text(key)), ("Value", value(v, template, mode))]);
        if launch {
            pair.put("PropagateAtLaunch", Json::Bool(true));
        }
        pair
    };
    Json::List(tags.iter().map(one).collect())
}

/// A group that says nothing about egress lets everything out; it must say something, and this lets
/// nothing out. Source: <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>.
fn no_egress() -> Json {
    Json::object([
        ("CidrIp", Json::text("127.0.0.1/32")),
        ("Description", Json::text("Nothing, in place of the default that lets everything out")),
        ("IpProtocol", Json::text("-1")),
    ])
}

fn value(v: &Value, template: &Template, mode: &Mode) -> Json {
    let reference = |name: &str| Json::object([("Ref", Json::text(name))]);
    let all = |items: &[Value]| {
        Json::List(items.iter().map(|item| value(item, template, mode)).collect())
    };
    match v {
        Value::Text(text) => Json::text(text),
        Value::Int(n) => Json::Int(*n),
        Value::Halves(n) => Json::Halves(*n),
        Value::Bool(b) => Json::Bool(*b),
        Value::List(items) => all(items),
        Value::Map(pairs) => {
            Json::Object(pairs.iter().map(|(k, v)| (k.clone(), value(v, template, mode))).collect())
        }
        Value::Block(pairs) => {
            Json::object(pairs.iter().map(|(k, v)| (*k, value(v, template, mode))))
        }
        Value::Template(name) => Json::text(text(&template.inner[name])),
        Value::Param(name) => match hole(name, template, mode) {
            Some(hole) => Json::Text(vec![hole]),
            None => reference(name),
        },
        Value::Ref(id) => reference(id),
        Value::Att(id, attribute) => {
            Json::object([("Fn::GetAtt", Json::List(vec![Json::text(id), Json::text(*attribute)]))])
        }
        Value::Join(parts) => join(parts, template, mode),
        Value::Separated(separator, parts) => {
            Json::object([("Fn::Join", Json::List(vec![Json::text(*separator), all(parts)]))])
        }
        Value::Pseudo(pseudo) => reference(match pseudo {
            Pseudo::Account => "AWS::AccountId",
            Pseudo::Region => "AWS::Region",
            Pseudo::Partition => "AWS::Partition",
            Pseudo::UrlSuffix => "AWS::URLSuffix",
        }),
        Value::Document(inner) => value(inner, template, mode),
        Value::Base64(inner) => Json::object([("Fn::Base64", value(inner, template, mode))]),
        Value::Tags(tags) => tag_list(tags, template, mode, false),
    }
}

fn hole(name: &str, template: &Template, mode: &Mode) -> Option<Piece> {
    let index = template.param_index(name).expect("a parameter is declared before it is used");
    (mode.inline && template.params[index].kind == ParamKind::Text).then_some(Piece::Hole(index))
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
fn join(parts: &[Value], template: &Template, mode: &Mode) -> Json {
    let mut out: Vec<Json> = Vec::new();
    for part in flat(parts) {
        match (value(part, template, mode), out.last_mut()) {
            (Json::Text(pieces), Some(Json::Text(before))) => before.extend(pieces),
            (next, _) => out.push(next),
        }
    }
    if let [Json::Text(_)] = out.as_slice() {
        return out.remove(0);
    }
    Json::object([("Fn::Join", Json::List(vec![Json::text(""), Json::List(out)]))])
}
