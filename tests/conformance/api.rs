//! Questions to the emulator, over plain HTTP. The `aws` command line judges the deploy; for
//! reading back it is too slow (half a second a call, and a snapshot is a hundred calls).
//! Signatures are not computed: an emulator reads only account key, region and service.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

use crate::manifest::{Estate, Stack};
use crate::xml;

/// Against hanging alone. To forget thirty accounts takes an emulator five seconds by itself, and
/// well over a minute on a slow machine where seven others work beside it.
const LIMIT: Duration = Duration::from_secs(600);

/// Credentials of one account.
#[derive(Clone, Debug)]
pub struct Keys {
    pub id: String,
    pub secret: String,
    pub token: Option<String>,
}

impl Keys {
    /// The keys that every emulator takes for its own first account.
    pub fn first() -> Self {
        Self { id: "test".to_owned(), secret: "test".to_owned(), token: None }
    }
}

/// An emulator as seen from one account and region.
#[derive(Clone)]
pub struct Api {
    pub address: SocketAddr,
    pub keys: Keys,
    pub region: String,
}

impl Api {
    /// The same emulator, seen with the rights of a role in `account`.
    pub fn within(&self, partition: &str, account: &str, region: &str) -> Result<Self, String> {
        let role = format!("arn:{partition}:iam::{account}:role/OrganizationAccountAccessRole");
        let asked = [("RoleArn", role.as_str()), ("RoleSessionName", "conformance")];
        let here = Self { region: region.to_owned(), ..self.clone() };
        let answer = here.query("sts", "2011-06-15", "AssumeRole", &asked)?;
        let given = &answer["AssumeRoleResult"]["Credentials"];
        let part = |name: &str| given[name].as_str().map(str::to_owned);
        let missing = || format!("AssumeRole gave no credentials for account {account}");
        let keys = Keys {
            id: part("AccessKeyId").ok_or_else(missing)?,
            secret: part("SecretAccessKey").ok_or_else(missing)?,
            token: part("SessionToken"),
        };
        Ok(Self { keys, ..here })
    }

    /// Asks a service of the query protocol (EC2, STS, IAM, CloudFormation).
    pub fn query(
        &self,
        service: &str,
        version: &str,
        action: &str,
        asked: &[(&str, &str)],
    ) -> Result<Value, String> {
        let mut body = format!("Action={action}&Version={version}");
        for (name, value) in asked {
            let _ = write!(body, "&{name}={}", percent(value));
        }
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        let text = self.post(service, kind, &body).map_err(|why| format!("{action}: {why}"))?;
        xml::parse(&text).ok_or_else(|| format!("{action}: not XML: {text:.200}"))
    }

    /// EC2's answer to one question.
    pub fn ec2(&self, action: &str, asked: &[(&str, &str)]) -> Result<Value, String> {
        self.query("ec2", "2016-11-15", action, asked)
    }

    /// Asks a service of the JSON protocol (Systems Manager, `CloudWatch` Logs).
    pub fn json(&self, service: &str, target: &str, body: &Value) -> Result<Value, String> {
        let kind =
            format!("Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {target}\r\n");
        let text = self
            .post(service, &kind, &body.to_string())
            .map_err(|why| format!("{target}: {why}"))?;
        serde_json::from_str(&text).map_err(|why| format!("{target}: {why}"))
    }

    /// Every page of a JSON list.
    pub fn pages(
        &self,
        service: &str,
        target: &str,
        list: &str,
        token: &str,
        body: &Value,
    ) -> Result<Vec<Value>, String> {
        let (mut body, mut found) = (body.clone(), Vec::new());
        loop {
            let mut page = self.json(service, target, &body)?;
            if let Some(items) = page[list].as_array_mut() {
                found.append(items);
            }
            match page[token].as_str() {
                Some(next) if !next.is_empty() => body[token] = json!(next),
                _ => return Ok(found),
            }
        }
    }

    /// Makes the emulator forget everything.
    pub fn reset(&self) -> Result<(), String> {
        let head = "POST /moto-api/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n";
        exchange(self.address, &format!("{head}Connection: close\r\n\r\n")).map(drop)
    }

    fn post(&self, service: &str, kind: &str, body: &str) -> Result<String, String> {
        let scope = format!("{}/20200101/{}/{service}/aws4_request", self.keys.id, self.region);
        let token = self.keys.token.as_deref().unwrap_or_default();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={scope}, \
             SignedHeaders=host, Signature=0\r\nX-Amz-Security-Token: {token}\r\n\
             {kind}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        );
        exchange(self.address, &request)
    }
}

/// One request, one answer, one connection.
fn exchange(address: SocketAddr, request: &str) -> Result<String, String> {
    let talk = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    let answer = talk().map_err(|error| format!("no answer from {address}: {error}"))?;
    let end = answer.windows(4).position(|part| part == b"\r\n\r\n");
    let (head, body) = answer.split_at(end.ok_or("an answer without a head")?);
    let (head, body) = (String::from_utf8_lossy(head), &body[4..]);
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    let body = if chunked { unchunk(body) } else { body.to_vec() };
    let body = String::from_utf8_lossy(&body).into_owned();
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    if status == "200" { Ok(body) } else { Err(format!("HTTP {status}: {body:.300}")) }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|part| part == b"\r\n") {
        let size = String::from_utf8_lossy(&rest[..line]);
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        let data = &rest[line + 2..];
        if size == 0 || data.len() < size {
            break;
        }
        body.extend_from_slice(&data[..size]);
        rest = data[size..].strip_prefix(b"\r\n").unwrap_or(&data[size..]);
    }
    body
}

fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let shown = |byte: u8| match byte {
        byte if plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(shown).collect()
}

/// Credentials for each account of an estate, fetched once.
#[derive(Clone)]
pub struct Accounts {
    known: BTreeMap<(String, String), Api>,
    deployer: Option<Keys>,
}

impl Accounts {
    pub fn open(base: &Api, estate: &Estate) -> Result<Self, String> {
        let enter = |account: &str, region: &str| base.within(&estate.partition, account, region);
        let mut known = BTreeMap::new();
        for (account, region) in estate.places() {
            let api = enter(&account, &region)?;
            known.insert((account, region), api);
        }
        let deployer = estate.deployer.as_deref();
        let deployer = deployer.map(|account| enter(account, &base.region)).transpose()?;
        Ok(Self { known, deployer: deployer.map(|api| api.keys) })
    }

    /// One more place to look at.
    pub fn add(&mut self, account: &str, region: &str, api: Api) {
        self.known.entry((account.to_owned(), region.to_owned())).or_insert(api);
    }

    pub fn at(&self, stack: &Stack) -> &Api {
        &self.known[&(stack.account.clone(), stack.region.clone())]
    }

    /// The keys that a user would deploy this stack with: those of the deploying account, as
    /// scripts and roots enter other accounts by themselves.
    pub fn deployer(&self, stack: &Stack) -> &Keys {
        self.deployer.as_ref().unwrap_or(&self.at(stack).keys)
    }

    pub fn places(&self) -> impl Iterator<Item = (&str, &str, &Api)> {
        self.known.iter().map(|((account, region), api)| (account.as_str(), region.as_str(), api))
    }
}
