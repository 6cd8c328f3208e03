//! One binary for all quick tests. The slow ones, with the real judges, are
//! `--test conformance` and `--test sql`.

#![allow(clippy::disallowed_methods, reason = "tests touch files and start the program")]
#![allow(missing_docs, reason = "tests are not an interface")]
#![allow(clippy::format_collect, reason = "short texts for tests")]

#[path = "../../benches/estates/mod.rs"]
mod estates; // blueprints of any size
mod support; // paths, runs, snapshots
mod policy; // what a policy lets somebody do
mod tidy; // the laws of the house
mod trace; // from what was made back to the line that says so
mod explain; // from what AWS says to the line
mod picture; // a small picture of an estate, to be reviewed
mod numbered; // what is one of several, and what comes besides
mod permute; // the same blueprint in another order
mod pull_request; // the shell parts of CI, on a scratch repository
mod exit_codes; // what each command ends with
mod generated; // schema, manual and lists are what the code says
mod golden; // every blueprint, stage by stage
mod reject; // every kind of wrong input
mod report; // the same for machines
mod machine; // whatever machines read fits the schema that is published for it
mod properties; // long random histories of the allocator and the lock
mod prove_identity; // who may act on whose data
mod whitepaper; // what the whitepaper asks, and what does it
mod whole; // what is cut is counted as what is whole
mod ranges; // no route or rule takes the place of another
mod workload_list; // several workload accounts
mod workload_homes; // what an estate or an account has once, with several workload accounts
mod together; // many tiers that grow are told what each is told alone
mod in_turn; // several workload accounts, foreseen and asked for
mod component_backup; // copies that outlive what was copied
mod sql; // what separates tenants inside a database, as written
mod histories; // the same with all five isolation models together
mod mistakes;
mod models; // what the models promise, counted on what was rendered
mod accepted; // what only AWS itself would refuse
mod application; // who shares a pool, and how far the rights of a session reach
mod scale; // what does not grow with the number of tenants
mod accounts; // accounts: pending, import, known
mod container; // what isolation container promises
mod quota; // how much of each quota is used
mod gates; // what AWS never grants stops
mod forecast; // as many fit as was foretold, and no more
mod small; // small estates at random
mod stays; // what is there stays, whatever is written besides
mod placement; // why cells open, and what does not grow with them
mod split; // what is too large for one stack
mod compare; // the five models side by side
mod request; // what is asked is enough, and one less is not
mod aggregate; // fewer blocks for exactly the same addresses
mod listing; // what AWS has granted, what is there, and what is asked of it
mod listed; // listings that are wrong, and that look it
mod keep; // what is kept of listings says what they say
mod consolidate; // rules that could be fewer, and where they are written
mod rows; // each quota at its limit, counted a second time
mod rows_sets; // what stack sets make, counted a second time
mod counted; // what is there besides what stacks hold
mod stack_sets; // what stack sets make, and the default VPC, where they stand
mod rows_ways; // how each is counted a second time
mod rows_weight; // what AWS weighs otherwise, and limits as they are
mod processors; // those of instances, by type and how they are bought
mod cli; // commands and exit codes
mod references; // what a stack reads is there before it
mod apart; // accounts of tenants, and a hub elsewhere
mod deploy_script; // deploy.sh with a stand-in for aws
mod component_catalogue; // who the tenants are
mod component_identity; // who the users of tenants are
mod component_analytics; // a lake of records, asked for one tenant at a time
mod component_notebooks; // notebooks over the lake
mod component_chargeback; // what tenants use
mod component_microservice; // small services of a pool
mod component_monitoring; // what is watched, and who is told
mod component_protection; // keys, firewalls, and what looks for intruders
mod component_audit; // who did what, and what is there
mod component_tagging; // whose cost is what
mod component_delivery; // from a repository to the stacks
mod component_release; // how new versions come to what runs
mod prove_oracle; // the network's proof against packets that are sent one by one
mod prove; // what a proof reads and says
mod prove_refused; // what a proof does not follow, or cannot read
mod prove_mutants; // what was rendered, broken on purpose
mod prove_network; // who reaches whom
mod change_loss; // what is lost by a change, and what is not
mod disk; // atomic, idempotent, confined
mod change; // two estates, resource by resource
mod change_names; // what things are called, and were
mod diff_cli; // diff and affected, against branches of a scratch repository
