//! What the managing account of an organization has: units, accounts, policies, stack sets and
//! budgets.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::declared::plain;
use super::take::{items, text};
use crate::api::Api;
use crate::organization::{POLICIES, ask, instances, members, stack_sets, units};

type Sets = BTreeMap<&'static str, Vec<Value>>;

/// Adds all of it, if the account manages an organization.
pub fn add(api: &Api, account: &str, sets: &mut Sets) -> Result<(), String> {
    let known = match ask(api, "DescribeOrganization", &json!({})) {
        Ok(told) => told["Organization"].clone(),
        Err(why) if why.contains("AWSOrganizationsNotInUseException") => return Ok(()),
        Err(why) => return Err(why),
    };
    if known["MasterAccountId"] != account {
        return Ok(());
    }
    let root = ask(api, "ListRoots", &json!({}))?["Roots"][0]["Id"].clone();
    let named = |id: &Value, name: &str| json!({"Id": id, "Name": name});
    sets.insert("organization", vec![named(&known["Id"], "organization"), named(&root, "root")]);
    let mut found = Vec::new();
    for id in units(api)? {
        let asked = json!({"OrganizationalUnitId": id});
        let unit = ask(api, "DescribeOrganizationalUnit", &asked)?;
        found.push(child(api, unit["OrganizationalUnit"].clone())?);
    }
    sets.insert("unit", found);
    let each = members(api)?.into_iter().map(|it| child(api, it));
    sets.insert("account", each.collect::<Result<_, _>>()?);
    sets.insert("control policy", policies(api)?);
    sets.insert("stack set", sets_of_stacks(api)?);
    sets.insert("budget", budgets(api, account)?);
    Ok(())
}

/// A unit or an account, with what it belongs to.
fn child(api: &Api, mut it: Value) -> Result<Value, String> {
    let above = ask(api, "ListParents", &json!({"ChildId": it["Id"]}))?;
    it["above"] = above["Parents"][0]["Id"].clone();
    tagged(api, it)
}

fn tagged(api: &Api, mut it: Value) -> Result<Value, String> {
    let told = ask(api, "ListTagsForResource", &json!({"ResourceId": it["Id"]}))?;
    it["tagSet"] = lower(&told["Tags"]);
    Ok(it)
}

/// Pairs as EC2 writes them.
fn lower(tags: &Value) -> Value {
    let pair = |tag: &Value| json!({"key": tag["Key"], "value": tag["Value"]});
    items(tags).iter().map(pair).collect()
}

fn policies(api: &Api) -> Result<Vec<Value>, String> {
    let mut own = Vec::new();
    for kind in POLICIES {
        let told = ask(api, "ListPolicies", &json!({"Filter": kind}))?;
        own.extend(items(&told["Policies"]).iter().filter(|it| it["AwsManaged"] != true).cloned());
    }
    let whole = |it: &Value| {
        let asked = json!({"PolicyId": it["Id"]});
        let told = ask(api, "DescribePolicy", &asked)?;
        let mut it = it.clone();
        it["content"] = told["Policy"]["Content"].clone();
        let told = ask(api, "ListTargetsForPolicy", &asked)?;
        it["targets"] = items(&told["Targets"]).iter().map(|to| to["TargetId"].clone()).collect();
        tagged(api, it)
    };
    own.iter().map(whole).collect()
}

fn sets_of_stacks(api: &Api) -> Result<Vec<Value>, String> {
    let whole = |set: &Value| {
        let name = text(set, "StackSetName");
        let asked = [("StackSetName", name.as_str())];
        let told = api.query("cloudformation", "2010-05-15", "DescribeStackSet", &asked)?;
        let mut set = told["DescribeStackSetResult"]["StackSet"].clone();
        set["accounts"] = json!(instances(api, &name)?);
        set["template"] = set["TemplateBody"].take();
        set["parameters"] = set["Parameters"].take();
        set["tagSet"] = lower(&set["Tags"]);
        Ok(set)
    };
    stack_sets(api)?.iter().map(whole).collect()
}

fn budgets(api: &Api, account: &str) -> Result<Vec<Value>, String> {
    let ask = |action: &str, asked: &Value| {
        api.json("budgets", &format!("AWSBudgetServiceGateway.{action}"), asked)
    };
    let told = ask("DescribeBudgets", &json!({"AccountId": account}))?;
    let whole = |it: &Value| {
        let of = json!({"AccountId": account, "BudgetName": it["BudgetName"]});
        let mut told = Vec::new();
        let when = ask("DescribeNotificationsForBudget", &of)?;
        for one in items(&when["Notifications"]) {
            let mut asked = of.clone();
            asked["Notification"] = one.clone();
            let whom = ask("DescribeSubscribersForNotification", &asked)?;
            told.push(notification(one, &whom["Subscribers"]));
        }
        let name = text(it, "BudgetName");
        let arn = format!("arn:aws:budgets::{account}:budget/{name}");
        let tags = ask("ListTagsForResource", &json!({"ResourceARN": arn}))?;
        let mut made = budget(it, &told);
        made["tagSet"] = lower(&tags["ResourceTags"]);
        Ok(made)
    };
    items(&told["Budgets"]).iter().map(whole).collect()
}

/// A budget as a template declares it, in the form of `budgets`.
pub fn declared_budget(p: &Value) -> Value {
    let told = items(&p["NotificationsWithSubscribers"]).iter();
    let told = told.map(|it| notification(&it["Notification"], &it["Subscribers"]));
    budget(&p["Budget"], &told.collect::<Vec<_>>())
}

fn budget(it: &Value, told: &[Value]) -> Value {
    let limit = &it["BudgetLimit"];
    json!({
        "BudgetName": it["BudgetName"],
        "BudgetType": it["BudgetType"],
        "TimeUnit": it["TimeUnit"],
        "limit": format!("{} {}", number(&limit["Amount"]), plain(&limit["Unit"])),
        "filters": it["CostFilters"],
        "told": told,
    })
}

fn notification(when: &Value, whom: &Value) -> Value {
    let whom = items(whom).iter().map(|it| plain(&it["Address"]));
    json!(format!(
        "{} {} {} {}: {}",
        plain(&when["NotificationType"]),
        plain(&when["ComparisonOperator"]),
        number(&when["Threshold"]),
        plain(&when["ThresholdType"]),
        whom.collect::<Vec<_>>().join(" ")
    ))
}

/// A number is the same with and without decimals.
fn number(value: &Value) -> String {
    let text = plain(value);
    text.parse::<f64>().map_or(text, |number| number.to_string())
}
