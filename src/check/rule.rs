//! What can be wrong with what was rendered. A blueprint that passed every other rule should never
//! meet one of these; when it does, nothing is written, and it is worth a bug report.

use crate::diag::Rule;

/// A property that AWS's schema refuses.
pub static CLOUDFORMATION: Rule = Rule::error(
    "schema/cloudformation",
    "Every resource of a template fits AWS's schema of its type.",
    "CloudFormation would refuse it, after having made everything before it. The schemas are those \
     that AWS publishes for its resource types, reduced to facts in schemas/cloudformation.json.",
    "report it with the blueprint that leads to it",
);

/// A type that CloudFormation does not have in the region of a stack.
pub static REGION_TYPE: Rule = Rule::error(
    "region/type",
    "CloudFormation has every type of a template in the region of its stacks.",
    "It would refuse the template. Accounts, budgets and cost categories stand in the first region. What each \
     region lacks is taken from the schemas that cfn-lint has of it, into schemas/cloudformation.json. Source: \
     https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html.",
    "write another region, the first for what is there once; or leave out what needs the type; or write for \
     Terraform only (`--engine terraform`), which has budgets and cost categories in every region",
);

/// An attribute that the provider's schema refuses.
pub static TERRAFORM: Rule = Rule::error(
    "schema/terraform",
    "Every resource of a module fits the provider's schema of its type.",
    "Terraform would refuse the module. The schemas are those that the AWS provider prints, reduced \
     to facts in schemas/terraform.json.",
    "report it with the blueprint that leads to it",
);

/// A type whose schema is not there.
pub static UNKNOWN_TYPE: Rule = Rule::error(
    "schema/unknown-type",
    "Every type that is written has a schema.",
    "What is not checked would pass in silence.",
    "run `python3 schemas/refresh.py`, which reads schemas/types.txt",
);

/// A template that is too large.
pub static TEMPLATE_LIMIT: Rule = Rule::error(
    "limit/template",
    "A template has at most 500 resources, 200 parameters, 200 outputs and 1 MB.",
    "CloudFormation refuses a larger one. \
     Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html.",
    "what can be cut is cut: let the one service that is too large be several, use fewer of what the \
     message says it has most of, or make two tiers of one. What is deployed in one stack and more than \
     doubles is added in two steps",
)
.gate();

/// A template that must be uploaded first.
pub static TEMPLATE_UPLOAD: Rule = Rule::error(
    "limit/upload",
    "A template has at most 51,200 bytes.",
    "A larger one must go through S3: `deploy.sh` then wants a bucket in TENANTRY_BUCKET. Templates are cut \
     before they are so large; one that was deployed whole stays whole, as what moved would be made anew. \
     Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html.",
    "have a bucket ready, or use less of what the template has most of",
)
.warning();

/// More is used than was granted.
pub static QUOTA: Rule = USED_UP.gate();

pub(crate) const USED_UP: Rule = Rule::error(
    "quota/passed",
    "No more is used of a quota than AWS allows.",
    "AWS refuses what is above it, in the middle of a deployment. What `quotas`, `places` or a listing say is \
     what AWS has granted, so nothing is written that passes it, and nothing that passes what AWS never \
     raises. Of a default that it raises only AWS knows whether it has granted more since, so it is a \
     warning, and `tenantry quotas` ends with 3. Source: \
     https://docs.aws.amazon.com/servicequotas/latest/userguide/intro.html.",
    "ask AWS for more (`tenantry quotas BLUEPRINT --request commands`) and write what it has granted into \
     `quotas` or `places`, or use less",
);
