//! Ways to break what was rendered, each of which a proof must find.

pub mod edit; // hands that break
pub mod network; // ways to break the network
