//! Amazon `EventBridge`: what happens when something happened, or when it is time.

use crate::resource::{Body, resource};
use crate::value::{Id, Value};

/// When a rule fires.
#[derive(Clone, Debug)]
pub enum When {
    /// When an event fits: the pattern.
    Event(Value),
    /// When it is time: `rate(…)` or `cron(…)`, in UTC.
    Time(String),
}

/// A rule with one target.
#[derive(Debug)]
pub struct Rule {
    /// What it is for.
    pub description: &'static str,
    /// When it fires.
    pub when: When,
    /// The ARN of what is told.
    pub target: Value,
    /// The ARN of the role that is taken to tell it, where it has no policy of its own.
    pub role: Option<Value>,
}

/// The only target of a rule.
const TARGET: &str = "target";

resource!(Rule, Some("AWS::Events::Rule"), "aws_cloudwatch_event_rule", taggable: true, |self| {
    let mut target = vec![("Id", TARGET.into()), ("Arn", self.target)];
    target.extend(self.role.map(|role| ("RoleArn", role)));
    let body = Body::new().set("Description", self.description);
    let body = match self.when {
        When::Event(pattern) => body.set("EventPattern", Value::Document(Box::new(pattern))),
        When::Time(schedule) => body.set("ScheduleExpression", schedule),
    };
    body.set("Targets", Value::List(vec![Value::Block(target)]))
});

/// The target of a rule, which is a part of the rule with CloudFormation.
#[derive(Debug)]
pub struct RuleTarget {
    /// The rule.
    pub rule: Id<Rule>,
    /// The ARN of what is told.
    pub target: Value,
    /// The ARN of the role that is taken to tell it.
    pub role: Option<Value>,
}

resource!(RuleTarget, None, "aws_cloudwatch_event_target", taggable: false, |self| {
    Body::new()
        .set("Rule", &self.rule)
        .set("TargetId", TARGET)
        .set("Arn", self.target)
        .set_some("RoleArn", self.role)
});
