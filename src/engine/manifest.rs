//! The manifest: every stack in deploy order, one a line, for CI and for `deploy.sh`, which reads
//! it line by line. The fields and their order are a contract; `schemas/manifest.schema.json` says
//! what they mean.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::engine::{Engine, Options, cloudformation, extra, terraform};
use crate::json::Json;
use crate::resource::Resource as _;
use crate::resource::share::ResourceShare;
use crate::spec::{Access, Spec, Statement};
use crate::template::{Estate, ParamKind, Stack, Template};

/// The version of the manifest's fields.
pub const VERSION: i64 = 1;

/// The manifest of an estate.
pub fn render(
    spec: &Spec,
    estate: &Estate,
    options: &Options,
    digest: &dyn Fn(&Stack) -> String,
) -> String {
    let mut head = Json::object([
        ("schema", Json::Int(VERSION)),
        ("estate", Json::text(spec.estate())),
        ("partition", Json::text(spec.partition.id())),
        ("deploy_account", Json::text(&spec.deploy.account)),
        ("deploy_role", Json::text(&spec.deploy.role)),
        ("engines", Json::List(options.engines.iter().map(|e| Json::text(e.id())).collect())),
        ("inline", Json::Bool(options.inline)),
    ]);
    head.put("partial", Json::Bool(options.partial));
    if spec.has_several_workloads() && spec.network.has_hub() {
        // A list that is reordered changes no byte.
        let all: BTreeSet<&String> = spec.workload_accounts.iter().collect();
        head.put("workload_accounts", Json::List(all.into_iter().map(Json::text).collect()));
    }
    if let Some(account) = unsaid_manager(spec, estate) {
        head.put("management_account", Json::text(account));
    }
    if !spec.statements.is_empty() {
        head.put("reach", Json::List(spec.statements.iter().map(statement).collect()));
    }
    let head = head.to_pretty_string();
    let mut out = head.strip_suffix("\n}\n").expect("an object ends so").to_owned();
    out.push_str(",\n  \"stacks\": [\n");
    for (i, stack) in estate.stacks.iter().enumerate() {
        let (template, files) = (&estate.templates[&stack.shape], extra::paths(stack, options));
        let line = line(stack, template, options, &files, digest(stack)).compact().fill(&[]);
        let _ = writeln!(out, "{line}{}", if i + 1 < estate.stacks.len() { "," } else { "" });
    }
    out.push_str("  ]\n}\n");
    out
}

/// The account that manages the organization, where a hub is shared with all of that and no stack stands in
/// that account: nothing else that is written says whose organization it is.
fn unsaid_manager<'a>(spec: &'a Spec, estate: &Estate) -> Option<&'a str> {
    let account = spec.organization.as_ref()?.account.as_str();
    let mut entries = estate.templates.values().flat_map(|template| &template.entries);
    let shares = entries.any(|entry| entry.tf == ResourceShare::TF);
    let stands = estate.stacks.iter().any(|stack| stack.account == account);
    (shares && !stands).then_some(account)
}

/// Who must reach whom, or must not: what is proved of the folder.
fn statement(statement: &Statement) -> Json {
    let mut out = Json::object([
        ("must", Json::Bool(statement.must)),
        ("from", Json::text(&statement.from)),
        ("to", Json::text(&statement.to)),
        ("protocol", Json::text(statement.protocol.id())),
    ]);
    if let Some(port) = statement.port {
        out.put("port", Json::Int(i64::from(port)));
    }
    out
}

fn line(
    stack: &Stack,
    template: &Template,
    options: &Options,
    files: &[String],
    digest: String,
) -> Json {
    let optional = |text: Option<&String>| text.map_or(Json::Null, Json::text);
    let mut out = Json::object([
        ("key", Json::text(&stack.key)),
        ("stack", Json::text(&stack.name)),
        ("wave", Json::Int(i64::from(stack.wave.number()))),
        ("account", Json::text(&stack.account)),
        ("region", Json::text(&stack.region)),
        ("shape", Json::text(&stack.shape)),
        ("tenant", optional(stack.tenant.as_ref())),
        ("tier", optional(stack.tier.as_ref())),
    ]);
    if stack.is_pending() {
        out.put("pending", Json::Bool(true));
    }
    enter("", stack.access.as_ref(), &mut out);
    if options.has(Engine::CloudFormation) {
        let own = cloudformation::stack_path(&stack.key);
        if options.inline {
            out.put("template", Json::text(own));
            out.put("parameters", Json::Null);
        } else {
            out.put("template", Json::text(cloudformation::template_path(&stack.shape)));
            out.put("parameters", Json::text(own));
        }
        out.put(
            "capabilities",
            Json::List(capabilities(template).into_iter().map(Json::text).collect()),
        );
    }
    out.put(
        "after",
        Json::List(template.steps().into_iter().map(|s| Json::text(s.id())).collect()),
    );
    if options.has(Engine::Terraform) {
        let root = terraform::root_path(&stack.key);
        out.put("root", Json::text(root.trim_end_matches("/main.tf.json")));
    }
    let of_kind = |wanted: fn(ParamKind) -> bool| {
        let all = template.params.iter().zip(&stack.values).filter(move |(p, _)| wanted(p.kind));
        Json::object(all.map(|(p, path)| (p.name.clone(), Json::text(path))))
    };
    out.put("inputs", of_kind(|kind| matches!(kind, ParamKind::Imported(_))));
    if let Some((account, access)) = &stack.foreign {
        out.put("foreign", of_kind(|kind| kind == ParamKind::Foreign));
        out.put("foreign_account", Json::text(account));
        enter("foreign_", access.as_ref(), &mut out);
    }
    out.put("depends_on", Json::List(stack.depends_on.iter().map(Json::text).collect()));
    out.put("tags", Json::object(stack.tags.iter().map(|(k, v)| (k.clone(), Json::text(v)))));
    if !files.is_empty() {
        out.put("files", Json::List(files.iter().map(Json::text).collect()));
    }
    out.put("digest", Json::text(digest));
    out
}

/// The role that a deployment takes, if it is not in the account already.
fn enter(prefix: &str, access: Option<&Access>, out: &mut Json) {
    let Some(access) = access else { return };
    out.put(format!("{prefix}role"), Json::text(&access.role));
    if let Some(id) = &access.external_id {
        out.put(format!("{prefix}external_id"), Json::text(id));
    }
}

/// What the deployer must acknowledge: IAM resources, and those with names of their own.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html>.
fn capabilities(template: &Template) -> Option<&'static str> {
    let iam = |kind: &str| kind.starts_with("AWS::IAM::");
    let iam = template.entries.iter().filter(|e| e.cfn.is_some_and(iam));
    let named = iam.clone().any(|e| e.body.get("RoleName").is_some() && e.tf == "aws_iam_role");
    let any = iam.count() > 0;
    any.then_some(if named { "CAPABILITY_NAMED_IAM" } else { "CAPABILITY_IAM" })
}
