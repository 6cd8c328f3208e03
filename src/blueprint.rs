//! As written: the text of a blueprint and its tenant files becomes a [`Blueprint`]. Nothing is
//! understood here yet; the schema, which is generated from the types, says what may be written.

pub mod shape; // the types, which are also the schema
pub mod schema; // the JSON Schema of the types
pub mod yaml; // YAML and JSON text → tree with positions
pub mod table; // CSV text → tree with positions
pub mod complain; // the words for what breaks the schema
pub mod judge; // a tree against the schema
pub mod read; // tree → Blueprint
pub mod prices; // what AWS asks, as a file of its own
pub mod rule; // what can be wrong with the text

pub use read::{Written, WrittenTenant, read};
pub use shape::Blueprint;
