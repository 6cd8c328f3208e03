//! What is to be moved into a folder and removed from it. Once the journal is in place, the change
//! has happened; a run that is killed after that is finished by the next.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::disk::{fault, make_dir};
use crate::term::Failure;

/// A change of a folder.
pub struct Journal {
    /// Paths of staged files to move.
    pub puts: Vec<String>,
    /// Paths of files to remove.
    pub removals: Vec<String>,
}

const STAGE: &str = "stage";
const JOURNAL: &str = "journal";

impl Journal {
    /// Makes the change.
    pub fn commit(&self, work: &Path, target: &Path) -> Result<(), Failure> {
        if self.puts.is_empty() && self.removals.is_empty() {
            return Ok(());
        }
        let puts = self.puts.iter().map(|path| format!("put {path}\n"));
        let removals = self.removals.iter().map(|path| format!("remove {path}\n"));
        let text: String = puts.chain(removals).collect();
        let (fresh, journal) = (work.join("journal.new"), work.join(JOURNAL));
        fs::write(&fresh, text).map_err(|e| fault(&fresh, &e))?;
        fs::rename(&fresh, &journal).map_err(|e| fault(&journal, &e))?;
        self.carry_out(work, target)
    }

    /// Finishes what an earlier run began, or forgets what it only staged.
    pub fn finish(work: &Path, target: &Path) -> Result<(), Failure> {
        let path = work.join(JOURNAL);
        match fs::read_to_string(&path) {
            Ok(text) => Journal::parse(&text).carry_out(work, target),
            Err(e) if e.kind() == ErrorKind::NotFound => clear(work),
            Err(e) => Err(fault(&path, &e)),
        }
    }

    fn parse(text: &str) -> Self {
        let of = |word: &str| {
            text.lines().filter_map(|line| line.strip_prefix(word)).map(str::to_owned).collect()
        };
        Journal { puts: of("put "), removals: of("remove ") }
    }

    fn carry_out(&self, work: &Path, target: &Path) -> Result<(), Failure> {
        let stage = work.join(STAGE);
        for path in &self.puts {
            let (from, to) = (stage.join(path), target.join(path));
            match fs::rename(&from, &to) {
                Ok(()) => {}
                // Moved by the run that was killed.
                Err(_) if !from.exists() => {}
                Err(_) => {
                    make_dir(to.parent().expect("it lies below the target"))?;
                    fs::rename(&from, &to).map_err(|e| fault(&to, &e))?;
                }
            }
        }
        for path in &self.removals {
            let gone = target.join(path);
            match fs::remove_file(&gone) {
                Ok(()) => {}
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                Err(e) => return Err(fault(&gone, &e)),
            }
            // Folders that are empty now; one that is not, holds something of somebody else.
            let above = gone.ancestors().skip(1).take_while(|folder| *folder != target);
            for folder in above {
                if fs::remove_dir(folder).is_err() {
                    break;
                }
            }
        }
        let journal = work.join(JOURNAL);
        match fs::remove_file(&journal) {
            Ok(()) => {}
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(fault(&journal, &e)),
        }
        clear(work)
    }
}

/// Removes what is staged.
fn clear(work: &Path) -> Result<(), Failure> {
    let stage = work.join(STAGE);
    match fs::remove_dir_all(&stage) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(e) => Err(fault(&stage, &e)),
    }
}
