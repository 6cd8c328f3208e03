//! A zip archive of one text file, without a program that packs it: Terraform takes the code of a
//! function from nowhere else, and no other provider shall be needed. Artifacts are text, so the
//! archive is made to be ASCII: the file is stored as it is, and a comment at its end grows
//! until checksum and lengths have no byte above 127.
//! Source: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>.

/// The name of the file inside, as the handler of the function names it.
const NAME: &str = "index.py";

/// A file of Python as an archive.
///
/// # Panics
/// If the code is not ASCII, or too long.
pub fn python(code: &str) -> String {
    assert!(code.is_ascii() && code.len() < 0x7FFF, "short and ASCII");
    let mut grown = crc32(0, code.as_bytes());
    let fits = |_: &usize| {
        grown = crc32(grown, b"#");
        crc32(grown, b"\n").to_le_bytes().is_ascii()
    };
    let mut tries = (1..8192).filter(fits).map(|n| archive(&format!("{code}{}\n", "#".repeat(n))));
    let found = tries.find(|bytes| bytes.is_ascii()).expect("one in sixty-four is ASCII");
    String::from_utf8(found).expect("ASCII is UTF-8")
}

fn archive(text: &str) -> Vec<u8> {
    let short = |n: usize| u16::try_from(n).expect("it is short").to_le_bytes();
    let long = |n: usize| u32::try_from(n).expect("it is short").to_le_bytes();
    // Version, no flags, stored, midnight of the first day that the format knows.
    let mut about = [20_u16, 0, 0, 0, 0x21].map(u16::to_le_bytes).concat();
    about.extend(crc32(0, text.as_bytes()).to_le_bytes());
    about.extend([long(text.len()), long(text.len())].concat());
    about.extend([short(NAME.len()), short(0)].concat());
    let mut out = [b"PK\x03\x04".as_slice(), &about, NAME.as_bytes(), text.as_bytes()].concat();
    let start = out.len();
    // No comment, disk, attributes; the file begins where the archive does.
    let tail = [0_u8; 14];
    out.extend([b"PK\x01\x02\x14\x00".as_slice(), &about, &tail, NAME.as_bytes()].concat());
    let size = out.len() - start;
    out.extend(
        [
            b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00".as_slice(),
            &long(size),
            &long(start),
            &short(0),
        ]
        .concat(),
    );
    out
}

/// The checksum of the format, of what a checksum stands for (nothing, if it is 0) and what follows.
fn crc32(before: u32, bytes: &[u8]) -> u32 {
    let mut crc = !before;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_format() {
        assert_eq!(crc32(0, b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(crc32(0, b"1234"), b"56789"), 0xCBF4_3926);
    }

    #[test]
    fn an_archive_is_ascii_and_the_same_each_time() {
        let code = "def handler(event, context):\n    return 1\n";
        let archive = python(code);
        assert!(archive.is_ascii() && archive.contains(code));
        assert_eq!(archive, python(code));
    }
}
