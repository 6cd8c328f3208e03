//! What the caller asked for: every environment variable is read here, once, and nowhere else.

use std::env;
use std::path::PathBuf;

/// The caller's wishes. An empty variable counts as not given.
pub struct Settings {
    /// A missing judge is a failure, not a skip.
    pub required: bool,
    /// Blueprints to judge, by file name without its ending; empty means all.
    pub only: Vec<String>,
    /// Ready estate folders to judge instead of the repository's blueprints.
    pub dirs: Vec<PathBuf>,
    /// A shell command that starts an emulator and prints its port.
    pub emulator: Option<String>,
    /// A shell command that stops what `emulator` started.
    pub emulator_stop: Option<String>,
    /// An emulator that runs already.
    pub endpoint: Option<String>,
    /// A folder of Terraform providers, laid out as a filesystem mirror.
    pub tf_mirror: Option<PathBuf>,
    /// The caller's own Terraform settings, if the file is there.
    pub tf_config: Option<PathBuf>,
    /// A Python interpreter that can import `cloudformation_validate`.
    pub validate_python: Option<String>,
}

impl Settings {
    /// Reads the environment and the command line. Words that are no flags name blueprints.
    pub fn read() -> Self {
        let mut only: Vec<String> = text("TENANTRY_CONFORMANCE_ONLY")
            .map(|list| list.split(',').map(|name| name.trim().to_owned()).collect())
            .unwrap_or_default();
        only.extend(env::args().skip(1).filter(|word| !word.starts_with('-')));
        only.retain(|name| !name.is_empty());
        Self {
            required: text("TENANTRY_CONFORMANCE").as_deref() == Some("required"),
            only,
            dirs: text("TENANTRY_CONFORMANCE_DIR")
                .map(|dirs| env::split_paths(&dirs).collect())
                .unwrap_or_default(),
            emulator: text("TENANTRY_EMULATOR"),
            emulator_stop: text("TENANTRY_EMULATOR_STOP"),
            endpoint: text("TENANTRY_EMULATOR_ENDPOINT"),
            tf_mirror: text("TENANTRY_TF_MIRROR").map(PathBuf::from),
            tf_config: text("TF_CLI_CONFIG_FILE").map(PathBuf::from).filter(|path| path.is_file()),
            validate_python: text("TENANTRY_CLOUDFORMATION_VALIDATE"),
        }
    }
}

fn text(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}
