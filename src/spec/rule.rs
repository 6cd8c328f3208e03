//! What can be wrong with the meaning of a blueprint.

use crate::diag::Rule;

/// Not a CIDR block.
pub static NOT_A_CIDR: Rule = Rule::error(
    "address/cidr",
    "An address block is an IPv4 CIDR block.",
    "Everything is allocated from it.",
    "write an IPv4 block, for example 10.0.0.0/16",
);

/// Host bits.
pub static HOST_BITS: Rule = Rule::error(
    "address/host-bits",
    "The bits of a CIDR block behind its prefix are zero.",
    "EC2 silently takes 10.0.0.5/24 for 10.0.0.0/24, Terraform refuses it; which of two blocks was \
     meant is a guess. Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html.",
    "write the first address of the block",
);

/// A block that AWS does not allow.
pub static BLOCKED: Rule = Rule::error(
    "address/blocked",
    "A pool does not touch 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16 or 224.0.0.0/4.",
    "A VPC cannot have these ranges. \
     Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html.",
    "take a pool from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
);

/// Public or half-used space.
pub static UNUSUAL: Rule = Rule::error(
    "address/unusual",
    "A pool lies in private address space and outside 172.17.0.0/16.",
    "Public addresses inside a VPC hide the real ones; some AWS services use 172.17.0.0/16 inside. \
     Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html.",
    "take a pool from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, or reserve the part",
)
.warning();

/// Pools that overlap.
pub static POOL_OVERLAP: Rule = Rule::error(
    "address/pool-overlap",
    "Pools do not overlap.",
    "An address in two pools could be given to two tenants.",
    "cut one of the pools, or remove it",
);

/// A reserved range that is in no pool.
pub static RESERVED_OUTSIDE: Rule = Rule::error(
    "address/reserved-outside",
    "A reserved range lies inside a pool.",
    "Outside every pool it reserves nothing, so it is most likely mistyped, and the range that was \
     meant is not protected.",
    "correct the range, or remove it",
);

/// Subnets that AWS does not allow.
pub static SUBNET_TOO_SMALL: Rule = Rule::error(
    "address/subnet-too-small",
    "Every subnet is a /28 or larger.",
    "AWS allows no smaller one, and keeps five of its addresses. \
     Source: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html.",
    "give the tier a shorter prefix, or the network fewer zone slots",
);

/// A cell that holds no tenant.
pub static CELL_SIZE: Rule = Rule::error(
    "address/cell-size",
    "The block of a cell holds its shared subnets and at least one tenant.",
    "A cell that cannot hold a tenant could be opened for ever.",
    "give the cell a shorter prefix, or the tenants a longer one",
);

/// A region that does not exist there.
pub static REGION: Rule = Rule::error(
    "region/unknown",
    "A region is one of the partition.",
    "An account belongs to one partition, and so do all its regions. \
     Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.",
    "correct the region, or the partition",
);

/// Zones that a region does not have.
pub static ZONES: Rule = Rule::error(
    "region/zones",
    "A region has as many zones as are used, and there is a slot for each.",
    "A subnet lies in one zone. Which zones an account sees can differ. \
     Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html.",
    "use fewer zones, or name the zones of the region in `network.zone_names`",
);

/// One zone only.
pub static SINGLE_ZONE: Rule = Rule::error(
    "region/single-zone",
    "At least two zones are used.",
    "An Application Load Balancer needs subnets in two zones, and one zone is one point of failure. \
     Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html.",
    "set `network.zones` to 2 or more",
)
.warning();

/// No organization for accounts.
pub static ORGANIZATION: Rule = Rule::error(
    "account/organization",
    "A tier of isolation `account` has an organization, and a management account where no tenant lives.",
    "Accounts are made by the management account of an organization, and its service control \
     policies do not hold in the management account itself. \
     Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html.",
    "add `organization` and `accounts.management`",
);

