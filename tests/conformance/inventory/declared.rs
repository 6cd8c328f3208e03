//! What a deployed stack was told to make: its template with the values of its parameters and the
//! physical ids of its resources. Used where an emulator takes a type without making the thing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::take::{items, text};
use crate::api::Api;

/// One deployed stack.
pub struct Declared {
    pub resources: Vec<Resource>,
    pub tags: Value,
}

/// One resource of a stack.
pub struct Resource {
    pub kind: String,
    pub physical: String,
    pub properties: Value,
    /// Stays when the stack goes.
    pub retained: bool,
}

/// Everything that an intrinsic function may ask for.
struct Scope<'a> {
    template: &'a Value,
    parameters: BTreeMap<String, Value>,
    physical: BTreeMap<String, String>,
    /// Default security group, by VPC: the one attribute that is an id of something else.
    default_groups: &'a BTreeMap<String, String>,
}

const VERSION: &str = "2010-05-15";

/// Reads a stack back. `stored` holds the values of Systems Manager parameters by name.
pub fn read(
    api: &Api,
    account: &str,
    partition: &str,
    stack: &str,
    template: &Value,
    stored: &BTreeMap<String, String>,
    default_groups: &BTreeMap<String, String>,
) -> Result<Declared, String> {
    let asked = [("StackName", stack)];
    let told = api.query("cloudformation", VERSION, "DescribeStacks", &asked)?;
    let told = &told["DescribeStacksResult"]["Stacks"][0];
    let mut parameters = pseudo(api, account, partition, stack);
    for given in items(&told["Parameters"]) {
        let name = text(given, "ParameterKey");
        let value = text(given, "ParameterValue");
        let kind = text(&template["Parameters"][&name], "Type");
        let by_name = kind.starts_with("AWS::SSM::Parameter::Value");
        let value = stored.get(&value).filter(|_| by_name).cloned().unwrap_or(value);
        let listed = kind.contains("List<") || kind == "CommaDelimitedList";
        let list = || value.split(',').map(|part| json!(part.trim())).collect();
        parameters.insert(name, if listed { list() } else { json!(value) });
    }
    let listed = resources(api, stack)?;
    let physical =
        listed.iter().map(|it| (text(it, "LogicalResourceId"), text(it, "PhysicalResourceId")));
    let scope = Scope { template, parameters, physical: physical.collect(), default_groups };
    let resource = |it: &Value| {
        let written = &template["Resources"][text(it, "LogicalResourceId")];
        let stays = ["Retain", "RetainExceptOnCreate", "Snapshot"];
        Resource {
            kind: text(it, "ResourceType"),
            physical: text(it, "PhysicalResourceId"),
            properties: scope.value(&written["Properties"]),
            retained: written["DeletionPolicy"].as_str().is_some_and(|it| stays.contains(&it)),
        }
    };
    Ok(Declared { resources: listed.iter().map(resource).collect(), tags: told["Tags"].clone() })
}

fn resources(api: &Api, stack: &str) -> Result<Vec<Value>, String> {
    let (mut found, mut next) = (Vec::new(), String::new());
    loop {
        let mut asked = vec![("StackName", stack)];
        if !next.is_empty() {
            asked.push(("NextToken", &next));
        }
        let told = api.query("cloudformation", VERSION, "ListStackResources", &asked)?;
        let told = &told["ListStackResourcesResult"];
        found.extend_from_slice(items(&told["StackResourceSummaries"]));
        next = text(told, "NextToken");
        if next.is_empty() {
            return Ok(found);
        }
    }
}

