//! AWS Budgets: who is told when something costs more than it should.

use crate::resource::{Body, resource};
use crate::value::{Value, block, map};

/// What an account may cost a month before people are told by e-mail: once for what it has cost,
/// once for what it will have cost at the end of the month.
/// Source: <https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html>.
#[derive(Debug)]
pub struct Budget {
    /// Its name, unique in the account that pays; with CloudFormation, AWS gives it one.
    pub name: Value,
    /// The account that it watches.
    pub account: Value,
    /// US dollars a month.
    pub monthly: u32,
    /// The share of it from which people are told, in percent.
    pub threshold: u8,
    /// Whom to tell: at most ten e-mail addresses, sorted, as any other order would be another budget.
    pub notify: Vec<String>,
}

resource!(Budget, Some("AWS::Budgets::Budget"), "aws_budgets_budget", taggable: true, |self| {
    let limit = [("Amount", Value::from(self.monthly)), ("Unit", "USD".into())];
    let budget = block([
        ("BudgetName", self.name),
        ("BudgetType", "COST".into()),
        ("TimeUnit", "MONTHLY".into()),
        ("BudgetLimit", block(limit)),
        ("CostFilters", map([("LinkedAccount", Value::List(vec![self.account]))])),
    ]);
    let subscriber = |address: &String| {
        block([("SubscriptionType", "EMAIL".into()), ("Address", Value::from(address))])
    };
    let subscribers: Vec<Value> = self.notify.iter().map(subscriber).collect();
    let notification = |kind: &str| {
        let when = block([
            ("ComparisonOperator", "GREATER_THAN".into()),
            ("NotificationType", kind.into()),
            ("Threshold", i64::from(self.threshold).into()),
            ("ThresholdType", "PERCENTAGE".into()),
        ]);
        block([("Notification", when), ("Subscribers", Value::List(subscribers.clone()))])
    };
    let notifications = vec![notification("ACTUAL"), notification("FORECASTED")];
    Body::new()
        .set("Budget", budget)
        .set("NotificationsWithSubscribers", Value::List(notifications))
});
