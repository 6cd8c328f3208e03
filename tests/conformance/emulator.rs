//! Something that answers like AWS on the loopback interface: one that runs already, one that the
//! caller's command starts, or moto as it is installed. Nothing else is ever talked to.

use std::fs::{self, File};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::api::{Api, Keys};
use crate::settings::Settings;
use crate::{process, relay};

const START: Duration = Duration::from_secs(180);

/// What an emulator can be trusted with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One that the caller chose: taken to be fit for both engines.
    Chosen,
    /// moto as installed. Its CloudFormation skips most types in silence, loses outputs, and
    /// answers a second deploy with an error; Terraform waits without end for what a transit
    /// gateway becomes.
    Plain,
}

/// A running emulator. Dropping it stops what was started for it.
pub struct Emulator {
    address: SocketAddr,
    door: SocketAddr,
    pub kind: Kind,
    child: Option<Child>,
    stop: Option<(String, String)>,
}

impl Emulator {
    fn at(
        address: SocketAddr,
        kind: Kind,
        child: Option<Child>,
        stop: Option<(String, String)>,
    ) -> Result<Self, String> {
        let door = relay::open(address).map_err(|why| format!("no free port: {why}"))?;
        Ok(Self { address, door, kind, child, stop })
    }

    /// The address as AWS's tools want it.
    pub fn url(&self) -> String {
        format!("http://{}", self.door)
    }

    /// The emulator as its own first account sees it.
    pub fn api(&self) -> Api {
        Api { address: self.address, keys: Keys::first(), region: "us-east-1".to_owned() }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some((command, dir)) = &self.stop {
            let done = process::run(&mut shell(command, dir), Duration::from_secs(30));
            if !done.ok() {
                println!("  the emulator was not stopped: {}", done.complaint(command));
            }
        }
        if let Some(child) = &mut self.child {
            process::kill(child);
        }
    }
}

/// Emulators for as many lanes as are wanted and possible; a lane judges one estate at a time,
/// and has two where they can be told apart, one for each engine. An error says why there is none.
pub fn start(
    settings: &Settings,
    scratch: &Path,
    lanes: usize,
) -> Result<Vec<Vec<Emulator>>, String> {
    if let Some(endpoint) = &settings.endpoint {
        return Ok(vec![vec![existing(endpoint)?]]);
    }
    let stop = settings.emulator_stop.as_deref();
    let dir = |at: usize| scratch.join(format!("emulator-{at}"));
    match &settings.emulator {
        Some(command) if command.contains("TENANTRY_EMULATOR_DIR") => {
            let mut started = several(2 * lanes, |at| chosen(command, stop, &dir(at)))?.into_iter();
            let pair = |_| started.by_ref().take(2).collect();
            Ok((0..lanes).map(pair).collect())
        }
        Some(command) => Ok(vec![vec![chosen(command, stop, &dir(0))?]]),
        None if process::find("moto_server").is_some() => {
            let started = several(lanes, |at| plain(&dir(at)))?;
            Ok(started.into_iter().map(|emulator| vec![emulator]).collect())
        }
        None => {
            let why = "TENANTRY_EMULATOR is not set, and there is no moto_server to fall back to";
            Err(why.to_owned())
        }
    }
}

/// Starts several at the same time.
fn several(
    count: usize,
    one: impl Fn(usize) -> Result<Emulator, String> + Sync,
) -> Result<Vec<Emulator>, String> {
    thread::scope(|scope| {
        let one = &one;
        let started: Vec<_> = (0..count).map(|at| scope.spawn(move || one(at))).collect();
        started.into_iter().map(|it| it.join().expect("starting does not panic")).collect()
    })
}

/// An address is refused unless it is a loopback one: a typing error must not deploy to AWS.
fn existing(endpoint: &str) -> Result<Emulator, String> {
    let place = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let mut found = place.to_socket_addrs().map_err(|why| format!("{endpoint}: {why}"))?;
    let address = found
        .find(|address| matches!(address.ip(), IpAddr::V4(ip) if ip.is_loopback()))
        .ok_or_else(|| format!("{endpoint} is not on the loopback interface"))?;
    Emulator::at(address, Kind::Chosen, None, None)
}

/// Runs the caller's command, which either prints a port and ends, or prints it and stays.
fn chosen(command: &str, stop: Option<&str>, dir: &Path) -> Result<Emulator, String> {
    fs::create_dir_all(dir).map_err(|why| why.to_string())?;
    let dir_text = dir.display().to_string();
    let (out, err) = (dir.join("start.out"), dir.join("start.err"));
    let create = |path: &Path| File::create(path).map_err(|why| why.to_string());
    let mut child = shell(command, &dir_text)
        .stdin(Stdio::null())
        .stdout(create(&out)?)
        .stderr(create(&err)?)
        .process_group(0)
        .spawn()
        .map_err(|why| format!("{command}: {why}"))?;
    let started = Instant::now();
    loop {
        let ended = child.try_wait().ok().flatten();
        let said = fs::read_to_string(&out).unwrap_or_default();
        let port = said.lines().find_map(|line| line.trim().parse::<u16>().ok());
        if let Some(port) = port.filter(|_| ended.is_some() || said.ends_with('\n')) {
            let stop = stop.map(|stop| (stop.to_owned(), dir_text));
            let child = if ended.is_some() { None } else { Some(child) };
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            return Emulator::at(address, Kind::Chosen, child, stop);
        }
        if ended.is_some() || started.elapsed() > START {
            process::kill(&mut child);
            let why = fs::read_to_string(&err).unwrap_or_default();
            return Err(format!("no port from `{command}`: {}", process::tail(&(said + &why), 5)));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn plain(dir: &Path) -> Result<Emulator, String> {
    let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr());
    let address = free.map_err(|why| format!("no free port: {why}"))?;
    fs::create_dir_all(dir).map_err(|why| why.to_string())?;
    let log = File::create(dir.join("moto.log")).map_err(|why| why.to_string())?;
    let port = address.port().to_string();
    let child = process::command("moto_server")
        .args(["-p", &port, "-H", "127.0.0.1"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .process_group(0)
        .spawn()
        .map_err(|why| format!("moto_server: {why}"))?;
    let emulator = Emulator::at(address, Kind::Plain, Some(child), None)?;
    let started = Instant::now();
    while TcpStream::connect(address).is_err() {
        if started.elapsed() > START {
            return Err("moto_server did not start".to_owned());
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(emulator)
}

fn shell(command: &str, dir: &str) -> Command {
    let mut shell = process::command("sh");
    shell.args(["-c", command]).env("TENANTRY_EMULATOR_DIR", dir);
    shell
}
