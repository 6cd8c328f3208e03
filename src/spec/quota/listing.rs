//! What the AWS command line prints, as text with places. A listing that is not the whole of what there
//! is, or not JSON, is refused: what is missing in it would be counted as nothing.

use serde_json::Value;

use crate::diag::Sink;
use crate::source::{FileId, Site, Sources};
use crate::spec::rule;

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
                sink.push(rule::LISTING.at(Site::File(file), "this is not an object of JSON"));
                None
            }
            Err(error) => {
                let source = sources.get(file);
                let at = source.byte_at(error.line().max(1), error.column().max(1));
                sink.push(rule::LISTING.at(Site::Bytes(file, at, at), "this is not JSON"));
                None
            }
        }
    }

    /// Complains if the listing is only a part.
    pub fn is_whole(&self, sink: &mut Sink) -> bool {
        let more = ["NextToken", "NextMarker", "Marker", "nextToken", "LastEvaluatedTableName"];
        let more = more.into_iter().find(|key| !self.json[*key].is_null());
        let said = ["IsTruncated", "HasMoreStreams", "HasMoreDeliveryStreams"];
        let cut = said.into_iter().find(|key| self.json[*key] == true);
        if let Some(key) = more.or(cut) {
            let message = "the listing is only a part of what there is";
            sink.push(rule::LISTING.at(self.place(key), message));
        }
        more.is_none() && cut.is_none()
    }

    /// Where a text in quotes first stands.
    pub fn place(&self, word: &str) -> Site {
        match self.text.find(&format!("\"{word}\"")) {
            Some(at) => Site::Bytes(self.file, at, at + word.len() + 2),
            None => Site::File(self.file),
        }
    }
}