/// An e-mail address that cannot be that of an account.
pub static EMAIL: Rule = Rule::error(
    "account/email",
    "Every tenant of isolation `account` has an e-mail address that no other has.",
    "AWS makes no account without one of 6 to 64 characters, and never two with the same. \
     Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html.",
    "write an address with a plus sign for each tenant, for example aws+globex@acme.example",
);

/// A task of a size that Fargate does not have.
pub static TASK_SIZE: Rule = Rule::error(
    "service/size",
    "CPU and memory of a service go together as AWS Fargate has them.",
    "AWS refuses the task definition otherwise. Source: \
     https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html.",
    "take a pair that Fargate has",
);

/// Services that serve the same.
pub static SERVICE: Rule = Rule::error(
    "service/path",
    "The services of a tier are told apart by their paths, and at most one serves the rest.",
    "Of two rules of a load balancer for one path the second is never reached.",
    "give each service but one a `path` of its own",
);

/// A variable with two values.
pub static VARIABLE: Rule = Rule::error(
    "service/variable",
    "An environment variable of a service has one value: it does not stand both in `environment` and \
     in `secrets`, stands in a list once, and is not `TENANT`, which holds the id of the tenant.",
    "AWS refuses a container with two variables of one name.",
    "give the variable another name, or remove one of the two",
);

/// Fewer at least than at most.
pub static SCALE: Rule = Rule::error(
    "service/scale",
    "At least as many may run as must run.",
    "AWS refuses a target whose least is above its most.",
    "raise `max`, or lower `min`",
);

/// A type of instance that no table has.
pub static INSTANCE_TYPE: Rule = Rule::error(
    "instances/type",
    "How many processors a type of instance has is known.",
    "AWS grants processors, and how many a type has, and to which quota they count, is in a table \
     (schemas/instance-types.json). Of another type nobody here knows it, so of instances that can be of it \
     none is counted. Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html.",
    "correct the type; if it is newer than the table, say under `used` of `places` how many processors its \
     instances have together",
)
.warning();

/// No certificate for a load balancer.
pub static CERTIFICATE: Rule = Rule::error(
    "ingress/certificate",
    "Every region of the estate has a certificate of that region for its load balancers.",
    "A load balancer takes only certificates of its own region. Source: \
     https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html.",
    "request one in AWS Certificate Manager, and write its ARN here",
);

/// Two tenants of one host name.
pub static HOST: Rule = Rule::error(
    "tenant/host",
    "Every tenant has a host name of its own.",
    "The load balancer tells tenants apart by it; the second would get the first one's answers.",
    "give the tenant another `host`",
);

/// Data that cannot be parted so.
pub static DATA: Rule = Rule::error(
    "data/partition",
    "The data of a tier is parted in a way that its engine has, with tables that can be made.",
    "Aurora PostgreSQL parts by database, schema or table, DynamoDB by table or item.",
    "choose another `partition`, or correct `tables`",
);

/// An override that the tier does not allow.
pub static OVERRIDE: Rule = Rule::error(
    "tenant/override",
    "A tenant overrides only what its tier allows and its isolation model has.",
    "What each tenant may have otherwise is part of the offer.",
    "add it to `allow` of the tier, or remove it from the tenant",
);

/// A setting of a tenant that its model does not have.
pub static TENANT_SETTING: Rule = Rule::error(
    "tenant/setting",
    "A tenant has only settings that the isolation model of its tier knows.",
    "A setting that is written down but not made would be missed only when it is needed.",
    "remove it, or choose another tier",
);

/// A connection that nothing uses.
pub static VPN_UNUSED: Rule = Rule::error(
    "network/vpn-unused",
    "A connection to premises ends at a hub or at the cells of a tier.",
    "Peering and separate VPCs lead nowhere else: a tenant of isolation `vpc` without a hub needs a \
     connection of its own. \
     Source: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html.",
    "set `network.hub.connect`, or give tenants a `vpn` of their own",
)
.warning();

