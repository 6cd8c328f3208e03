//! The network layer of the proof: who reaches whom over subnets, routes, gateways, ACLs and groups.
//! Symbolic: sets of addresses, protocols and ports, never samples.

pub mod address; // addresses as numbers
pub mod traffic; // sets of protocols and ports
pub mod filter; // rules as a map from addresses to traffic
pub mod model; // the network in tables
pub mod compiled; // the network made ready for questions
pub mod walk; // where packets get to
pub mod pass; // what gets through on a way
pub mod index; // who may be reached, found without asking everybody
pub mod reach; // who reaches whom
pub mod names; // text as numbers
pub mod raw; // what was read, as it came
pub mod protocol; // what rules say of protocols and ports
pub mod hold; // what has interfaces
pub mod ingest; // things → what was read
pub mod build; // what was read → the network
pub mod balance; // whose requests are handed to whom
pub mod witness; // a connection, told step by step
pub mod judge; // the verdicts
pub mod ask; // statements of a blueprint
