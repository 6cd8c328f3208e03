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
