//! From a file's bytes to text: unpacked, and decoded.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use ledger::problem::Problem;
use lzma_rust2::XzReader;

use crate::mapping::rules::Encoding;

/// The longest text of a source, unpacked.
pub const SOURCE_BYTES_MAX: u64 = 2 << 30;

/// A file's text, or why it is none.
pub fn text(name: &str, bytes: Vec<u8>, encoding: Encoding) -> Result<String, Problem> {
    let bytes = unpacked(name, bytes)?;
    let too_long = |length: usize| length as u64 > SOURCE_BYTES_MAX;
    if too_long(bytes.len()) {
        return Err(long(name));
    }
    match encoding {
        Encoding::Utf8 => utf8(name, bytes),
        Encoding::Latin1 => {
            // Signs beyond ASCII take two or three bytes from here on.
            let text: String = bytes.iter().map(|byte| latin1(*byte)).collect();
            if too_long(text.len()) { Err(long(name)) } else { Ok(text) }
        }
    }
}

fn long(name: &str) -> Problem {
    let message = format!("`{name}` has more than {SOURCE_BYTES_MAX} bytes, the most that a source may have");
    Problem::new("map-limit", message, "split it, and record one part after the other")
}

const GZIP: &[u8] = b"\x1f\x8b";
const XZ: &[u8] = b"\xfd7zXZ\0";

/// With what a file is packed: known by its first bytes, whatever it is called.
pub fn packed_with(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        _ if bytes.starts_with(GZIP) => Some("gzip"),
        _ if bytes.starts_with(XZ) => Some("xz"),
        _ => None,
    }
}

fn unpacked(name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Problem> {
    match packed_with(&bytes) {
        Some("gzip") => whole(name, "gzip", MultiGzDecoder::new(bytes.as_slice())),
        Some(with) => whole(name, with, XzReader::new(bytes.as_slice(), true)),
        None => Ok(bytes),
    }
}

/// The bytes are in memory, so what cannot be read of them is damaged.
fn whole(name: &str, with: &str, reader: impl Read) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let Err(error) = reader.take(SOURCE_BYTES_MAX + 1).read_to_end(&mut bytes) else { return Ok(bytes) };
    let what = if error.kind() == io::ErrorKind::UnexpectedEof { "is cut off" } else { "is damaged" };
    let line = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    let message = format!("`{name}` is packed with {with} and {what}: it can be unpacked up to line {line}");
    Err(Problem::new("map-packed", message, "fetch the file again: nothing of it was recorded"))
}

fn utf8(name: &str, bytes: Vec<u8>) -> Result<String, Problem> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let number = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end);
        let line = String::from_utf8_lossy(&bytes[start..end]);
        let before = at - start;
        let help = match bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            true => "save the file as UTF-8; it seems to be UTF-16",
            false => "say `encoding = \"latin-1\"` in `[source]`, or save the file as UTF-8",
        };
        let wide = '\u{fffd}'.len_utf8();
        Problem::new("map-encoding", "the text is not UTF-8 here", help).at(name, number, &line, before, before + wide)
    })
}

/// What is called Latin-1 has the signs of Windows where Latin-1 has none: the euro, dashes, quotes.
fn latin1(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => FROM_80[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// The text without the mark that some programs put before UTF-8.
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_is_packed_is_unpacked() {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(b"a,b\n").expect("memory");
        let mut gz = gz.finish().expect("memory");
        gz.extend(gz.clone());
        let cut = gz[..gz.len() - 3].to_vec();
        assert_eq!(text("x", gz, Encoding::Utf8).expect("UTF-8"), "a,b\na,b\n");
        for (bytes, said) in [
            (cut, "packed with gzip and is cut off: it can be unpacked up to line 3"),
            (b"\x1f\x8bnonsense".to_vec(), "packed with gzip and is"),
            (b"\xfd7zXZ\0nonsense".to_vec(), "packed with xz and is"),
        ] {
            let problem = text("x", bytes, Encoding::Utf8).expect_err("damaged");
            assert!(problem.code == "map-packed" && problem.message.contains(said), "{problem}");
        }
    }

    #[test]
    fn text_that_is_not_utf8_says_where() {
        let problem = text("x.csv", b"a,b\nZ\xfcrich,1\n".to_vec(), Encoding::Utf8).expect_err("refused");
        let place = problem.place.expect("a place");
        assert_eq!((place.line, place.column, place.excerpt.as_str()), (2, 2, "Z\u{fffd}rich,1"));
        let read = text("x.csv", b"Z\xfcrich \x80".to_vec(), Encoding::Latin1);
        assert_eq!(read.expect("any bytes are Latin-1"), "Zürich €");
    }
}
