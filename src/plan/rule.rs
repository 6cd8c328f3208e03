//! What can be wrong with a decision or with the lock that keeps it.

use crate::diag::Rule;

/// No room.
pub static POOL_FULL: Rule = Rule::error(
    "plan/pool-full",
    "Every tenant, cell and hub fits into the pools of its region.",
    "10.0.0.0/8 holds 4,096 blocks of /20; past that, nothing can be deployed.",
    "add a pool, give the tier a longer prefix, or release quarantined blocks with `tenantry lock release`",
)
.gate();

/// A block that lies in none of the pools.
pub static OUTSIDE_POOLS: Rule = Rule::error(
    "plan/outside-pools",
    "Every locked block lies inside a pool and outside reserved ranges.",
    "It is deployed and cannot move; a pool that shrank, or a new reserved range, would let its \
     addresses be given away again.",
    "put the pool back as it was, or take the range out of `network.reserved`",
);

/// What is deployed lives in another account.
pub static ACCOUNT: Rule = Rule::error(
    "plan/account",
    "What the lock holds lives in a workload account.",
    "A stack cannot move to another account: its resources would be created anew there, and those \
     of the old account would be left behind.",
    "put the account back; move tenants one by one, with their data",
);

/// The region that the estate began in is gone.
pub static HOME: Rule = Rule::error(
    "plan/home",
    "The region that the estate began in stays in the list.",
    "What an estate has once (the organization's accounts and budgets, the archive, the registry of tenants, \
     a lake) stands in its home region, under names that hold it; elsewhere it would be created anew, and \
     what is kept there would be left behind.",
    "put the region back, in any place of the list; if nothing of the estate is deployed any more, begin \
     with a new lock",
);

/// The address of an account changed.
pub static ACCOUNT_EMAIL: Rule = Rule::error(
    "account/email-changed",
    "The e-mail address of a tenant's account stays as it was when the account was made.",
    "CloudFormation can update neither the address nor the name of an account: the update and its \
     rollback both fail. Source: \
     https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-organizations-account.html.",
    "write the old address again; the root user of the account can change where its mail goes",
);

/// An account of a tenant that is somebody else's.
pub static ACCOUNT_SHARED: Rule = Rule::error(
    "account/shared",
    "The account of a tenant is nobody else's: not another tenant's, nor one that the blueprint names.",
    "Whoever else works in it would be inside the tenant's boundary.",
    "correct the account in the lock from `aws organizations list-accounts`",
);

/// Not a listing of accounts.
pub static LISTING: Rule = Rule::error(
    "account/listing",
    "A listing of accounts is whole, and every account of a tenant in it is active.",
    "An account is known by its e-mail address; a listing in which that is not certain could send a \
     tenant's network into another account. Source: \
     https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html.",
    "save it again: `aws organizations list-accounts --output json`",
);

/// Another account than before.
pub static LISTING_SWAPPED: Rule = Rule::error(
    "account/swapped",
    "A tenant whose account is known keeps it.",
    "What is deployed there would be left behind, and another tenant's account would be entered.",
    "find out which of the two is right before anything is deployed; restore the lock from version \
     control if it was edited",
);

/// A tier that changes its model under its cells.
pub static ISOLATION: Rule = Rule::error(
    "plan/isolation",
    "A tier that has cells keeps its isolation model.",
    "A cell of another model is another VPC with other resources; its stack would be turned into \
     that under the tenants that still live there.",
    "put the model back; add a tier with the new one, and move tenants to it one by one",
);

/// More in a cell than it can hold.
pub static CELL_FULL: Rule = Rule::error(
    "plan/cell-full",
    "What the tenants of a cell take together stays within what AWS allows.",
    "A cell takes no tenant that would break a quota; but tenants that grow where they are, or a \
     quota that is lowered, can. AWS would refuse in the middle of a deployment.",
    "ask AWS for more and write it into `quotas`, or let the tenants take less",
)
.gate();

/// Pools that an account cannot hold together.
pub static REGION_FULL: Rule = Rule::error(
    "plan/region-full",
    "All pools, and all users, of an account and region stay within what AWS allows there.",
    "Usage plans, API keys, VPC links, tables and pools of users are counted for the whole account \
     and region: another pool has none of its own.",
    "ask AWS for more and say so in `quotas`, or let some tenants live in another region",
)
.gate();

