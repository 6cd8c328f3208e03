//! Migrations and catalogues that are broken.

use tenantry::prove::read::Engine::{self, CloudFormation, Terraform};

use super::{Files, Mutant, swap};
use crate::support::{options, root, synth_text};

mod tricks; // what reads like one thing and is another

/// The rendered folder of a pool of two tenants in Aurora, with a partition.
pub fn pool(partition: &str) -> Files {
    let text = include_str!("../../../blueprints/application-sql.yaml");
    let text = text.replace("partition: schema", &format!("partition: {partition}"));
    let outcome = synth_text("rows.yaml", text.as_bytes(), None, &root(), options());
    let made = outcome.made.unwrap_or_else(|| panic!("{:?}", outcome.sink.as_slice()));
    let rendered = made.render();
    let each = rendered.stacks().iter().flat_map(|stack| rendered.stack(stack));
    rendered.shared().into_iter().chain(each).map(|file| (file.path, file.text)).collect()
}

const fn mutant(name: &'static str, apply: fn(&mut Files) -> bool, expect: &'static str) -> Mutant {
    Mutant { name, blueprint: "sql", engine: CloudFormation, apply, expect }
}

const fn schema(name: &'static str, apply: fn(&mut Files) -> bool, expect: &'static str) -> Mutant {
    Mutant { blueprint: "application-sql.yaml", ..mutant(name, apply, expect) }
}

const fn items(
    name: &'static str,
    engine: Engine,
    apply: fn(&mut Files) -> bool,
    expect: &'static str,
) -> Mutant {
    Mutant { blueprint: "application-sql.yaml", engine, ..mutant(name, apply, expect) }
}

/// Adds to the end of a migration.
fn add(files: &mut Files, path: &str, text: &str) -> bool {
    let Some((_, file)) = files.iter_mut().find(|(name, _)| name.ends_with(path)) else {
        return false;
    };
    file.push_str(text);
    true
}

const IN: &str = "\\connect p_free_eu_west_1_1\nSET ROLE o_free_eu_west_1_1;\n";

/// All of them.
pub fn mutants() -> Vec<Mutant> {
    [ROWS_AND_ROLES, THINGS, LEADS, tricks::TRICKS].concat()
}

