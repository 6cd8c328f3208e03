//! The databases of a pool: a cluster of Aurora `PostgreSQL` in a stack of its own, so that the
//! application can be deployed anew without touching it.

use crate::model::application::roles;
use crate::model::cell;
use crate::model::identity;
use crate::model::network::numbered;
use crate::plan::{Cell, Plan, Zone};
use crate::resource::database::{Cluster, Instance, Parameters, SubnetGroup};
use crate::resource::iam::Role;
use crate::spec::{Spec, Tier};
use crate::template::{Extra, Stack, Template, Wave};
use crate::value::{Id, Value};

/// The least and the most capacity, in half units, unless the tier says so: a half and four.
const CAPACITY: [u16; 2] = [1, 8];

/// The key of the stack of the databases of a pool.
pub fn key(cell: &str) -> String {
    format!("data-{cell}")
}

/// Its template.
pub fn template(shape: &str, spec: &Spec, tier: &Tier, zones: &[Zone]) -> Template {
    let about = format!("The databases of a pool of tier {}.", tier.id);
    let mut t = Template::new(shape, about);
    let cell = t.param("Cell", "The id of the cell");
    t.tags.push(("Cell".to_owned(), cell));
    identity::tag_shared(&mut t, spec, Some(tier));
    let mut subnets = Vec::new();
    for zone in zones {
        let name = numbered("DataSubnetId", zone);
        t.imported(&name, "AWS::EC2::Subnet::Id", "A subnet for databases");
        subnets.push(Id::param(name));
    }
    t.imported("DataGroupId", "String", "The group of the databases");
    let app = t.imported("AppRoleArn", "String", "The role of the application");
    t.imported("AppRoleName", "String", "The name of that role");
    let cluster = Cluster {
        subnets: t.add("SubnetGroup", SubnetGroup { subnets }),
        parameters: t.add("ClusterParameters", Parameters),
        group: Id::param("DataGroupId"),
        port: tier.data_port,
        capacity: tier.data.as_ref().and_then(|data| data.capacity).unwrap_or(CAPACITY),
    };
    let cluster = t.add_kept("Cluster", cluster);
    t.add("Instance", Instance { cluster: cluster.clone() });
    let role = roles::login_role(&mut t, app, &cluster);
    let app: Id<Role> = Id::param("AppRoleName");
    roles::enter(&mut t, &app, &role);
    let rows = [
        ("data-role-arn", "By which the application works for a tenant", role.att("Arn")),
        ("database-endpoint", "Where the databases are", cluster.att("Endpoint.Address")),
        ("database-port", "Where they listen", Value::from(tier.data_port.to_string())),
    ];
    for (path, what, value) in rows {
        cell::publish(&mut t, spec, path, what, value);
    }
    t
}

/// The stack of the databases of a pool.
pub fn stack(spec: &Spec, plan: &Plan, cell: &Cell, tier: &Tier, template: &Template) -> Stack {
    let (mut stack, mut values) = cell::part(spec, cell, tier, Wave::Data, "data");
    for zone in &plan.zones[&cell.region] {
        let path = cell::path(spec, &cell.id, &subnet_path(zone));
        values.set(numbered("DataSubnetId", zone), path);
    }
    for (name, path) in [
        ("DataGroupId", "data-security-group-id"),
        ("AppRoleArn", "app-role-arn"),
        ("AppRoleName", "app-role-name"),
    ] {
        values.set(name, cell::path(spec, &cell.id, path));
    }
    stack.depends_on.push(cell::key(&cell.id));
    stack.extras.push(Extra::PoolSql(cell.id.clone()));
    stack.values = values.order(template);
    stack.shape.clone_from(&template.shape);
    stack
}

/// Where a pool publishes a subnet for databases.
pub fn subnet_path(zone: &Zone) -> String {
    format!("data-subnet-{}-id", zone.number())
}
