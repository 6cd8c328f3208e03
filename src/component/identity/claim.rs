//! The function that writes the tenant into every token. Where users of many tenants are in one
//! pool, it lets a user in only through an application of his own tenant.

use crate::component::identity::pool::Tenant;
use crate::component::role;
use crate::name::fit;
use crate::resource::flow::LogGroup;
use crate::resource::lambda::{Function, Size};
use crate::spec::Spec;
use crate::template::Template;
use crate::value::{Id, Value, arn, join, param};

/// The code of the function.
const CODE: &str = include_str!("tenant.py");

/// Seconds after which Cognito waits no longer. Source:
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html>.
const SECONDS: u32 = 5;

/// Where it stands whose an application is: this and its id. `Cell` is a parameter of the template.
pub fn clients(spec: &Spec) -> Value {
    join([spec.parameter("cell/").into(), param("Cell"), "/client/".into()])
}

/// Adds the function, if tokens must say the tenant.
pub fn function(t: &mut Template, spec: &Spec, tenant: Tenant) -> Option<Id<Function>> {
    let variable = match tenant {
        Tenant::Alone => return None,
        Tenant::Told => ("CLIENTS", clients(spec)),
        Tenant::Fixed => ("TENANT", param("Tenant")),
    };
    let about = "Says in each token whose user it is";
    let logs = t.add_kept("TokenLogGroup", LogGroup { days: spec.network.flow_log_days });
    let role = role::of_service(t, "TokenRole", about, "lambda", &[]);
    let streams = join([logs.att("Arn"), ":*".into()]);
    let log = role::statement(&["logs:CreateLogStream", "logs:PutLogEvents"], vec![streams]);
    let mut statements = vec![log];
    if tenant == Tenant::Told {
        let own = arn("ssm", join(["parameter".into(), clients(spec), "*".into()]));
        statements.push(role::statement(&["ssm:GetParameter"], vec![own]));
    }
    role::allow(t, "TokenRolePolicy", &role, statements);
    let (name, value) = variable;
    let function = Function {
        description: about,
        role,
        code: CODE,
        variables: vec![(name.to_owned(), value)],
        logs,
        size: Some(Size { seconds: Some(SECONDS), ..Size::default() }),
    };
    let function = t.add_after("TokenFunction", function, &[&"TokenRolePolicy".to_owned()]);
    // A name of a stack can be longer than that of a function, which Terraform takes from this tag.
    let name = t.param(NAME_PARAM, "The name of the function that writes the tenant into tokens");
    let tags = t.entries.last_mut().and_then(|entry| entry.tags.as_mut());
    tags.expect("a function has tags")[0].1 = name;
    Some(function)
}

/// The parameter with the name of the function.
pub const NAME_PARAM: &str = "TokenFunctionName";

/// The most characters of a name of a function. Source:
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>.
const NAME_MAX: usize = 64;

/// The name of the function of a stack.
pub fn name(stack: &str) -> String {
    fit(&format!("{stack}-token"), NAME_MAX)
}