const ROWS_AND_ROLES: &[Mutant] = &[
    mutant(
        "row security not forced",
        |files| {
            swap(files, "pool.sql", "ALTER TABLE app.\"orders\" FORCE ROW LEVEL SECURITY;\n", "")
        },
        "globex -> initech: data/row-security table p_free_eu_west_1_1/app.orders does not force row-level security on its owner",
    ),
    mutant(
        "row security no longer forced",
        |files| swap(files, "pool.sql", " FORCE ROW LEVEL", " NO FORCE ROW LEVEL"),
        "globex -> initech: data/row-security table p_free_eu_west_1_1/app.invoices does not force row-level security on its owner",
    ),
    mutant(
        "row security not enabled",
        |files| {
            swap(files, "pool.sql", "ALTER TABLE app.\"orders\" ENABLE ROW LEVEL SECURITY;\n", "")
        },
        "globex -> initech: data/row-security table p_free_eu_west_1_1/app.orders does not enable row-level security",
    ),
    mutant(
        "the narrowing policy is dropped",
        |files| {
            add(files, "pool.sql", &format!("{IN}DROP POLICY tenant_only ON app.\"orders\";\n"))
        },
        "globex -> initech: data/row-security a policy of table p_free_eu_west_1_1/app.orders lets every row through",
    ),
    mutant(
        "the narrowing policy is permissive",
        |files| swap(files, "pool.sql", " AS RESTRICTIVE", ""),
        "globex -> initech: data/row-security a policy of table p_free_eu_west_1_1/app.invoices lets every row through",
    ),
    mutant(
        "a policy that is true for all",
        |files| {
            swap(
                files,
                "pool.sql",
                "USING (tenant_id = (SELECT tenancy.current_tenant()))",
                "USING (true)",
            )
        },
        "globex -> initech: data/row-security a policy of table p_free_eu_west_1_1/app.invoices lets every row through",
    ),
    mutant(
        "written rows are not checked",
        |files| {
            swap(
                files,
                "pool.sql",
                "WITH CHECK (tenant_id = (SELECT tenancy.current_tenant()))",
                "WITH CHECK (true)",
            )
        },
        "globex -> initech: data/row-security a policy of table p_free_eu_west_1_1/app.invoices lets every row through",
    ),
    mutant(
        "the tenant is a setting that anybody changes",
        |files| {
            swap(
                files,
                "pool.sql",
                "t.role = session_user",
                "t.tenant = current_setting('app.tenant')",
            )
        },
        "globex -> initech: data/row-security a policy of table p_free_eu_west_1_1/app.invoices lets every row through",
    ),
    mutant(
        "the tenant is who was become",
        |files| swap(files, "pool.sql", "t.role = session_user", "t.role = current_user"),
        "globex -> initech: data/row-security a policy of table p_free_eu_west_1_1/app.invoices lets every row through",
    ),
    mutant(
        "a grant to everybody",
        |files| add(files, "pool.sql", &format!("{IN}GRANT SELECT ON app.\"orders\" TO PUBLIC;\n")),
        "globex -> initech: data/public PUBLIC has SELECT on table p_free_eu_west_1_1/app.orders",
    ),
    mutant(
        "TRUNCATE is granted",
        |files| {
            swap(
                files,
                "pool.sql",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON app",
                "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON app",
            )
        },
        "globex -> initech: data/row-security TRUNCATE on table p_free_eu_west_1_1/app.invoices, which no policy of rows sees",
    ),
    mutant(
        "who acts for whom can be written",
        |files| {
            add(
                files,
                "pool.sql",
                &format!("{IN}GRANT INSERT ON tenancy.tenants TO g_free_eu_west_1_1;\n"),
            )
        },
        "globex -> initech: data/row-security table p_free_eu_west_1_1/tenancy.tenants does not enable row-level security",
    ),
    mutant(
        "a role of a tenant acts for another",
        |files| {
            swap(files, "tenant-globex.sql", "('t_globex', 'globex')", "('t_globex', 'initech')")
        },
        "globex -> initech: data/login role t_globex acts for initech",
    ),
    mutant(
        "BYPASSRLS",
        |files| {
            swap(
                files,
                "tenant-globex.sql",
                "ALTER ROLE t_globex LOGIN",
                "ALTER ROLE t_globex BYPASSRLS LOGIN",
            )
        },
        "globex -> initech: data/role role t_globex has BYPASSRLS",
    ),
    mutant(
        "SUPERUSER",
        |files| {
            swap(
                files,
                "tenant-globex.sql",
                "'CREATE ROLE t_globex LOGIN'",
                "'CREATE ROLE t_globex SUPERUSER LOGIN'",
            )
        },
        "globex -> initech: data/role role t_globex has SUPERUSER",
    ),
    mutant(
        "a member of another's role",
        |files| add(files, "tenant-globex.sql", "GRANT t_initech TO t_globex;\n"),
        "globex -> initech: data/membership role t_globex is a member of t_initech",
    ),
    mutant(
        "a member of a role that reads everything",
        |files| add(files, "tenant-globex.sql", "GRANT pg_read_all_data TO t_globex;\n"),
        "globex -> initech: data/membership role t_globex is a member of pg_read_all_data, which the migrations do not make",
    ),
    mutant(
        "a member of the owner",
        |files| add(files, "tenant-globex.sql", "GRANT o_free_eu_west_1_1 TO t_globex;\n"),
        "globex -> initech: data/owner role t_globex owns table p_free_eu_west_1_1/app.invoices",
    ),
    mutant(
        "a table is a tenant's",
        |files| {
            add(files, "pool.sql", &format!("{IN}ALTER TABLE app.\"orders\" OWNER TO t_globex;\n"))
        },
        "globex -> initech: data/owner role t_globex owns table p_free_eu_west_1_1/app.orders",
    ),
];

