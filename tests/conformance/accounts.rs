//! The case `accounts`: tenants whose accounts nobody knows yet. What is known is deployed, the
//! accounts that AWS made are imported, the rest follows, and each lands in its own account.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::{Accounts, Api};
use crate::emulator::{Emulator, Kind};
use crate::estate::Court;
use crate::manifest::{self, Estate};
use crate::organization::{self, rewrite};
use crate::process::{Done, command, run};
use crate::report::{Report, Verdict};
use crate::terraform::{Terraform, adapt, credentials};
use crate::trim;

/// The name of the case, and of its blueprint beside this file.
pub const NAME: &str = "accounts";

const BLUEPRINT: &str = include_str!("accounts.yaml");
const MANAGEMENT: &str = "111111111111";
const REGION: &str = "eu-west-1";
const QUICK: Duration = Duration::from_secs(180);
const SLOW: Duration = Duration::from_secs(600);

/// The roles that a stack set makes in every account of a tenant.
const ROLES: [&str; 3] = ["acme-prod-auditor", "acme-prod-deployer", "acme-prod-operator"];

/// Judges both engines, at the same time where each has an emulator of its own.
pub fn judge(report: &Report, court: &Court, emulators: Result<&[Emulator], &str>, place: &Path) {
    let skip = |why: &str| {
        for engine in ["terraform accounts", "cloudformation accounts"] {
            report.judge(engine, || Verdict::Skipped(why.to_owned()));
        }
    };
    let emulators = match emulators {
        Ok(emulators) if emulators[0].kind == Kind::Plain => {
            return skip("moto as installed makes no organization with CloudFormation");
        }
        Ok(emulators) => emulators,
        Err(why) => return skip(why),
    };
    let (first, second) = (&emulators[0], emulators.get(1));
    let by_terraform = || {
        report.judge("terraform accounts", || match &court.terraform {
            Ok(terraform) => {
                let terraform = terraform.at(&first.url());
                let place = place.join("terraform");
                Case { report, emulator: first, place, terraform: Some(&terraform) }.run().into()
            }
            Err(why) => Verdict::Skipped(why.clone()),
        });
    };
    let by_cloudformation = |emulator: &Emulator| {
        report.judge("cloudformation accounts", || {
            let place = place.join("cloudformation");
            Case { report, emulator, place, terraform: None }.run()
        });
    };
    if let Some(second) = second {
        thread::scope(|scope| {
            scope.spawn(|| by_cloudformation(second));
            by_terraform();
        });
    } else {
        by_terraform();
        by_cloudformation(first);
    }
}

/// The case with one engine, CloudFormation if Terraform is not there.
struct Case<'a> {
    report: &'a Report,
    emulator: &'a Emulator,
    place: PathBuf,
    terraform: Option<&'a Terraform>,
}

