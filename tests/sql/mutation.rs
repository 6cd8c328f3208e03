//! Faults that are planted to see the negative tests find them: a test that cannot fail proves
//! nothing. After each the migrations run again, which must repair it.

use tenantry::engine::sql::Partition::{self, Database, Schema, Table};

/// A fault.
pub struct Mutation {
    /// What is wrong.
    pub name: &'static str,
    /// In which partitions it can be planted.
    pub of: &'static [Partition],
    /// How it is planted. `A` and `B` stand for the roles of the tenants, `S` for the schema of A,
    /// `O` and `G` for the roles of owner and group, `D` for the database.
    pub plant: &'static str,
    /// What takes it away, where running the migrations again does not.
    pub undo: &'static str,
    /// An attempt that must not be refused any more.
    pub bites: &'static str,
}

const fn fault(
    name: &'static str,
    of: &'static [Partition],
    plant: &'static str,
    undo: &'static str,
    bites: &'static str,
) -> Mutation {
    Mutation { name, of, plant, undo, bites }
}

const ALL: &[Partition] = &[Database, Schema, Table];

/// Every fault, in the order in which they are planted.
pub const MUTATIONS: &[Mutation] = &[
    fault(
        "the policy lets everything be read",
        &[Table],
        "ALTER POLICY tenant_only ON app.notes USING (true)",
        "",
        "reads its notes",
    ),
    fault(
        "the policy lets everything be written",
        &[Table],
        "ALTER POLICY tenant_only ON app.notes WITH CHECK (true)",
        "",
        "moves notes to it",
    ),
    fault(
        "the policy believes a setting",
        &[Table],
        "ALTER POLICY tenant_only ON app.notes USING (tenant_id = coalesce(\
         current_setting('app.tenant_id', true), tenancy.current_tenant()))",
        "",
        "reads its notes after setting a context",
    ),
    fault(
        "the policy believes the current role",
        &[Table],
        "ALTER POLICY tenant_only ON app.notes USING (tenant_id = (SELECT tenancy.current_tenant()) \
         OR current_user = 'G'); ALTER POLICY tenant_only ON app.\"order\" USING (tenant_id = \
         (SELECT tenancy.current_tenant()) OR current_user = 'G')",
        "",
        "reads its notes as the group",
    ),
    fault(
        "row-level security is off",
        &[Table],
        "ALTER TABLE app.notes DISABLE ROW LEVEL SECURITY",
        "",
        "reads its notes",
    ),
    fault(
        "row-level security is not forced",
        &[Table],
        "ALTER TABLE app.notes NO FORCE ROW LEVEL SECURITY",
        "",
        "finds a shared table without forced row-level security",
    ),
    fault(
        "a view has the rights of its owner, who is free of policies",
        &[Table],
        "ALTER TABLE app.notes NO FORCE ROW LEVEL SECURITY; \
         ALTER VIEW app.tenant_usage SET (security_invoker = false)",
        "",
        "reads through a view",
    ),
    fault(
        "a function has the rights of its owner, who is free of policies",
        &[Table],
        "ALTER TABLE app.notes NO FORCE ROW LEVEL SECURITY; \
         ALTER FUNCTION app.tenant_usage_of SECURITY DEFINER",
        "",
        "reads through a function",
    ),
    fault(
        "a view that was added has the rights of its owner",
        ALL,
        "SET ROLE O; CREATE VIEW S.peek AS SELECT * FROM S.notes; GRANT SELECT ON S.peek TO A",
        "DROP VIEW S.peek",
        "reads a view that has the rights of its owner",
    ),
    fault(
        "a function that was added has the rights of its owner",
        ALL,
        "SET ROLE O; CREATE FUNCTION S.peek() RETURNS bigint SECURITY DEFINER LANGUAGE sql \
         RETURN (SELECT count(*) FROM S.notes); GRANT EXECUTE ON FUNCTION S.peek TO A",
        "DROP FUNCTION S.peek",
        "calls a function that has the rights of its owner",
    ),
    fault(
        "the view of a tenant shows another",
        &[Schema],
        "SET ROLE O; CREATE OR REPLACE VIEW S.tenant_usage AS SELECT t::text AS relation, 'null'::text \
         AS tenant_id, 3::bigint AS rows FROM unnest(ARRAY['order', 'notes']) AS t \
         UNION ALL SELECT 'notes', '0-day', count(*) FROM B.notes; \
         ALTER VIEW S.tenant_usage SET (security_invoker = false)",
        "",
        "reads through its own view",
    ),
    fault("TRUNCATE is granted", &[Table], "GRANT TRUNCATE ON app.notes TO G", "", "empties notes"),
    fault(
        "REFERENCES and TRIGGER are granted",
        &[Table],
        "GRANT REFERENCES, TRIGGER ON app.notes TO PUBLIC",
        "",
        "adds a trigger to notes",
    ),
    fault(
        "everybody may read who is which tenant",
        &[Table],
        "GRANT USAGE ON SCHEMA tenancy TO PUBLIC; GRANT ALL ON tenancy.tenants TO PUBLIC",
        "",
        "changes who is which tenant",
    ),
    fault(
        "everybody may read a tenant's schema",
        &[Schema],
        "GRANT USAGE ON SCHEMA B TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA B TO PUBLIC",
        "",
        "copies its notes out",
    ),
    fault(
        "everybody may make things in a tenant's schema",
        &[Schema],
        "GRANT USAGE, CREATE ON SCHEMA B TO PUBLIC",
        "",
        "makes a table in its schema",
    ),
    fault(
        "everybody may connect to a tenant's database",
        &[Database],
        "GRANT CONNECT ON DATABASE B TO PUBLIC",
        "",
        "connects to its database",
    ),
    fault(
        "a database is open as PostgreSQL makes it",
        ALL,
        "GRANT CONNECT, TEMPORARY ON DATABASE D TO PUBLIC; \
         GRANT CONNECT ON DATABASE postgres TO PUBLIC; GRANT CREATE ON SCHEMA public TO PUBLIC; \
         GRANT USAGE ON SCHEMA public TO PUBLIC",
        "",
        "makes a temporary table",
    ),
    fault(
        "schema public is open as before PostgreSQL 15",
        ALL,
        "GRANT CREATE, USAGE ON SCHEMA public TO PUBLIC",
        "",
        "makes a table in schema public",
    ),
    fault(
        "everybody may connect to database postgres",
        ALL,
        "GRANT CONNECT ON DATABASE postgres TO PUBLIC",
        "",
        "may connect to another database",
    ),
    fault(
        "a tenant may make things in its schema",
        ALL,
        "GRANT CREATE ON SCHEMA S TO A, G",
        "",
        "makes a table in its own schema",
    ),
    fault("a tenant may become another", ALL, "GRANT B TO A", "REVOKE B FROM A", "takes its role"),
    fault(
        "a tenant may become the owner",
        ALL,
        "GRANT O TO A",
        "REVOKE O FROM A",
        "takes the role of the owner",
    ),
    fault(
        "a tenant owns a table",
        ALL,
        "CREATE TABLE S.mine (); ALTER TABLE S.mine OWNER TO A",
        "DROP TABLE S.mine",
        "owns something",
    ),
    fault("a tenant may make roles", ALL, "ALTER ROLE A CREATEROLE", "", "makes a role"),
    fault(
        "a tenant is above row-level security",
        &[Table],
        "ALTER ROLE A BYPASSRLS",
        "ALTER ROLE A NOBYPASSRLS",
        "deletes its notes",
    ),
    fault(
        "a tenant is a superuser",
        ALL,
        "ALTER ROLE A SUPERUSER",
        "ALTER ROLE A NOSUPERUSER",
        "becomes its user",
    ),
];
