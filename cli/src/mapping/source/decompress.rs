//! From a file's bytes to text, a part at a time: unpacked, and decoded.

use std::cell::Cell;
use std::io::{self, BufRead, Cursor, ErrorKind, Read};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;

use crate::failure::refused_reading;
use crate::input::limits::{Limits, UNPACK_MEMORY_MAX};
use crate::mapping::refusal::SourceRefusal;
use crate::mapping::rules::Encoding;
use crate::mapping::source::utf16::{Utf16, of_mark};
use crate::wording::command::refused;
use crate::wording::mapping::source_refused;
use crate::wording::problem::Problem;

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

/// What is in a file, packed or not.
pub fn unpacked<'s>(name: &str, mut from: Box<dyn BufRead + 's>, limits: &Limits) -> io::Result<Box<dyn Read + 's>> {
    let mut head = Vec::new();
    (&mut from).take(XZ.len() as u64).read_to_end(&mut head)?;
    let with = packed_with(&head);
    let whole = Cursor::new(head).chain(from);
    let Some(with) = with else { return Ok(Box::new(whole)) };
    let packed = Rc::new(Cell::new(0));
    let counted = Counted { inside: whole, read: Rc::clone(&packed) };
    let decoder: Box<dyn Read + 's> = match with {
        "gzip" => Box::new(MultiGzDecoder::new(counted)),
        _ => Box::new(XzReader::new_mem_limit(counted, true, (UNPACK_MEMORY_MAX >> 10) as u32)),
    };
    Ok(Box::new(Unpacking { name: name.to_owned(), with, decoder, packed, unpacked: 0, lines: 0, limits: *limits }))
}

/// Counts what is read of a packed file.
struct Counted<R> {
    inside: R,
    read: Rc<Cell<u64>>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inside.read(into)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inside.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.inside.consume(bytes);
        self.read.set(self.read.get() + bytes as u64);
    }
}

/// What comes out of a packed file, as long as it is no more than may be.
struct Unpacking<'s> {
    name: String,
    with: &'static str,
    decoder: Box<dyn Read + 's>,
    packed: Rc<Cell<u64>>,
    unpacked: u64,
    lines: usize,
    limits: Limits,
}

impl Read for Unpacking<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(into).map_err(|error| self.failed(error))?;
        self.unpacked += read as u64;
        self.lines += into[..read].iter().filter(|byte| **byte == b'\n').count();
        self.limits
            .unpacked(&self.name, self.packed.get(), self.unpacked)
            .map_err(|refusal| refused_reading(refused(&refusal).into()))?;
        Ok(read)
    }
}

impl Unpacking<'_> {
    /// What the decoder says of a file that is not as it was packed. What the disk says is passed on.
    fn failed(&self, error: io::Error) -> io::Error {
        let source = self.name.clone();
        let is_cut_off = match error.kind() {
            ErrorKind::Interrupted => return error,
            _ if error.raw_os_error().is_some() || crate::failure::refusal(&error).is_some() => return error,
            ErrorKind::OutOfMemory => {
                let refusal = SourceRefusal::UnpackMemory { source, most: UNPACK_MEMORY_MAX };
                return refused_reading(source_refused(&refusal).into());
            }
            ErrorKind::UnexpectedEof => true,
            _ => false,
        };
        let refusal = SourceRefusal::PackedBroken { source, with: self.with, is_cut_off, line: self.lines + 1 };
        refused_reading(source_refused(&refusal).into())
    }
}

/// As much is decoded at once.
const CHUNK_BYTES: usize = 256 << 10;

/// The text of a source, of which a part is in memory. The part grows until its beginning was taken away.
pub struct Text<'s> {
    name: String,
    from: Box<dyn Read + 's>,
    encoding: Encoding,
    utf16: Utf16,
    /// What was read and not decoded yet: the beginning of a character.
    raw: Vec<u8>,
    text: String,
    /// Up to here it was taken away.
    taken: usize,
    /// Line ends of what was decoded.
    lines: usize,
    is_begun: bool,
    is_ended: bool,
    /// What comes after the text that is there.
    failed: Option<io::Error>,
}