const THINGS: &[Mutant] = &[
    mutant(
        "a view with its owner's rights",
        |files| swap(files, "pool.sql", " WITH (security_invoker = true)", ""),
        "globex -> initech: data/view view of table p_free_eu_west_1_1/app.tenant_usage reads with its owner's rights",
    ),
    mutant(
        "a function with its owner's rights",
        |files| swap(files, "pool.sql", "SECURITY INVOKER", "SECURITY DEFINER"),
        "globex -> initech: data/function function p_free_eu_west_1_1/app.tenant_usage_of runs with its owner's rights",
    ),
    mutant(
        "the guard looks names up where others write",
        |files| {
            swap(
                files,
                "pool.sql",
                "DEFINER SET search_path = pg_catalog, pg_temp",
                "DEFINER SET search_path = app",
            )
        },
        "globex -> initech: data/function function p_free_eu_west_1_1/tenancy.current_tenant runs with its owner's rights",
    ),
    mutant(
        "the database is open to everybody",
        |files| {
            swap(files, "pool.sql", "REVOKE ALL ON DATABASE p_free_eu_west_1_1 FROM PUBLIC;\n", "")
        },
        "globex -> initech: data/public PUBLIC has CONNECT on database p_free_eu_west_1_1",
    ),
    mutant(
        "a block that is run grants",
        |files| {
            add(files, "pool.sql", "DO $$ BEGIN EXECUTE 'GRANT t_initech TO t_globex'; END $$;\n")
        },
        "shared pool free-eu-west-1-1 -> globex: data/outside a statement that is not understood: do ' BEGIN EXECUTE 'GRANT t_initech TO t_globex'; END '",
    ),
    mutant(
        "a file that is included",
        |files| add(files, "tenant-globex.sql", "\\i more.sql\n"),
        "globex -> initech: data/outside a statement that is not understood: psql 'i'",
    ),
    mutant(
        "a statement of another kind",
        |files| add(files, "pool.sql", "SECURITY LABEL ON ROLE t_globex IS 'free';\n"),
        "shared pool free-eu-west-1-1 -> globex: data/outside a statement that is not understood: security label on role t_globex is 'free'",
    ),
    schema(
        "a schema is granted to another",
        |files| add(files, "tenant-initech.sql", "GRANT USAGE ON SCHEMA t_initech TO t_globex;\n"),
        "globex -> initech: data/grant USAGE on schema p_free_eu_west_1_1/t_initech is granted to a role of globex",
    ),
    schema(
        "a table of a schema is granted to all of the pool",
        |files| {
            swap(
                files,
                "tenant-initech.sql",
                "ON t_initech.\"orders\" TO t_initech;",
                "ON t_initech.\"orders\" TO g_free_eu_west_1_1;",
            )
        },
        "globex -> initech: data/grant DELETE on table p_free_eu_west_1_1/t_initech.orders is granted to a role of globex",
    ),
    schema(
        "a schema is a tenant's",
        |files| {
            swap(
                files,
                "tenant-globex.sql",
                "CREATE SCHEMA IF NOT EXISTS t_globex;",
                "CREATE SCHEMA IF NOT EXISTS t_globex AUTHORIZATION t_globex;",
            )
        },
        "globex -> initech: data/owner role t_globex owns schema p_free_eu_west_1_1/t_globex",
    ),
    schema(
        "what is made later is everybody's",
        |files| {
            add(
                files,
                "pool.sql",
                "ALTER DEFAULT PRIVILEGES FOR ROLE o_free_eu_west_1_1 GRANT SELECT ON TABLES TO PUBLIC;\n",
            )
        },
        "shared pool free-eu-west-1-1 -> globex: data/default what is made later is granted to public",
    ),
];

const LEADS: &[Mutant] = &[
    items(
        "an item leads to another's login",
        CloudFormation,
        |files| {
            swap(
                files,
                "data/tenant-globex.json",
                "\"database_user\": {\"S\": \"t_globex\"}",
                "\"database_user\": {\"S\": \"t_initech\"}",
            )
        },
        "globex -> initech: data/catalogue database_user t_initech is that of initech",
    ),
    items(
        "an item leads to another's schema",
        CloudFormation,
        |files| {
            swap(
                files,
                "data/tenant-globex.json",
                "\"schema\": {\"S\": \"t_globex\"}",
                "\"schema\": {\"S\": \"t_initech\"}",
            )
        },
        "globex -> initech: data/catalogue schema t_initech is that of initech",
    ),
    items(
        "an item is another's",
        CloudFormation,
        |files| {
            swap(
                files,
                "data/tenant-globex.json",
                "\"tenant\": {\"S\": \"globex\"}",
                "\"tenant\": {\"S\": \"initech\"}",
            )
        },
        "globex -> initech: data/catalogue its item is that of initech",
    ),
    items(
        "an item leads to another pool",
        CloudFormation,
        |files| {
            swap(
                files,
                "data/tenant-globex.json",
                "\"cell\": {\"S\": \"free-eu-west-1-1\"}",
                "\"cell\": {\"S\": \"free-eu-west-1-2\"}",
            )
        },
        "globex -> shared table lagoon-test-cell-free-eu-west-1-1-catalogue: data/catalogue the pool is free-eu-west-1-1, its item says free-eu-west-1-2",
    ),
    items(
        "an item of Terraform's leads to another's login",
        Terraform,
        |files| {
            swap(
                files,
                "terraform/stacks/tenant-globex/main.tf.json",
                r#"\"database_user\":{\"S\":\"t_globex\"}"#,
                r#"\"database_user\":{\"S\":\"t_initech\"}"#,
            )
        },
        "globex -> initech: data/catalogue database_user t_initech is that of initech",
    ),
    Mutant {
        blueprint: "application-tables.yaml",
        ..items(
            "an item leads to another's tables",
            CloudFormation,
            |files| swap(files, "data/tenant-globex.json", ".globex.", ".initech."),
            "initech -> globex: data/catalogue table_prefix mere-test-cell-basic-eu-west-1-1.initech. is that of globex",
        )
    },
];