fn pseudo(api: &Api, account: &str, partition: &str, stack: &str) -> BTreeMap<String, Value> {
    let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let known = [
        ("AWS::AccountId", account),
        ("AWS::Partition", partition),
        ("AWS::Region", &api.region),
        ("AWS::StackName", stack),
        ("AWS::URLSuffix", suffix),
    ];
    known.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

impl Scope<'_> {
    /// A value of the template as CloudFormation would pass it on. `AWS::NoValue` is null.
    fn value(&self, written: &Value) -> Value {
        match written {
            Value::Object(object) => match object.iter().next() {
                Some((name, asked)) if object.len() == 1 && is_function(name) => {
                    self.function(name, asked)
                }
                _ => {
                    let parts = object.iter().map(|(key, part)| (key.clone(), self.value(part)));
                    parts.filter(|(_, value)| !value.is_null()).collect()
                }
            },
            Value::Array(list) => {
                list.iter().map(|part| self.value(part)).filter(|part| !part.is_null()).collect()
            }
            other => other.clone(),
        }
    }

    fn function(&self, name: &str, asked: &Value) -> Value {
        let part = |at: usize| self.value(&asked[at]);
        match name {
            "Ref" => self.reference(asked.as_str().unwrap_or_default()),
            "Fn::GetAtt" => {
                let dotted = asked.as_str().and_then(|text| text.split_once('.'));
                let (id, attribute) = dotted.unwrap_or_else(|| {
                    (asked[0].as_str().unwrap_or_default(), asked[1].as_str().unwrap_or_default())
                });
                self.attribute(id, attribute)
            }
            "Fn::Sub" => self.substitute(asked),
            "Fn::Join" => {
                let parts = part(1);
                let parts: Vec<String> = items(&parts).iter().map(plain).collect();
                json!(parts.join(&plain(&part(0))))
            }
            "Fn::Select" => part(1)[plain(&part(0)).parse::<usize>().unwrap_or_default()].clone(),
            "Fn::Split" => plain(&part(1)).split(&plain(&part(0))).map(|it| json!(it)).collect(),
            "Fn::If" => part(if self.condition(&asked[0]) { 1 } else { 2 }),
            "Fn::GetAZs" => {
                ["a", "b", "c"].map(|zone| json!(format!("{}{zone}", self.region()))).into()
            }
            _ => json!({ name: asked }),
        }
    }

    fn region(&self) -> String {
        plain(&self.parameters["AWS::Region"])
    }

    fn reference(&self, name: &str) -> Value {
        let parameter = self.parameters.get(name).cloned();
        parameter.or_else(|| self.physical.get(name).map(|id| json!(id))).unwrap_or(Value::Null)
    }

    /// Attributes that are an id are the physical id; an ARN is made of it where it is not one.
    fn attribute(&self, logical: &str, attribute: &str) -> Value {
        let physical = self.physical.get(logical).cloned().unwrap_or_default();
        let written = &self.template["Resources"][logical];
        match attribute {
            "DefaultSecurityGroup" => json!(self.default_groups.get(&physical)),
            "Arn" if !physical.starts_with("arn:") => json!(self.arn(&written["Type"], &physical)),
            _ => match self.value(&written["Properties"][attribute]) {
                Value::Null => json!(physical),
                value => value,
            },
        }
    }

    fn arn(&self, kind: &Value, physical: &str) -> String {
        let part = |name: &str| plain(&self.parameters[name]);
        let (partition, account) = (part("AWS::Partition"), part("AWS::AccountId"));
        let (service, region, what) = match kind.as_str().unwrap_or_default() {
            "AWS::IAM::Role" => ("iam", String::new(), "role/"),
            "AWS::IAM::InstanceProfile" => ("iam", String::new(), "instance-profile/"),
            "AWS::ECS::Cluster" => ("ecs", self.region(), "cluster/"),
            "AWS::CloudWatch::Alarm" => ("cloudwatch", self.region(), "alarm:"),
            "AWS::Logs::LogGroup" => ("logs", self.region(), "log-group:"),
            "AWS::KMS::Key" => ("kms", self.region(), "key/"),
            "AWS::DynamoDB::Table" => ("dynamodb", self.region(), "table/"),
            "AWS::Events::EventBus" => ("events", self.region(), "event-bus/"),
            "AWS::Kinesis::Stream" => ("kinesis", self.region(), "stream/"),
            "AWS::Lambda::Function" => ("lambda", self.region(), "function:"),
            "AWS::SQS::Queue" => {
                // A queue is known by its address, which ends with its name.
                let name = physical.rsplit('/').next().unwrap_or_default();
                return format!("arn:{partition}:sqs:{}:{account}:{name}", self.region());
            }
            "AWS::S3::Bucket" => return format!("arn:{partition}:s3:::{physical}"),
            other => return format!("<the ARN of {other} {physical}>"),
        };
        format!("arn:{partition}:{service}:{region}:{account}:{what}{physical}")
    }

    fn substitute(&self, asked: &Value) -> Value {
        let (text, own) = match asked {
            Value::Array(_) => (plain(&asked[0]), self.value(&asked[1])),
            _ => (plain(asked), Value::Null),
        };
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(before);
            let value = match (name.strip_prefix('!'), own.get(name), name.split_once('.')) {
                (Some(literal), ..) => json!(format!("${{{literal}}}")),
                (_, Some(value), _) => value.clone(),
                (.., Some((logical, attribute))) => self.attribute(logical, attribute),
                _ => self.reference(name),
            };
            out.push_str(&plain(&value));
            rest = after;
        }
        json!(out + rest)
    }

    fn condition(&self, asked: &Value) -> bool {
        if let Some(name) = asked.as_str() {
            return self.condition(&self.template["Conditions"][name]);
        }
        let Some((function, parts)) = asked.as_object().and_then(|it| it.iter().next()) else {
            return asked == true;
        };
        let mut each = items(parts).iter().map(|part| self.condition(part));
        match function.as_str() {
            "Condition" => self.condition(parts),
            "Fn::Equals" => plain(&self.value(&parts[0])) == plain(&self.value(&parts[1])),
            "Fn::And" => each.all(|it| it),
            "Fn::Or" => each.any(|it| it),
            "Fn::Not" => !each.next().unwrap_or_default(),
            _ => false,
        }
    }
}

fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
