//! Names and types of SQL: what an identifier may be, and who is called what in a database.

use crate::name::short_hash;

/// The most bytes of an identifier; `PostgreSQL` cuts what is longer without a word.
/// Source: <https://www.postgresql.org/docs/current/limits.html>.
pub const IDENTIFIER_MAX: usize = 63;

/// The role of a tenant, which is also the name of its schema or database.
///
/// An id has no underscore, so writing one for each hyphen keeps ids apart. The prefix keeps them
/// apart from the roles of `PostgreSQL` and AWS. What does not fit is cut and marked, under a
/// prefix of its own, so that no short id can be spelt like a cut one.
pub fn role(tenant: &str) -> String {
    identifier("t", tenant)
}

/// A name of some kind from an id, as long as `PostgreSQL` takes it.
pub fn identifier(kind: &str, id: &str) -> String {
    const MARK: usize = 32;
    let words = id.replace('-', "_");
    if kind.len() + 1 + words.len() <= IDENTIFIER_MAX {
        return format!("{kind}_{words}");
    }
    let head: String = words.chars().take(IDENTIFIER_MAX - MARK - kind.len() - 3).collect();
    format!("{kind}x_{head}_{}", short_hash(id, MARK))
}

/// Names that tenantry's own things have.
pub const OWN: [&str; 3] = ["tenant_usage", "tenant_id", "must_fail"];

/// Words that make more of a type than a type. A key, a default or a reference of a shared table
/// that does not begin with the tenant would tell one tenant what another has.
const MORE: [&str; 17] = [
    "as",
    "bigserial",
    "check",
    "collate",
    "constraint",
    "default",
    "exclude",
    "generated",
    "not",
    "null",
    "primary",
    "references",
    "serial",
    "smallserial",
    "storage",
    "unique",
    "using",
];

/// Whether a text is a type and nothing else: `numeric(10,2)`, `timestamp with time zone`, `text[]`.
pub fn is_type(text: &str) -> bool {
    let allowed = |c: char| {
        c.is_ascii_lowercase()
            || c.is_ascii_digit()
            || matches!(c, '_' | ' ' | '(' | ')' | '[' | ']' | ',')
    };
    let mut inside = false;
    let balanced = text.chars().all(|c| match c {
        '(' => !std::mem::replace(&mut inside, true),
        ')' => std::mem::replace(&mut inside, false),
        ',' => inside,
        _ => true,
    });
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(allowed)
        && balanced
        && !inside
        && !words.any(|word| MORE.contains(&word))
}
