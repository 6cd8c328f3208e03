//! A throw-away `PostgreSQL` server: a folder, a socket, and nobody else who could reach it.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long the server may take to answer.
const START: Duration = Duration::from_secs(30);

/// The administrator: no superuser, as on Aurora and RDS.
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.html>.
pub const ADMIN: &str = "master";

/// The superuser, whom no customer of AWS gets. It prepares the server and breaks things in it.
pub const SUPERUSER: &str = "rdsadmin";

/// A running server. It is stopped when this is dropped.
pub struct Server {
    folder: TempDir,
    child: Child,
    psql: PathBuf,
    /// What it says it is.
    pub version: String,
}

/// How a script ended, and what it said.
pub struct Said {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    /// The output, or why there is none to trust.
    pub fn check(self, what: &str) -> Result<String, String> {
        let Said { code, stdout, stderr } = self;
        if code == Some(0) {
            Ok(stdout)
        } else {
            Err(format!("{what}: {code:?}\n{stdout}{stderr}"))
        }
    }
}

/// The folders that hold a server's programs: those that the caller names, one that is on the
/// search path, or those of Debian's packages.
pub fn installed(named: Option<&str>) -> Vec<PathBuf> {
    if let Some(named) = named {
        return std::env::split_paths(named).collect();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|entry| entry.path().join("bin"));
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).chain(debian).collect();
    folders.retain(|folder| folder.join("postgres").is_file() && folder.join("initdb").is_file());
    // Programs on the search path may be links to those of a package.
    for folder in &mut folders {
        let real = fs::canonicalize(folder.join("postgres")).ok();
        *folder = real.and_then(|it| Some(it.parent()?.to_owned())).unwrap_or(folder.clone());
    }
    folders.sort();
    folders.dedup();
    folders
}

/// The client: beside the server, or on the search path.
fn psql(bin: &Path) -> PathBuf {
    Some(bin.join("psql")).filter(|path| path.is_file()).unwrap_or_else(|| "psql".into())
}

/// The server refuses to run as root; then it runs as `postgres` or `nobody`.
fn somebody_else() -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2).map(|id| id.parse().ok());
        Some((fields.next()??, fields.next()??))
    };
    ids("postgres").or_else(|| ids("nobody"))
}

impl Server {
    /// Makes a cluster of databases and starts a server for it.
    pub fn start(bin: &Path) -> Result<Server, String> {
        let folder = tempfile::tempdir().map_err(|why| why.to_string())?;
        let owner = fs::metadata(folder.path()).map_err(|why| why.to_string())?.uid();
        let user = if owner == 0 { somebody_else() } else { None };
        if let Some((user, group)) = user {
            chown(folder.path(), Some(user), Some(group)).map_err(|why| why.to_string())?;
        }
        let command = |program: &str| {
            let mut command = Command::new(bin.join(program));
            command.current_dir(folder.path()).env_clear().stdin(Stdio::null());
            command.env("LC_ALL", "C").env("PATH", std::env::var_os("PATH").unwrap_or_default());
            if let Some((user, group)) = user {
                command.uid(user).gid(group);
            }
            command
        };
        let data = folder.path().join("data");
        let made = command("initdb")
            .args(["-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "-U", SUPERUSER, "-D"])
            .arg(&data)
            .output()
            .map_err(|why| format!("initdb: {why}"))?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
        }
        let mut server = command("postgres");
        server.arg("-D").arg(&data).arg("-k").arg(folder.path()).process_group(0);
        for setting in ["listen_addresses=", "fsync=off", "full_page_writes=off", "autovacuum=off"]
        {
            server.args(["-c", setting]);
        }
        let child = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.map_err(|why| format!("postgres: {why}"))?;
        let mut server = Server { folder, child, psql: psql(bin), version: String::new() };
        server.version = server.wait()?;
        Ok(server)
    }

    fn wait(&mut self) -> Result<String, String> {
        let started = Instant::now();
        loop {
            let said = self.ask(SUPERUSER, "postgres", "SHOW server_version");
            match said.check("the server does not answer") {
                Ok(version) => return Ok(version.trim().to_owned()),
                Err(why) if started.elapsed() > START => return Err(why),
                Err(why) if matches!(self.child.try_wait(), Ok(Some(_))) => return Err(why),
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Runs statements as somebody, unaligned and without headings.
    pub fn ask(&self, user: &str, database: &str, statements: &str) -> Said {
        self.psql(user, database, &["-v", "ON_ERROR_STOP=1", "-At", "-c", statements])
    }

    /// Runs a script as somebody, with the commands of psql in it.
    pub fn script(&self, user: &str, text: &str) -> Said {
        let file = self.folder.path().join("script.sql");
        match fs::write(&file, text) {
            Ok(()) => self.run(user, "postgres", &file, &[]),
            Err(why) => Said { code: None, stdout: String::new(), stderr: why.to_string() },
        }
    }

    /// Runs a file as somebody.
    pub fn run(&self, user: &str, database: &str, file: &Path, variables: &[String]) -> Said {
        let mut arguments =
            vec!["-q", "-v", "ON_ERROR_STOP=1", "-f", file.to_str().expect("UTF-8")];
        for variable in variables {
            arguments.extend(["-v", variable]);
        }
        self.psql(user, database, &arguments)
    }

    fn psql(&self, user: &str, database: &str, arguments: &[&str]) -> Said {
        let output = Command::new(&self.psql)
            .args(["-X", "-w", "-U", user, "-d", database, "-h"])
            .arg(self.folder.path())
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null())
            .output();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match output {
            Ok(done) => {
                let (stdout, stderr) = (text(&done.stdout), text(&done.stderr));
                Said { code: done.status.code(), stdout, stderr }
            }
            Err(why) => Said { code: None, stdout: String::new(), stderr: format!("psql: {why}") },
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGQUIT is the server's immediate shutdown; it takes its own children with it.
        let _ = Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}