/// An address that is no public IPv4 address.
pub static GATEWAY_IP: Rule = Rule::error(
    "network/gateway-ip",
    "The gateway of a VPN is a public IPv4 address.",
    "AWS builds the tunnel to it over the internet. \
     Source: https://docs.aws.amazon.com/vpn/latest/s2svpn/cgw-options.html.",
    "write the public address of the gateway",
);

/// More rules than a network ACL holds.
pub static ACL_RULES: Rule = Rule::error(
    "network/acl-rules",
    "The network ACL of a tenant in a cell has no more rules in a direction than AWS allows.",
    "It allows 20 by default, its own that denies the rest included (vpc.rules-per-network-acl). A \
     tenant's rules grow with the pools and with the blocks on premises, never with the number of \
     tenants. \
     Source: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html.",
    "use fewer, larger pools, put the blocks on premises together, or ask AWS for more and write it into \
     `quotas`",
)
.gate();

/// A tier that is not there.
pub static TIER: Rule = Rule::error(
    "tier/unknown",
    "The tier of a tenant is one of `tiers`.",
    "The tier says how the tenant is isolated; there is no default.",
    "name one of the tiers",
);

/// A setting for another model.
pub static TIER_SETTING: Rule = Rule::error(
    "tier/setting",
    "A tier has the settings of its isolation model, and no others.",
    "A setting that does nothing reads as if it did something.",
    "remove the setting, or choose the model that has it",
);

/// Not an id.
pub static TENANT_ID: Rule = Rule::error(
    "tenant/id",
    "An id has lower-case letters, digits and hyphens, a letter or digit at both ends, at most 63.",
    "Ids become part of names; S3 wants lower case, RDS folds it, IAM compares without it. \
     Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html.",
    "use lower-case letters, digits and hyphens; the name as people write it goes into `name`",
);

/// A tenant that is not there.
pub static TENANT_UNKNOWN: Rule = Rule::error(
    "tenant/unknown",
    "A tenant that a command names is one of the blueprint.",
    "Writing nothing for a mistyped id would look like success.",
    "name one of the tenants",
);

/// The same id twice.
pub static TENANT_TWICE: Rule = Rule::error(
    "tenant/twice",
    "An id belongs to one tenant.",
    "Everything that is allocated hangs on the id.",
    "give one of them another id, or remove it",
);

/// Ids that only their case tells apart.
pub static TENANT_CASE: Rule = Rule::error(
    "tenant/case",
    "Ids differ in more than their case.",
    "IAM and RDS compare names without case, so these two would be one there. \
     Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.",
    "give one of them another id",
);

/// A region that the estate does not have.
pub static TENANT_REGION: Rule = Rule::error(
    "tenant/region",
    "The region of a tenant is one of `regions`.",
    "Only there are an address pool, a hub and cells.",
    "name one of the regions, or add it to `regions`",
);

/// A VPN where the tier has none, or none where it must.
pub static TENANT_VPN: Rule = Rule::error(
    "tenant/vpn",
    "A tenant has `vpn` where its tier allows or requires it, and nowhere else.",
    "A connection that is written down but not made would be missed only when it is needed.",
    "set `vpn: optional` in the tier, or remove it from the tenant",
);

/// A name that cannot be data.
pub static TENANT_NAME: Rule = Rule::error(
    "tenant/name",
    "The name of a tenant has at most 256 characters, none of them a control character, and holds \
     no dynamic reference.",
    "It becomes a tag. CloudFormation would replace `{{resolve:…}}` by what it refers to, and has no \
     way to write it literally. \
     Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html.",
    "leave that out of the name, or shorten it",
);

/// An attribute that nothing uses.
pub static TENANT_ATTRIBUTE: Rule = Rule::error(
    "tenant/unused-attribute",
    "An attribute of a tenant is used by a template of a name or tag.",
    "A misspelt key of a tenant is an attribute, too, and would be ignored.",
    "correct the key, use it in `tags`, or remove it",
)
.warning();