impl<'s> Text<'s> {
    pub fn new(name: &str, from: Box<dyn Read + 's>, encoding: Encoding) -> Text<'s> {
        Text {
            name: name.to_owned(),
            from,
            encoding,
            utf16: Utf16::LittleEndian,
            raw: Vec::new(),
            text: String::new(),
            taken: 0,
            lines: 0,
            is_begun: false,
            is_ended: false,
            failed: None,
        }
    }

    /// What is there.
    pub fn part(&self) -> &str {
        &self.text[self.taken..]
    }

    /// Whether nothing comes behind the part.
    pub fn is_ended(&self) -> bool {
        self.is_ended
    }

    /// So many bytes of the part were dealt with.
    pub fn take(&mut self, bytes: usize) {
        self.taken += bytes;
    }

    /// Reads on. What is before the place that cannot be read is given before the error.
    pub fn read_on(&mut self) -> io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.text.drain(..self.taken);
        self.taken = 0;
        let before = self.text.len();
        let read = (&mut self.from).take(CHUNK_BYTES as u64).read_to_end(&mut self.raw);
        let is_last = matches!(read, Ok(0));
        // What was read is before what could not be.
        let outcome = self.decode().and_then(|()| if is_last { self.nothing_is_left() } else { Ok(()) }).and(read);
        let is_more = self.text.len() > before;
        self.begin();
        match outcome {
            Ok(_) => self.is_ended = is_last,
            Err(error) if is_more => self.failed = Some(error),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Some programs put a mark before UTF-8.
    fn begin(&mut self) {
        if !self.is_begun && !self.text.is_empty() {
            self.is_begun = true;
            if self.text.starts_with(MARK) {
                self.text.drain(..MARK.len_utf8());
            }
        }
    }

    /// A file of UTF-16 begins with a mark that no text in UTF-8 begins with.
    fn find_utf16(&mut self) {
        if self.is_begun || !self.text.is_empty() {
            return;
        }
        if let (Encoding::Utf8 | Encoding::Utf16, Some(utf16)) = (self.encoding, of_mark(&self.raw)) {
            (self.encoding, self.utf16) = (Encoding::Utf16, utf16);
        }
    }

    fn decode(&mut self) -> io::Result<()> {
        self.find_utf16();
        match self.encoding {
            Encoding::Utf16 => {
                let before = self.text.len();
                let (taken, is_wrong) = self.utf16.decode(&self.raw, &mut self.text);
                self.lines += self.text[before..].bytes().filter(|byte| *byte == b'\n').count();
                if is_wrong {
                    return Err(refused_reading(self.not_encoded(taken, "UTF-16")));
                }
                self.raw.drain(..taken);
            }
            Encoding::Latin1 => self.text.extend(self.raw.drain(..).map(latin1)),
            Encoding::Utf8 => {
                let (length, is_wrong) = match std::str::from_utf8(&self.raw) {
                    Ok(text) => (text.len(), false),
                    // The beginning of a character may go on.
                    Err(error) => (error.valid_up_to(), error.error_len().is_some()),
                };
                let text = std::str::from_utf8(&self.raw[..length]).unwrap_or_default();
                self.lines += text.bytes().filter(|byte| *byte == b'\n').count();
                self.text.push_str(text);
                if is_wrong {
                    return Err(refused_reading(self.not_encoded(length, "UTF-8")));
                }
                self.raw.drain(..length);
            }
        }
        Ok(())
    }

    /// At the end of the text no character may have only begun.
    fn nothing_is_left(&self) -> io::Result<()> {
        if self.raw.is_empty() {
            Ok(())
        } else {
            Err(refused_reading(self.not_encoded(0, if self.encoding == Encoding::Utf16 { "UTF-16" } else { "UTF-8" })))
        }
    }

    /// At a byte of what was read, before which everything was decoded.
    fn not_encoded(&self, at: usize, encoding: &'static str) -> Problem {
        let rest = &self.raw[at..];
        let start = self.text.rfind('\n').map_or(0, |end| end + 1);
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let line = format!("{}{}", &self.text[start..], String::from_utf8_lossy(&rest[..end]));
        let before = self.text.len() - start;
        let wide = '\u{fffd}'.len_utf8();
        let problem = Problem::from(source_refused(&SourceRefusal::NotEncoded { encoding }));
        problem.at(&self.name, self.lines + 1, &line, before, before + wide)
    }
}

const MARK: char = '\u{feff}';

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
    text.strip_prefix(MARK).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::refusal;
    use std::io::Write;

    fn text(name: &str, bytes: &[u8], encoding: Encoding, limits: &Limits) -> Result<String, Problem> {
        let read = || -> io::Result<String> {
            let mut text = Text::new(name, unpacked(name, Box::new(bytes), limits)?, encoding);
            while !text.is_ended() {
                text.read_on()?;
            }
            Ok(text.part().to_owned())
        };
        read().map_err(|error| refusal(&error).expect("a problem").clone())
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(bytes).expect("memory");
        gz.finish().expect("memory")
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let limits = Limits::default();
        let gz = gzip(b"a,b\n").repeat(2);
        let cut = gz[..gz.len() - 3].to_vec();
        assert_eq!(text("x", &gz, Encoding::Utf8, &limits).expect("UTF-8"), "a,b\na,b\n");
        for (bytes, said) in [
            (cut, "packed with gzip and is cut off: it can be unpacked up to line 3"),
            (b"\x1f\x8bnonsense".to_vec(), "packed with gzip and is"),
            (b"\xfd7zXZ\0nonsense".to_vec(), "packed with xz and is"),
        ] {
            let problem = text("x", &bytes, Encoding::Utf8, &limits).expect_err("damaged");
            assert!(problem.code == "map-packed" && problem.message.contains(said), "{problem}");
        }
    }

    #[test]
    fn a_packed_file_may_come_to_as_much_and_no_byte_more() {
        for (length, is_taken) in [(5_000, true), (5_001, false)] {
            let gz = gzip(&vec![b'x'; length]);
            let dense = Limits { unpacked_free: 5_000, unpacked_ratio: 2, ..Limits::default() };
            let large = Limits { size: 5_000, ..Limits::default() };
            for limits in [dense, large] {
                let read = text("x", &gz, Encoding::Utf8, &limits);
                assert_eq!(
                    read.map(|text| text.len()).map_err(|problem| problem.code),
                    if is_taken { Ok(length) } else { Err("record-size") }
                );
            }
        }
    }

    /// Both hold one line, and say that their dictionaries have 64 and 128 MiB.
    const XZ_64: &[u8] = b"\xfd\x37\x7a\x58\x5a\x00\x00\x01\x69\x22\xde\x36\x02\x00\x21\x01\x1c\x00\x00\x00\x10\xcf\x58\xcc\x01\x00\x01\x61\x0a\x00\x00\x00\x07\xa1\xea\xdd\x00\x01\x16\x02\xd0\x61\x10\xd2\x90\x42\x99\x0d\x01\x00\x00\x00\x00\x01\x59\x5a";
    const XZ_128: &[u8] = b"\xfd\x37\x7a\x58\x5a\x00\x00\x01\x69\x22\xde\x36\x02\x00\x21\x01\x1e\x00\x00\x00\x9b\x07\x51\x66\x01\x00\x01\x61\x0a\x00\x00\x00\x07\xa1\xea\xdd\x00\x01\x16\x02\xd0\x61\x10\xd2\x90\x42\x99\x0d\x01\x00\x00\x00\x00\x01\x59\x5a";

    #[test]
    fn unpacking_takes_as_much_memory_as_may_be_and_no_more() {
        let read = |xz: &[u8]| text("x", xz, Encoding::Utf8, &Limits::default()).map_err(|problem| problem.code);
        assert_eq!(read(XZ_64), Ok("a\n".to_owned()));
        assert_eq!(read(XZ_128), Err("map-packed"));
    }

    #[test]
    fn text_that_is_not_utf8_says_where() {
        let limits = Limits::default();
        let problem = text("x.csv", b"a,b\nZ\xfcrich,1\n", Encoding::Utf8, &limits).expect_err("refused");
        let place = problem.place.expect("a place");
        assert_eq!((place.line, place.column, place.excerpt.as_str()), (2, 2, "Z\u{fffd}rich,1"));
        let problem = text("x.csv", b"a,b\nZ\xc3", Encoding::Utf8, &limits).expect_err("cut");
        assert_eq!(problem.place.map(|place| (place.line, place.column)), Some((2, 2)));
        let read = text("x.csv", b"Z\xfcrich \x80", Encoding::Latin1, &limits);
        assert_eq!(read.expect("any bytes are Latin-1"), "Zürich €");
    }

    /// Whatever part of it is read at once: a character may lie across two parts.
    #[test]
    fn parts_of_a_text_come_to_the_text() {
        let whole = "ä€𝄞x".repeat(CHUNK_BYTES / 5);
        for skipped in 0..4 {
            let bytes = [&b"yyyy"[skipped..], whole.as_bytes()].concat();
            let read = text("x", &bytes, Encoding::Utf8, &Limits::default()).expect("UTF-8");
            assert!(read.as_bytes() == bytes, "{skipped}");
        }
    }
}