impl Case<'_> {
    /// The whole way. How many stacks are deployed in the end.
    fn run(&self) -> Result<usize, String> {
        self.emulator.api().reset()?;
        let management = self.emulator.api().within("aws", MANAGEMENT, REGION)?;
        self.write(&organization::make(&management)?)?;

        let estate = self.synthesise()?;
        self.deploys(&estate)?;
        let listing = self.list(&management)?;
        self.settled(&estate)?;

        let before = self.lock()?;
        self.import(&listing).check("tenantry accounts import")?;
        let known = self.lock()?;
        if known == before {
            return Err("the import changed nothing in the lock".to_owned());
        }
        self.refuses_swapped(&listing)?;

        let estate = self.synthesise()?;
        if let Some(stack) = estate.stacks.iter().find(|stack| stack.pending) {
            return Err(format!("{} still waits for its account", stack.key));
        }
        self.deploys(&estate)?;
        self.found(&estate, &management)?;
        self.quiet(&estate)?;
        Ok(estate.stacks.len())
    }

    fn engine(&self) -> &'static str {
        if self.terraform.is_some() { "terraform" } else { "cloudformation" }
    }

    fn blueprint(&self) -> PathBuf {
        self.place.join("accounts.yaml")
    }

    /// The blueprint with the ids of the emulator's own organization.
    fn write(&self, (id, root): &(String, String)) -> Result<(), String> {
        let text = BLUEPRINT.replace("o-exampleorgid", id).replace("r-examplerootid", root);
        let path = self.blueprint();
        let written = fs::create_dir_all(&self.place).and_then(|()| fs::write(&path, text));
        written.map_err(|why| format!("{}: {why}", path.display()))
    }

    fn lock(&self) -> Result<String, String> {
        let path = self.place.join("accounts.lock.json");
        fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))
    }

    /// Lets tenantry write, and copies what it wrote to where it is deployed from: what is
    /// deployed has the few changes that an emulator needs.
    fn synthesise(&self) -> Result<Estate, String> {
        let (out, live) = (self.place.join("out"), self.place.join("live/acme-prod"));
        let mut synth = command(env!("CARGO_BIN_EXE_tenantry"));
        synth.arg("synth").arg(self.blueprint()).args(["--engine", "both", "--out"]).arg(&out);
        run(&mut synth, QUICK).check("tenantry synth")?;
        manifest::copy(&out.join("acme-prod"), &live)?;
        let estate = Estate::read(&live)?;
        if self.terraform.is_some() {
            trim::modules(&estate)?;
            for stack in &estate.stacks {
                adapt(&estate.dir.join(&stack.root), None)?;
            }
        }
        Ok(estate)
    }

    /// Runs the shipped script as its user would.
    fn script(&self, estate: &Estate, words: &[&str]) -> Result<Done, String> {
        let accounts = Accounts::open(&self.emulator.api(), estate)?;
        let keys = accounts.deployer(&estate.stacks[0]);
        let mut call = command("bash");
        call.arg(format!("{}/deploy.sh", self.engine())).args(words).current_dir(&estate.dir);
        if let Some(terraform) = self.terraform {
            terraform.equip(&mut call, keys, true);
        } else {
            credentials(&mut call, keys);
            call.env("AWS_ENDPOINT_URL", self.emulator.url());
        }
        Ok(run(&mut call, SLOW))
    }

    /// What is ready is deployed; what waits is named.
    fn deploys(&self, estate: &Estate) -> Result<(), String> {
        let done = self.script(estate, &[])?;
        done.check("deploy.sh")?;
        let said = done.said();
        let waiting: Vec<&str> =
            estate.stacks.iter().filter(|it| it.pending).map(|it| it.key.as_str()).collect();
        let told = said.contains(&format!("{} stacks wait for accounts", waiting.len()));
        if told == waiting.is_empty() || !waiting.iter().all(|key| said.contains(key)) {
            let said = crate::process::tail(&said, 5);
            return Err(format!("{} wait, but deploy.sh says:\n{said}", waiting.join(", ")));
        }
        let count = format!("{} ", estate.ready().len());
        let last = |line: &str| line.starts_with(&count) && line.ends_with("are up to date");
        if said.lines().any(last) { Ok(()) } else { Err("deploy.sh does not say its count".into()) }
    }

    /// Saves what `aws organizations list-accounts` prints.
    fn list(&self, management: &Api) -> Result<PathBuf, String> {
        let mut call = command("aws");
        call.args(["organizations", "list-accounts", "--output", "json"]);
        credentials(&mut call, &management.keys);
        call.env("AWS_ENDPOINT_URL", self.emulator.url());
        let done = run(&mut call, QUICK);
        done.check("aws organizations list-accounts")?;
        let path = self.place.join("listing.json");
        fs::write(&path, done.stdout).map_err(|why| format!("{}: {why}", path.display()))?;
        Ok(path)
    }

    /// The emulator's part of what AWS does when an account joins a unit.
    fn settled(&self, estate: &Estate) -> Result<(), String> {
        let accounts = Accounts::open(&self.emulator.api(), estate)?;
        let organization = organization::of(estate).ok_or("the estate has no organization")?;
        match organization.settle(&accounts)? {
            2 => Ok(()),
            count => Err(format!("the stack set was deployed to {count} accounts, not to 2")),
        }
    }

    fn import(&self, listing: &Path) -> Done {
        let mut import = command(env!("CARGO_BIN_EXE_tenantry"));
        import.args(["accounts", "import"]).arg(listing).arg(self.blueprint());
        run(&mut import, QUICK)
    }

    /// Two accounts that changed their addresses are refused, and nothing is written.
    fn refuses_swapped(&self, listing: &Path) -> Result<(), String> {
        let before = self.lock()?;
        let swapped = self.place.join("swapped.json");
        fs::copy(listing, &swapped).map_err(|why| why.to_string())?;
        rewrite(&swapped, |text| {
            let text = text.replace("aws+globex@", "aws+x@").replace("aws+initech@", "aws+globex@");
            text.replace("aws+x@", "aws+initech@")
        })?;
        let done = self.import(&swapped);
        if done.code() != Some(1) || !done.said().contains("aws+globex@acme.example") {
            return Err(done.complaint("a listing with swapped addresses was not refused"));
        }
        if self.lock()? != before {
            return Err("a refused listing changed the lock".to_owned());
        }
        Ok(())
    }

    /// Each account of a tenant holds that tenant's VPC and the roles, and no other has any.
    fn found(&self, estate: &Estate, management: &Api) -> Result<(), String> {
        let mut accounts: BTreeMap<String, String> = BTreeMap::new();
        for member in organization::members(management)? {
            let part = |name: &str| member[name].as_str().unwrap_or_default().to_owned();
            accounts.insert(part("Id"), part("Email"));
        }
        let others = [MANAGEMENT, "333333333333"].map(|id| (id.to_owned(), String::new()));
        accounts.extend(others);
        let mut wrong = Vec::new();
        for (account, email) in &accounts {
            let (vpcs, roles) = self.look(account)?;
            let tenant = email.trim_start_matches("aws+").split('@').next().unwrap_or_default();
            let mine = |it: &&manifest::Stack| it.account == *account;
            let stack = estate.stacks.iter().filter(mine).any(|it| it.key.ends_with(tenant));
            let expected = if tenant.is_empty() {
                (json!([]), Vec::new())
            } else {
                (json!([tenant]), ROLES.map(str::to_owned).to_vec())
            };
            if (&vpcs, &roles) != (&expected.0, &expected.1) || !tenant.is_empty() && !stack {
                wrong.push(format!("account {account} {email}: VPCs of {vpcs}, roles {roles:?}"));
            }
            let engine = self.engine();
            self.report.note(&format!(
                "{engine}: account {account} {email} has VPCs of {vpcs}, roles {}",
                roles.join(" ")
            ));
        }
        if wrong.is_empty() && accounts.len() == 4 { Ok(()) } else { Err(wrong.join("\n")) }
    }

    /// The tenants of the VPCs of an account, and the estate's roles in it.
    fn look(&self, account: &str) -> Result<(Value, Vec<String>), String> {
        let api = self.emulator.api().within("aws", account, REGION)?;
        let told = api.ec2("DescribeVpcs", &[])?;
        let all = told["vpcSet"].as_array().cloned().unwrap_or_default();
        let tenant = |vpc: &Value| {
            let tags = vpc["tagSet"].as_array().cloned().unwrap_or_default();
            tags.iter().find(|tag| tag["key"] == "Tenant").map(|tag| tag["value"].clone())
        };
        let own = all.iter().filter(|vpc| vpc["isDefault"] != "true");
        let vpcs = own.map(|vpc| tenant(vpc).unwrap_or_else(|| vpc["vpcId"].clone())).collect();
        let told = api.query("iam", "2010-05-08", "ListRoles", &[])?;
        let roles = told["ListRolesResult"]["Roles"].as_array().cloned().unwrap_or_default();
        let roles = roles.iter().filter_map(|role| role["RoleName"].as_str());
        let mut roles: Vec<String> =
            roles.filter(|name| ROLES.contains(name)).map(str::to_owned).collect();
        roles.sort();
        Ok((vpcs, roles))
    }

    /// A third run has nothing to do.
    fn quiet(&self, estate: &Estate) -> Result<(), String> {
        let (words, line): (&[&str], _) = match self.terraform {
            Some(_) => (&["--dry-run"], "No changes. "),
            None => (&[], "No changes to deploy. "),
        };
        let done = self.script(estate, words)?;
        done.check("third deploy.sh")?;
        let said = done.said();
        let quiet = said.lines().filter(|it| it.starts_with(line)).count();
        if quiet == estate.stacks.len() {
            return Ok(());
        }
        let said = crate::process::tail(&said, 60);
        Err(format!("only {quiet} of {} have nothing to do\n{said}", estate.stacks.len()))
    }
}