/// A name that AWS does not take.
pub static NAME: Rule = Rule::error(
    "name/illegal",
    "Every physical name has characters and a length that AWS takes.",
    "A stack is found by its name; cutting it would make two names out of one. \
     Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html.",
    "change the id, or the template in `naming`",
);

/// Two stacks of one name.
pub static NAME_COLLISION: Rule = Rule::error(
    "name/collision",
    "Every stack of an account and region has a name of its own.",
    "The second would overwrite the first.",
    "use `{{tenant}}` in `naming`, or give the tenant another id",
);

/// A template that cannot be rendered.
pub static TEMPLATE: Rule = Rule::error(
    "text/template",
    "A template of a name or tag is valid Handlebars and uses only what there is.",
    "An unknown variable would render as nothing, and the name or tag would be wrong in silence.",
    "correct the template; `name`, `environment`, `tier` and `tenant` are known",
);

/// A tag that AWS does not take.
pub static TAG: Rule = Rule::error(
    "tag/illegal",
    "A tag has a key of at most 128 and a value of at most 256 characters: letters, digits, spaces \
     and + - = . _ : / @. The prefix `aws:` is reserved.",
    "EC2 takes more, but IAM, CloudWatch Logs and Systems Manager do not, and a tag that is missing \
     on some resources is missing in the bill. \
     Source: https://docs.aws.amazon.com/general/latest/gr/arg.html.",
    "use letters, digits, spaces and + - = . _ : / @ only",
);

/// A tag that tenantry sets itself.
pub static TAG_RESERVED: Rule = Rule::error(
    "tag/reserved",
    "The tags Name, Estate, Environment, Tenant, TenantName and Tier are set by tenantry.",
    "They identify the tenant of every resource, so nothing else may stand there.",
    "choose another key",
);

/// A required tag that a tenant lacks.
pub static TAG_REQUIRED: Rule = Rule::error(
    "tag/required",
    "Every tenant's resources have the tags of `tags.required`.",
    "A resource without the tag is nobody's in the bill. \
     Source: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/billing-limits.html.",
    "add the tag to `tags.common` or to the tier",
);

/// A provider of a tenant that cannot be asked.
pub static FEDERATION: Rule = Rule::error(
    "tenant/federation",
    "The users of a tenant sign in at one provider, and come back to a tier that has `identity`.",
    "A provider vouches for users of its own tenant only, so its tenant has a pool of users for \
     itself; without one, and without an address to come back to, nobody could sign in. \
     Source: https://docs.aws.amazon.com/cognito/latest/developerguide/multi-tenant-application-best-practices.html.",
    "name one provider, and give the tier `identity` with `callbacks`",
);

/// A component that does not fit the rest.
pub static COMPONENT: Rule = Rule::error(
    "component/setting",
    "A component fits the tiers, accounts and other components of the blueprint.",
    "What cannot work in this estate would be refused by AWS, or would watch over nothing.",
    "correct or remove the setting",
);

/// A place that is none.
pub static PLACE: Rule = Rule::error(
    "quota/place",
    "What is so in one place is said of an account, or of an account in a region of the estate, as AWS \
     counts it.",
    "What is said of a place that is none, or of the wrong one, would be read and never used.",
    "write the account in quotes, with its region where AWS counts by region",
);

/// A listing of AWS that cannot be used.
pub static LISTING: Rule = Rule::error(
    "quota/listing",
    "A listing of quotas, or of what is there, is whole, given once, and what the AWS command line prints as \
     JSON.",
    "What a listing leaves out would be counted as nothing, and what is listed twice as twice as much. \
     Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html.",
    "run the command again with --output json and without --no-paginate or --max-items",
);

/// A statement that cannot be asked.
pub static STATEMENT: Rule = Rule::error(
    "statement/end",
    "`must_reach` and `must_not_reach` name who is there.",
    "A statement is proved on what was rendered. One that names nobody would hold, or fail, whatever \
     is deployed.",
    "write `tenants`, `tier/<id>`, `tenant/<id>`, `hub`, `on-premises`, `internet` or a block",
);
