//! UTF-16, a part at a time.

/// Which of the two bytes of a unit comes first.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Utf16 {
    LittleEndian,
    BigEndian,
}

/// The order of bytes that the mark at the beginning of a file tells.
pub fn of_mark(bytes: &[u8]) -> Option<Utf16> {
    match bytes {
        [0xff, 0xfe, ..] => Some(Utf16::LittleEndian),
        [0xfe, 0xff, ..] => Some(Utf16::BigEndian),
        _ => None,
    }
}

impl Utf16 {
    /// Adds to a text what the bytes say. Gives how many bytes were taken, the beginning of a character left out, and whether
    /// what follows them is no character.
    pub fn decode(self, bytes: &[u8], into: &mut String) -> (usize, bool) {
        let unit = |at: usize| {
            let pair = [*bytes.get(at)?, *bytes.get(at + 1)?];
            Some(match self {
                Utf16::LittleEndian => u16::from_le_bytes(pair),
                Utf16::BigEndian => u16::from_be_bytes(pair),
            })
        };
        let mut taken = 0;
        while let Some(first) = unit(taken) {
            let is_first_half = (0xd800..0xdc00).contains(&first);
            let units = if is_first_half {
                match unit(taken + 2) {
                    Some(second) => vec![first, second],
                    None => break,
                }
            } else {
                vec![first]
            };
            match char::decode_utf16(units.iter().copied()).next() {
                Some(Ok(c)) => into.push(c),
                Some(Err(_)) | None => return (taken, true),
            }
            taken += 2 * units.len();
        }
        (taken, false)
    }

    /// A text with its mark, for somebody who reads UTF-16.
    pub fn encoded(self, text: &str) -> Vec<u8> {
        let unit = |unit: u16| match self {
            Utf16::LittleEndian => unit.to_le_bytes(),
            Utf16::BigEndian => unit.to_be_bytes(),
        };
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_it_was_written_however_it_is_cut() {
        let text = "id,Größe\n7,😀\n";
        for utf16 in [Utf16::LittleEndian, Utf16::BigEndian] {
            let bytes = utf16.encoded(text);
            assert_eq!(of_mark(&bytes), Some(utf16));
            for cut in 0..=bytes.len() {
                let mut read = String::new();
                let (taken, is_wrong) = utf16.decode(&bytes[..cut], &mut read);
                assert!(!is_wrong && cut - taken < 4, "{cut}");
                assert!(!utf16.decode(&bytes[taken..], &mut read).1);
                assert_eq!(read, format!("\u{feff}{text}"), "{cut}");
            }
        }
        assert_eq!(Utf16::LittleEndian.decode(b"a\0\x00\xdca\0", &mut String::new()), (2, true));
    }
}
