//! CSV text → tree with positions: a list of tenants, one a row. A column `vpn.asn` is the key
//! `asn` in `vpn`; an empty field is a key that is not there.

use crate::blueprint::rule;
use crate::diag::Sink;
use crate::source::{FileId, Key, Kind, Node, Site, Sources, Span};

/// Columns that hold whole numbers, if the field is one.
fn is_number(column: &str) -> bool {
    column == "vpn.asn" || column.starts_with("override.")
}

/// Columns that hold `true` or `false`; every other column is text, whatever it looks like.
const TRUTHS: [&str; 1] = ["dedicated"];

/// Columns without which a row is no tenant.
const REQUIRED: [&str; 2] = ["id", "tier"];

/// Gives a source its tree. Rows that are not well-formed are left out and complained of.
pub fn parse(sources: &mut Sources, file: FileId, sink: &mut Sink) {
    let text = sources.get(file).text.clone();
    if text.trim().is_empty() {
        sink.push(
            rule::EMPTY
                .at(Site::File(file), "the file is empty")
                .help("write a header line with `id,tier`"),
        );
        return;
    }
    let before = sink.len();
    quotes(&text, file, sink);
    if sink.len() > before {
        return;
    }
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
    let mut rows = reader.records().map_while(Result::ok);
    let Some(header) = rows.next() else { return };
    let columns: Vec<String> =
        header.iter().map(|c| c.trim_start_matches('\u{feff}').trim().to_owned()).collect();
    if !header_is_sound(&columns, &text, file, sink) {
        return;
    }
    let mut items = Vec::new();
    for row in rows {
        let start = row.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0));
        let start =
            start + text[start..].len() - text[start..].trim_start_matches(['\r', '\n']).len();
        if row.len() == columns.len() {
            items.push(tenant(&row, &columns, &text, start));
        } else {
            sink.push(rule::TENANT_TABLE.at(
                Site::Bytes(file, start, line_end(&text, start)),
                format!("the row has {} fields, the header has {}", row.len(), columns.len()),
            ));
        }
    }
    sources.get_mut(file).root = Some(Node { span: 0..0, kind: Kind::List(items) });
}

fn header_is_sound(columns: &[String], text: &str, file: FileId, sink: &mut Sink) -> bool {
    let before = sink.len();
    let site = || Site::Bytes(file, 0, line_end(text, 0));
    for required in REQUIRED.iter().filter(|r| !columns.iter().any(|c| c == *r)) {
        let near = crate::name::nearest(required, columns.iter().map(String::as_str));
        let help = near.map_or_else(
            || format!("add a column `{required}` to the header"),
            |near| format!("rename the column `{near}` to `{required}`"),
        );
        sink.push(
            rule::TENANT_TABLE
                .at(site(), format!("the header has no column `{required}`"))
                .help(help),
        );
    }
    for (i, column) in columns.iter().enumerate() {
        if columns[..i].contains(column) {
            let message = format!("the header has the column `{column}` twice");
            sink.push(rule::TENANT_TABLE.at(site(), message).help("keep one of the two columns"));
        }
    }
    sink.len() == before
}

/// A quote opens a field at its beginning and closes it at its end, or rows run into each other.
fn quotes(text: &str, file: FileId, sink: &mut Sink) {
    let mut complain = |at: usize, message: &str, help: &str| {
        sink.push(rule::TENANT_TABLE.at(Site::Bytes(file, at, at + 1), message).help(help));
    };
    let bytes = text.as_bytes();
    let (mut at, mut begins) = (0, true);
    while at < bytes.len() {
        match bytes[at] {
            b'"' if begins => {
                let inner = quoted_len(&text[at + 1..]);
                let close = at + 1 + inner;
                if close >= bytes.len() {
                    return complain(
                        at,
                        "the quote that opens here is never closed",
                        "close the quote",
                    );
                }
                if !matches!(bytes.get(close + 1), None | Some(b',' | b'\r' | b'\n')) {
                    let help = "double a quote inside a quoted field, or remove the text";
                    return complain(close, "text follows the quote that closes here", help);
                }
                at = close;
                begins = false;
            }
            b'"' => {
                let help = "put the whole field in quotes and double the quote";
                return complain(at, "a quote stands inside a field that is not quoted", help);
            }
            byte => begins = matches!(byte, b',' | b'\r' | b'\n'),
        }
        at += 1;
    }
}

fn line_end(text: &str, start: usize) -> usize {
    text[start..].find(['\r', '\n']).map_or(text.len(), |n| start + n)
}

fn tenant(row: &csv::StringRecord, columns: &[String], text: &str, start: usize) -> Node {
    let spans = field_spans(row, text, start);
    let mut entries: Vec<(Key, Node)> = Vec::new();
    for ((column, field), span) in columns.iter().zip(row).zip(spans) {
        if field.is_empty() {
            continue;
        }
        let number = is_number(column).then(|| field.parse().ok()).flatten();
        let truth = TRUTHS.contains(&column.as_str()).then(|| field.parse().ok()).flatten();
        let kind = match (number, truth) {
            (Some(number), _) => Kind::Int(number),
            (_, Some(truth)) => Kind::Bool(truth),
            _ => Kind::Text(field.to_owned()),
        };
        put(&mut entries, column, Node { span: span.clone(), kind }, &span);
    }
    Node { span: start..line_end(text, start), kind: Kind::Map(entries) }
}

fn put(entries: &mut Vec<(Key, Node)>, column: &str, value: Node, span: &Span) {
    let Some((group, rest)) = column.split_once('.') else {
        entries.push((Key { span: span.clone(), text: column.to_owned() }, value));
        return;
    };
    let at = entries.iter().position(|(key, _)| key.text == group).unwrap_or_else(|| {
        let empty = Node { span: span.clone(), kind: Kind::Map(Vec::new()) };
        entries.push((Key { span: span.clone(), text: group.to_owned() }, empty));
        entries.len() - 1
    });
    if let Kind::Map(inner) = &mut entries[at].1.kind {
        put(inner, rest, value, span);
    }
}

/// The bytes of each field, found by walking the row: the reader gives only the row's beginning.
fn field_spans(row: &csv::StringRecord, text: &str, start: usize) -> Vec<Span> {
    let mut at = start;
    row.iter()
        .map(|field| {
            let quoted = text[at..].starts_with('"');
            let from = at + usize::from(quoted);
            let inner = if quoted { quoted_len(&text[from..]) } else { field.len() };
            let end = (from + inner).min(text.len());
            at = (end + usize::from(quoted) + 1).min(text.len());
            from..end
        })
        .collect()
}

/// How many bytes stand before the closing quote, doubled quotes being one of the field's.
fn quoted_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'"' {
            if bytes.get(i + 1) != Some(&b'"') {
                return i;
            }
            i += 1;
        }
        i += 1;
    }
    bytes.len()
}
