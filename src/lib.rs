//! Tenantry turns one blueprint of tiers and tenants into isolated AWS infrastructure.
//!
//! This file is the table of contents. The modules stand in the order of the pipeline, and each
//! imports only from those above it; `tests/suite/tidy.rs` holds that. The library is pure: text
//! in, artifacts and diagnostics out. Files, clock and terminal belong to the binary.
//!
//! ```text
//! text ─▶ blueprint ─▶ spec ─▶ plan (+ lock) ─▶ template ─▶ engine ─▶ check ─▶ artifacts
//!         as written   as meant as decided      as wired    as rendered as judged
//! ```

// — words that every stage may use —
pub mod source; // text with positions: where a thing stands
pub mod diag; // what is wrong, where, and what to do
pub mod lookup; // what is asked by its key and never walked
pub mod aws; // facts about AWS: partitions, regions, zones, limits
pub mod name; // names and identifiers, and what AWS allows in them
pub mod value; // what a property can hold before an engine is chosen
pub mod json; // JSON text with holes, laid out for people

// — the pipeline —
pub mod blueprint; // as written: text → Blueprint
pub mod spec; // as meant: Blueprint → Spec
pub mod plan; // as decided: Spec + Lock → Plan + Lock
pub mod resource; // the AWS vocabulary, one file a service
pub mod template; // as wired: parameterised resources, stacks, order
pub mod model; // Plan → templates and stacks, one file an isolation model
pub mod component; // what surrounds the tenants, one file a component
pub mod engine; // as rendered: CloudFormation, Terraform, manifest, scripts
pub mod split; // as cut: what is too large for one stack
pub mod check; // as judged: schemas and limits
pub mod weigh; // what tenants take of an account, before they are placed in one of several
pub mod prove; // as proved: who reaches whom, read from what was rendered
pub mod rules; // every rule by its id, for `explain` and the manual
pub mod synth; // the whole way through, as one pure function
pub mod forecast; // which limit breaks first as a tier grows
pub mod compare; // the same tenants under each of the five models
pub mod permute; // the same blueprint in another order
pub mod trace; // from a thing that was made back to the line that says so
pub mod change; // two estates, resource by resource
pub mod view; // as shown: what people are told of it