/// Less in an empty cell than one tenant takes.
pub static CELL_SHORT: Rule = Rule::error(
    "plan/cell-short",
    "An empty cell has enough of each quota for one tenant.",
    "What a quota of a cell does not allow one tenant, no further cell allows it, so none is opened.",
    "ask AWS for more and write it into `quotas`, or make the tenant smaller",
)
.gate();

/// Workload accounts that hold no more together.
pub static ACCOUNTS_FULL: Rule = Rule::error(
    "plan/accounts-full",
    "Every tenant and cell finds room in one of several workload accounts.",
    "What AWS counts by account, region and zone is looked at before anything is placed there, the \
     defaults of AWS included: where none of the accounts has enough, a deployment would fail in the \
     middle.",
    "ask AWS for more and write it into `quotas` or `places`, or add an account to the end of the list",
)
.gate();

/// More zones than a block has slots.
pub static ZONE_SLOTS: Rule = Rule::error(
    "plan/zone-slots",
    "Every block has a slot for each zone in use.",
    "The slots of a block are fixed when it is allocated; one more would renumber its subnets.",
    "use fewer zones, or move the tenant",
);

/// A tenant that changes its block.
pub static MOVED: Rule = Rule::error(
    "plan/moved",
    "A tenant stays where it is.",
    "Another tier or region means other addresses: its resources are created anew, and the old \
     block is quarantined.",
    "migrate its data before the old stack is deleted",
)
.warning();

/// The lock must not change.
pub static LOCK_CHANGES: Rule = Rule::error(
    "lock/changes",
    "With `--locked`, the lock already holds every decision.",
    "In CI nobody would commit what was decided there, and the next run could decide otherwise.",
    "run `tenantry synth` without `--locked` and commit the lock",
)
.gate();

/// A lock that was lost.
pub static LOCK_LOST: Rule = Rule::error(
    "lock/lost",
    "An estate that was synthesised before has its lock.",
    "Without it everything would be allocated anew, and what is deployed would move.",
    "restore the lock from version control; if the estate was never deployed, remove its output folder",
);

/// Not a lock.
pub static LOCK_SYNTAX: Rule = Rule::error(
    "lock/syntax",
    "The lock is a whole JSON document that tenantry wrote.",
    "A truncated or edited lock has lost decisions; guessing them would move what is deployed.",
    "restore the lock from version control",
);

/// A lock with conflict markers.
pub static LOCK_CONFLICT: Rule = Rule::error(
    "lock/conflict",
    "The lock has no conflict markers.",
    "Both sides of the merge decided something, and both decisions count.",
    "keep the lines of both sides, remove the markers, and run `tenantry lock verify`",
);

/// A lock from the future.
pub static LOCK_VERSION: Rule = Rule::error(
    "lock/version",
    "The lock is of a version that this tenantry knows.",
    "A newer one may hold decisions that this one would lose.",
    "use the version of tenantry that wrote the lock, or a newer one",
);

/// A lock of another estate.
pub static LOCK_ESTATE: Rule = Rule::error(
    "lock/estate",
    "The lock belongs to the estate of the blueprint.",
    "A renamed estate has other stacks; with the lock of the old one, both would own the same blocks.",
    "restore the name, or start with a new lock",
);

/// Two owners of one block.
pub static LOCK_OWNERS: Rule = Rule::error(
    "lock/two-owners",
    "A block has one owner.",
    "Two branches that each added a tenant can both have been given the same free block; a merge \
     keeps both lines.",
    "keep the line of the one that is deployed, delete the other, and run `tenantry synth`",
);

/// An entry that contradicts another.
pub static LOCK_ENTRY: Rule = Rule::error(
    "lock/entry",
    "Every entry of the lock agrees with the others.",
    "A tenant lives inside its cell, a key stands once, and a block is a block.",
    "restore the lock from version control",
);

/// More services with a path than a tenant has rules for.
pub static SERVICE_SLOTS: Rule = Rule::error(
    "plan/service-slots",
    "A tier has had at most fifteen services with a path, those that are gone included.",
    "The number of a service gives the priority of its rule in each tenant's block of sixteen; a \
     number that went to another would change the rules of all tenants while they are served.",
    "serve several paths with one service, or begin a new tier",
);
