//! Migrations that read like one thing and are another, as `psql` runs them.

use tenantry::prove::read::Engine::CloudFormation;

use super::{IN, add, items, mutant};
use crate::prove_mutants::{Files, Mutant, swap};

/// Adds to the migration of a tenant, which runs after that of the pool.
fn own(files: &mut Files, text: &str) -> bool {
    add(files, "tenant-globex.sql", &format!("{IN}{text}"))
}

const UNFORCED: &str = "table p_free_eu_west_1_1/app.orders does not force row-level security";

/// What reads like one thing and is another.
pub const TRICKS: &[Mutant] = &[
    mutant(
        "a comment in a comment hides what is forced",
        |files| {
            let text = "ALTER TABLE app.orders NO FORCE ROW LEVEL SECURITY;\n\
                        /* /* */ ALTER TABLE app.orders FORCE ROW LEVEL SECURITY; -- */\n";
            own(files, text)
        },
        UNFORCED,
    ),
    mutant(
        "what is forced is in a branch that is never taken",
        |files| {
            let text = "ALTER TABLE app.orders NO FORCE ROW LEVEL SECURITY;\n\\if false\n\
                        ALTER TABLE app.orders FORCE ROW LEVEL SECURITY;\n\\endif\n";
            own(files, text)
        },
        UNFORCED,
    ),
    mutant(
        "what is forced is run if something is found",
        |files| {
            let text = "ALTER TABLE app.orders NO FORCE ROW LEVEL SECURITY;\n\
                        SELECT 'ALTER TABLE app.orders FORCE ROW LEVEL SECURITY' WHERE false \\gexec\n";
            own(files, text)
        },
        UNFORCED,
    ),
    mutant(
        "what is forced is of a table whose name only reads so",
        |files| {
            let text = "ALTER TABLE app.orders NO FORCE ROW LEVEL SECURITY;\n\
                        CREATE TABLE \"app.orders\" (x int);\n\
                        ALTER TABLE \"app.orders\" FORCE ROW LEVEL SECURITY;\n";
            own(files, text)
        },
        UNFORCED,
    ),
    mutant(
        "what is forced is rolled back",
        |files| own(files, "BEGIN;\nALTER TABLE app.orders FORCE ROW LEVEL SECURITY;\nROLLBACK;\n"),
        "a statement that is not understood: rollback",
    ),
    mutant(
        "a change has a second one behind a comma",
        |files| {
            own(files, "ALTER TABLE app.orders ADD COLUMN x int, DISABLE ROW LEVEL SECURITY;\n")
        },
        "a statement that is not understood: alter table app . orders add column x int",
    ),
    mutant(
        "a text with escapes hides a grant",
        |files| {
            let text = "COMMENT ON ROLE t_globex IS E'\\'';GRANT t_initech TO t_globex;\n\
                        COMMENT ON ROLE t_globex IS '';\n";
            own(files, text)
        },
        "a statement that is not understood: a text with escapes",
    ),
    mutant(
        "a grant is to a variable",
        |files| own(files, "\\set who t_globex\nGRANT t_initech TO :who;\n"),
        "a statement that is not understood: grant t_initech to : who",
    ),
    mutant(
        "a second command stands in the line of a harmless one",
        |files| own(files, "\\echo x \\i more.sql\n"),
        "a statement that is not understood: psql 'echo'",
    ),
    mutant(
        "a shell is run for a variable",
        |files| own(files, "\\set x `psql -f more.sql`\n"),
        "a statement that is not understood: psql 'set'",
    ),
    mutant(
        "a right is to the role as a group",
        |files| own(files, "GRANT TRUNCATE ON app.orders TO GROUP t_globex;\n"),
        "TRUNCATE on table p_free_eu_west_1_1/app.orders",
    ),
    mutant(
        "names mean others by a search path",
        |files| own(files, "SET search_path = app;\nGRANT TRUNCATE ON orders TO t_globex;\n"),
        "a statement that is not understood: set search_path = app",
    ),
    mutant(
        "a role is made with a member",
        |files| own(files, "CREATE ROLE helper USER t_globex;\nGRANT t_initech TO helper;\n"),
        "a statement that is not understood: create role helper user t_globex",
    ),
    mutant(
        "two functions have one name",
        |files| {
            let text = "CREATE FUNCTION app.tenant_usage_of(int) RETURNS text LANGUAGE sql \
                        AS 'select 1';\n";
            own(files, text)
        },
        "a statement that is not understood: create function app . tenant_usage_of",
    ),
    mutant(
        "a view says of a column what it does not say of itself",
        |files| {
            let text = "CREATE VIEW app.v AS SELECT o.* FROM app.orders o, \
                        (SELECT true AS security_invoker) x WHERE security_invoker = true;\n\
                        GRANT SELECT ON app.v TO t_globex;\n";
            own(files, text)
        },
        "view of table p_free_eu_west_1_1/app.v reads with its owner's rights",
    ),
    mutant(
        "a table is a copy of what all have",
        |files| own(files, "CREATE TABLE app.leak AS SELECT * FROM app.orders;\n"),
        "a statement that is not understood: create table app . leak as select",
    ),
    mutant(
        "a policy asks for another column",
        |files| {
            let rule = "item = (SELECT tenancy.current_tenant())";
            let text = format!(
                "DROP POLICY IF EXISTS tenant_only ON app.orders;\n\
                 CREATE POLICY tenant_only ON app.orders AS RESTRICTIVE \
                 USING ({rule}) WITH CHECK ({rule});\n"
            );
            own(files, &text)
        },
        "a policy of table p_free_eu_west_1_1/app.orders lets every row through",
    ),
    mutant(
        "a second row says who acts for whom",
        |files| {
            let text = "INSERT INTO tenancy.tenants (role, tenant) VALUES ('t_globex', 'globex'), \
                        ('t_more', 'initech');\n";
            own(files, text)
        },
        "a statement that is not understood: insert into tenancy . tenants",
    ),
    mutant(
        "a conflict says who acts for whom",
        |files| {
            let text = "INSERT INTO tenancy.tenants (role, tenant) VALUES ('t_globex', 'globex') \
                        ON CONFLICT (role) DO UPDATE SET tenant = 'initech';\n";
            own(files, text)
        },
        "a statement that is not understood: insert into tenancy . tenants",
    ),
    mutant(
        "a block calls a function that does something",
        |files| own(files, "DO $x$ BEGIN IF lo_export(1, 'x') THEN RAISE 'x'; END IF; END $x$;\n"),
        "a statement that is not understood: do",
    ),
    items(
        "a key of a tenant's leads to another",
        CloudFormation,
        |files| {
            swap(
                files,
                "templates/tenant-free.json",
                "\"Value\": {\"Ref\": \"Tenant\"},\n        \"Tags\"",
                "\"Value\": \"initech\", \"Tags\"",
            )
        },
        "what @tenant-globex/KeyParameter says leads to initech",
    ),
];
