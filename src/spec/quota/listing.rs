//! What the AWS command line prints, as text with places. A listing that is not the whole of what there
//! is, or not JSON, is refused: what is missing in it would be counted as nothing.

use serde_json::Value;

use crate::diag::{Diagnostic, Sink};
use crate::source::{FileId, Site, Sources};
use crate::spec::rule;

/// The text of a listing, as a shell wrote it: UTF-8, or what begins with a mark and is UTF-16, as of
/// `PowerShell` (<https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_character_encoding>).
/// `None` if it is neither.
pub fn text(bytes: &[u8]) -> Option<String> {
    let wide = |rest: &[u8], of: fn([u8; 2]) -> u16| {
        let (units, odd) = rest.as_chunks::<2>();
        let units: Vec<u16> = units.iter().map(|unit| of(*unit)).collect();
        String::from_utf16(&units).ok().filter(|_| odd.is_empty())
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}

/// A file that is no text.
pub fn no_text(file: FileId) -> Diagnostic {
    let help = "write it anew as UTF-8; in PowerShell, `| Out-File -Encoding utf8 FILE` does";
    rule::LISTING.at(Site::File(file), "this is not UTF-8").help(help)
}

/// A file that is not there, or that may not be read.
pub fn unread(file: FileId, why: &str) -> Diagnostic {
    let help = "name a file that the AWS command line wrote";
    rule::LISTING.at(Site::File(file), format!("this cannot be read: {why}")).help(help)
}

/// A listing that was read.
pub struct Listing<'a> {
    /// Its file.
    pub file: FileId,
    /// Its text.
    text: &'a str,
    /// What it says.
    pub json: Value,
}

impl<'a> Listing<'a> {
    /// Reads a listing; `None` if it is none, and the sink says why.
    pub fn read(sources: &'a Sources, file: FileId, sink: &mut Sink) -> Option<Self> {
        let text = sources.get(file).text.as_str();
        match serde_json::from_str(text) {
            Ok(json @ Value::Object(_)) => Some(Listing { file, text, json }),
            Ok(_) => {
                let complaint = rule::LISTING.at(Site::File(file), "this is not an object of JSON");
                sink.push(complaint.help("give what the command prints, without --query"));
                None
            }
            Err(error) => {
                let source = sources.get(file);
                let at = source.byte_of(&error);
                sink.push(rule::LISTING.at(Site::Bytes(file, at, at), "this is not JSON"));
                None
            }
        }
    }

    /// Complains that it is only a part, which stands under a key; what to do, if it is something else than
    /// with others.
    pub fn is_cut(&self, key: &str, help: Option<&str>, sink: &mut Sink) {
        let message = "the listing is only a part of what there is";
        let complaint = rule::LISTING.at(self.place(key), message);
        sink.push(match help {
            Some(help) => complaint.help(help),
            None => complaint,
        });
    }

    /// Where the first of its keys stands.
    pub fn head(&self) -> Site {
        let keys = self.json.as_object().into_iter().flat_map(serde_json::Map::keys);
        let first = keys.min_by_key(|key| self.text.find(&format!("\"{key}\"")));
        first.map_or(Site::File(self.file), |key| self.place(key))
    }

    /// Where a text in quotes first stands.
    pub fn place(&self, word: &str) -> Site {
        self.nth(word, 0)
    }

    /// Where a text in quotes stands for the nth time, from zero.
    pub fn nth(&self, word: &str, n: usize) -> Site {
        match self.text.match_indices(&format!("\"{word}\"")).nth(n) {
            Some((at, quoted)) => Site::Bytes(self.file, at, at + quoted.len()),
            None => Site::File(self.file),
        }
    }
}
