//! The thin root of a stack: backend, provider, what it reads from Systems Manager, and the call of
//! its module. Roots are never shared, so a plan touches one stack.

use crate::engine::terraform::dialect::workload::ephemeral;
use crate::engine::terraform::{Mode, body, escape_template};
use crate::json::{Json, Skeleton, escape};
use crate::name::snake;
use crate::spec::{Access, Spec};
use crate::template::{Param, ParamKind, Stack, Template};

/// Terraform and `OpenTofu` from here on read what is written.
const REQUIRED_TERRAFORM: &str = ">= 1.5.0";

/// Write-only arguments came later.
/// Source: <https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only>.
const REQUIRED_FOR_SECRETS: &str = ">= 1.11.0";

/// S3's own locks came later. Source: <https://developer.hashicorp.com/terraform/language/backend/s3>.
const REQUIRED_FOR_S3: &str = ">= 1.10.0";

/// The versions of Terraform that read a template.
pub fn required_terraform(template: &Template) -> &'static str {
    if has_secrets(template) { REQUIRED_FOR_SECRETS } else { REQUIRED_TERRAFORM }
}

/// The provider, from the version on whose schema is in `schemas/terraform.json`: an older one lacks arguments
/// that modules have.
pub fn required_providers() -> Json {
    let aws = [("source", Json::text("hashicorp/aws")), ("version", Json::text("~> 5.100"))];
    Json::object([("aws", Json::object(aws))])
}

fn has_secrets(template: &Template) -> bool {
    ephemeral(template).is_some()
}

/// A root that calls the module of its shape.
pub fn call(stack: &Stack, template: &Template, spec: &Spec) -> Json {
    let mut out = head(stack, template, spec);
    let data = imports(template, |i| Json::text(escape_template(&stack.values[i])));
    if !data.is_empty() {
        out.put("data", Json::Object(data));
    }
    let mut call = Json::object([("source", Json::text(format!("../../modules/{}", stack.shape)))]);
    for (param, value) in template.params.iter().zip(&stack.values) {
        let value = match param.kind {
            ParamKind::Text => escape_template(value),
            ParamKind::Imported(_) | ParamKind::Foreign => imported_value(&param.name),
        };
        call.put(snake(&param.name), Json::text(value));
    }
    out.put("module", Json::object([("stack", call)]));
    let outputs = template.outputs.iter().map(|o| {
        let value = Json::text(format!("${{module.stack.{}}}", snake(o.name)));
        (
            snake(o.name),
            Json::object([("description", Json::text(o.description)), ("value", value)]),
        )
    });
    let outputs: Vec<_> = outputs.collect();
    if !outputs.is_empty() {
        out.put("output", Json::Object(outputs));
    }
    out
}

/// The part of a self-contained root that is the same for every stack of a shape but its holes.
pub fn inline(template: &Template) -> Skeleton {
    let mut out = Json::Object(Vec::new());
    body(template, Mode::Inline, &mut out);
    out.pretty()
}

/// A self-contained root.
pub fn filled(stack: &Stack, template: &Template, spec: &Spec, skeleton: &Skeleton) -> String {
    let escaped: Vec<String> =
        stack.values.iter().map(|value| escape(&escape_template(value))).collect();
    let head = head(stack, template, spec).to_pretty_string();
    let body = skeleton.fill(&escaped);
    // Two objects, each over several lines, become one.
    let head = head.strip_suffix("\n}\n").expect("an object ends so");
    let body = body.strip_prefix("{\n").expect("an object begins so");
    format!("{head},\n{body}")
}

fn head(stack: &Stack, template: &Template, spec: &Spec) -> Json {
    let (version, backend) = backend(stack, spec);
    let version = if has_secrets(template) { required_terraform(template) } else { version };
    let terraform = Json::object([
        ("required_version", Json::text(version)),
        ("required_providers", required_providers()),
        ("backend", backend),
    ]);
    let mut providers = vec![provider(stack, &stack.account, stack.access.as_ref(), spec)];
    if let Some((account, access)) = &stack.foreign {
        let mut other = provider(stack, account, access.as_ref(), spec);
        other.put("alias", Json::text(FOREIGN));
        providers.push(other);
    }
    Json::object([
        ("terraform", terraform),
        ("provider", Json::object([("aws", Json::List(providers))])),
    ])
}

/// The alias of the provider of the account that foreign values are read in.
const FOREIGN: &str = "foreign";

fn provider(stack: &Stack, account: &str, access: Option<&Access>, spec: &Spec) -> Json {
    let mut out = Json::object([
        ("region", Json::text(&stack.region)),
        ("allowed_account_ids", Json::List(vec![Json::text(account)])),
    ]);
    if let Some(access) = access {
        let arn = format!("arn:{}:iam::{account}:role/{}", spec.partition.id(), access.role);
        let mut role =
            Json::object([("role_arn", Json::text(arn)), ("session_name", Json::text("tenantry"))]);
        if let Some(id) = &access.external_id {
            role.put("external_id", Json::text(id));
        }
        out.put("assume_role", Json::List(vec![role]));
    }
    out
}

/// Values of a backend are taken literally: they are no templates.
/// Source: <https://developer.hashicorp.com/terraform/language/syntax/json>.
fn backend(stack: &Stack, spec: &Spec) -> (&'static str, Json) {
    let Some(s3) = &spec.deploy.backend else {
        let local = Json::object([("path", Json::text("terraform.tfstate"))]);
        return (REQUIRED_TERRAFORM, Json::object([("local", local)]));
    };
    let estate = spec.estate();
    let prefix = s3.prefix.as_deref().unwrap_or(&estate);
    let fields = [
        ("bucket", Json::text(&s3.bucket)),
        ("key", Json::text(format!("{prefix}/{}.tfstate", stack.key))),
        ("region", Json::text(&s3.region)),
        ("encrypt", Json::Bool(true)),
        ("use_lockfile", Json::Bool(true)),
    ];
    (REQUIRED_FOR_S3, Json::object([("s3", Json::object(fields))]))
}

/// The data sources of imported parameters; `path` gives the path of the n-th.
pub fn imports(template: &Template, path: impl Fn(usize) -> Json) -> Vec<(String, Json)> {
    let imported = |(i, param): (usize, &Param)| {
        let mut source = Json::object([("name", path(i))]);
        if param.kind == ParamKind::Foreign {
            source.put("provider", Json::text(format!("aws.{FOREIGN}")));
        }
        (param.kind != ParamKind::Text).then(|| (snake(&param.name), source))
    };
    let sources: Vec<_> = template.params.iter().enumerate().filter_map(imported).collect();
    if sources.is_empty() {
        Vec::new()
    } else {
        vec![("aws_ssm_parameter".to_owned(), Json::Object(sources))]
    }
}

/// The value of an imported parameter. What stacks tell each other is no secret, so it is read
/// from the attribute that is not marked as one.
pub fn imported_value(name: &str) -> String {
    format!("${{data.aws_ssm_parameter.{}.insecure_value}}", snake(name))
}
