//! CloudFormation as the judge: the shipped script deploys the stacks, finds nothing to do when
//! it is run again, and the stacks can be taken away.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::api::Accounts;
use crate::manifest::{Estate, Stack};
use crate::process::{self, Done, command, run};
use crate::report::Verdict;
use crate::terraform::credentials;

const VERSION: &str = "2010-05-15";
const SCRIPT: &str = "cloudformation/deploy.sh";

/// A deployer: the estate, what of it is deployed, and where.
pub struct Deployer<'a> {
    pub estate: &'a Estate,
    pub stacks: &'a [&'a Stack],
    pub accounts: &'a Accounts,
    pub url: &'a str,
}

impl Deployer<'_> {
    /// Why the shipped script cannot be run here, if so.
    pub fn missing(&self) -> Option<String> {
        let tools = ["aws", "bash"].into_iter().find(|tool| process::find(tool).is_none());
        let tool = tools.map(|tool| format!("{tool} is not on the search path"));
        let script =
            || (!self.estate.dir.join(SCRIPT).is_file()).then(|| format!("there is no {SCRIPT}"));
        tool.or_else(script)
    }

    /// Deploys, looks that all is there, and deploys again.
    pub fn deploy(&self) -> Result<usize, String> {
        self.script(SCRIPT, &[]).check(SCRIPT).map_err(|why| why + &self.reasons())?;
        for stack in self.stacks {
            self.exists(stack)?;
        }
        let again = self.script(SCRIPT, &[]);
        again.check(&format!("second {SCRIPT}")).map_err(|why| why + &self.reasons())?;
        let said = again.said();
        let unnamed = |stack: &&Stack| stack.pending && !said.contains(&stack.key);
        if self.whole()
            && let Some(stack) = self.estate.stacks.iter().find(unnamed)
        {
            return Err(format!("{SCRIPT} does not say that {} waits for its account", stack.key));
        }
        let quiet = |stack: &&&Stack| {
            !said.contains(&format!("No changes to deploy. Stack {} is up to date", stack.physical))
        };
        let loud: Vec<&str> =
            self.stacks.iter().filter(quiet).map(|stack| stack.physical.as_str()).collect();
        if loud.is_empty() {
            return Ok(self.stacks.len());
        }
        let heard = process::tail(&said, 30);
        Err(format!("the second deploy had something to do for {}\n{heard}", loud.join(", ")))
    }

    /// A dry run of every script names every stack and touches nothing.
    pub fn dry_run(&self) -> Verdict {
        let mut count = 0;
        for script in ["deploy.sh", SCRIPT] {
            if !self.estate.dir.join(script).is_file() {
                continue;
            }
            let done = self.script(script, &["--dry-run"]);
            if let Err(why) = done.check(&format!("{script} --dry-run")) {
                return Verdict::Failed(why);
            }
            let said = done.said();
            let named = |stack: &Stack| said.contains(&stack.key) || said.contains(&stack.physical);
            if let Some(stack) = self.stacks.iter().find(|stack| !named(stack)) {
                return Verdict::Failed(format!("{script} --dry-run does not name {}", stack.key));
            }
            count += 1;
        }
        Verdict::Passed(count)
    }

    /// A stack says that it made a VPN connection, and there is none.
    pub fn pretended_vpn(&self) -> bool {
        self.stacks.iter().any(|stack| {
            let api = self.accounts.at(stack);
            let asked = [("StackName", stack.physical.as_str())];
            let told = api.query("cloudformation", VERSION, "DescribeStackResources", &asked);
            let says = told.is_ok_and(|told| told.to_string().contains("AWS::EC2::VPNConnection"));
            let made = api.ec2("DescribeVpnConnections", &[]);
            says && made.is_ok_and(|made| made["vpnConnectionSet"].is_null())
        })
    }

    /// Takes a step of the script out of the manifest, which must be a copy.
    pub fn without_step(&self, step: &str) -> Result<(), String> {
        let path = self.estate.dir.join("manifest.json");
        let text = fs::read_to_string(&path).map_err(|why| why.to_string())?;
        let forms = [format!(",\"{step}\""), format!("\"{step}\","), format!("\"{step}\"")];
        let text = forms.iter().fold(text, |text, form| text.replace(form, ""));
        fs::write(&path, text).map_err(|why| why.to_string())
    }

    /// Takes the stacks away, last first. How many stacks.
    pub fn delete(&self) -> Result<usize, String> {
        self.detach()?;
        for stack in self.stacks.iter().rev() {
            let api = self.accounts.at(stack);
            let asked = [("StackName", stack.physical.as_str())];
            api.query("cloudformation", VERSION, "DeleteStack", &asked)?;
            let started = Instant::now();
            loop {
                match self.status(stack).as_deref() {
                    None | Some("DELETE_COMPLETE") => break,
                    Some("DELETE_IN_PROGRESS") if started.elapsed() < Duration::from_secs(300) => {
                        thread::sleep(Duration::from_millis(200));
                    }
                    Some(status) => return Err(format!("{} is {status}", stack.physical)),
                }
            }
        }
        Ok(self.stacks.len())
    }

    /// Detaches VPN gateways: moto deletes the attachment of a stack without detaching anything,
    /// and then cannot delete the VPC.
    fn detach(&self) -> Result<(), String> {
        for (.., api) in self.accounts.places() {
            let told = api.ec2("DescribeVpnGateways", &[])?;
            for gateway in told["vpnGatewaySet"].as_array().into_iter().flatten() {
                let id = gateway["vpnGatewayId"].as_str().unwrap_or_default();
                for to in gateway["attachments"].as_array().into_iter().flatten() {
                    let vpc = to["vpcId"].as_str().unwrap_or_default();
                    if to["state"] == "attached" {
                        let asked = [("VpnGatewayId", id), ("VpcId", vpc)];
                        api.ec2("DetachVpnGateway", &asked)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What CloudFormation says about the resources that it could not make.
    fn reasons(&self) -> String {
        let mut found = String::new();
        for stack in self.stacks {
            let api = self.accounts.at(stack);
            let asked = [("StackName", stack.physical.as_str())];
            let told = api.query("cloudformation", VERSION, "DescribeStackEvents", &asked);
            let told = told.unwrap_or_default()["DescribeStackEventsResult"]["StackEvents"].take();
            for event in told.as_array().into_iter().flatten() {
                let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
                if text("ResourceStatus").ends_with("_FAILED") {
                    let (id, why) = (text("LogicalResourceId"), text("ResourceStatusReason"));
                    found.extend(["\n", &stack.key, ": ", &id, ": ", &why]);
                }
            }
        }
        found
    }

    /// The stack is complete, and so is each resource that its template makes unconditionally.
    fn exists(&self, stack: &Stack) -> Result<(), String> {
        let status = self.status(stack).unwrap_or_else(|| "not there".to_owned());
        if !status.ends_with("_COMPLETE") || status.contains("ROLLBACK") {
            return Err(format!("{} is {status} after the deploy", stack.physical));
        }
        let template = json_file(&self.estate.dir.join(&stack.template))?;
        let api = self.accounts.at(stack);
        let asked = [("StackName", stack.physical.as_str())];
        let told = api.query("cloudformation", VERSION, "DescribeStackResources", &asked)?;
        let told = told["DescribeStackResourcesResult"]["StackResources"].clone();
        let made: Vec<&Value> =
            told.as_array().into_iter().flatten().map(|it| &it["LogicalResourceId"]).collect();
        let written = template["Resources"].as_object().into_iter().flatten();
        let absent: Vec<&str> = written
            .filter(|(id, it)| it["Condition"].is_null() && !made.iter().any(|made| *made == *id))
            .map(|(id, _)| id.as_str())
            .collect();
        match absent.as_slice() {
            [] => Ok(()),
            absent => Err(format!("{} lacks {}", stack.physical, absent.join(", "))),
        }
    }

    fn status(&self, stack: &Stack) -> Option<String> {
        let api = self.accounts.at(stack);
        let asked = [("StackName", stack.physical.as_str())];
        let told = api.query("cloudformation", VERSION, "DescribeStacks", &asked).ok()?;
        told["DescribeStacksResult"]["Stacks"][0]["StackStatus"].as_str().map(str::to_owned)
    }

    /// All that is ready is deployed, so the script is not told what to deploy.
    fn whole(&self) -> bool {
        self.stacks.len() == self.estate.ready().len()
    }

    /// Runs a shipped script with the keys of the account that it wants.
    fn script(&self, script: &str, words: &[&str]) -> Done {
        let mut call = command("bash");
        call.arg(script).args(words).current_dir(&self.estate.dir);
        if !self.whole() {
            for stack in self.stacks {
                call.args(["--stack", &stack.key]);
            }
        }
        credentials(&mut call, self.accounts.deployer(self.stacks[0]));
        call.env("AWS_ENDPOINT_URL", self.url);
        run(&mut call, Duration::from_secs(300 + 60 * self.stacks.len() as u64))
    }
}

fn json_file(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
    serde_json::from_str(&text).map_err(|why| format!("{}: {why}", path.display()))
}
