//! The bytes of one entry: strict deterministic CBOR, the 12 parts, the salt. From the page, not from the writer.

use super::tree::Hash;

/// Kinds that the page lists. A later version adds some, and this list with them.
pub const KINDS: [u64; 42] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 32, 33, 34, 35, 36, 37, 38, 40, 41, 42, 43, 44, 45, 46, 47,
    48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58,
];
pub const BOOK: u64 = 32;
const AUTHOR: u64 = 35;
const POLICY: u64 = 36;
const CHECKPOINT: u64 = 37;
pub const LOG_KEY: u64 = 38;
const PERIOD_CLOSE: u64 = 44;

/// What the entries around this one are checked by.
pub struct CheckedEntry {
    pub recorded: u64,
    pub kind: u64,
    pub close: Option<Close>,
    /// Of a `checkpoint`: what it claims.
    pub checkpoint: Option<CheckpointClaim>,
    /// Of a `book`: its UUID.
    pub book: Option<[u8; 16]>,
    /// Of a `book`: its origin.
    pub origin: Option<String>,
    /// Of a `log-key`: the key.
    pub log_key: Option<[u8; 32]>,
    /// Of an `author`: the name, and the text of the key.
    pub author: Option<(String, String)>,
    /// Of a `policy`: the texts of the recovery keys.
    pub recovery: Option<Vec<String>>,
    pub signatures: Vec<EntrySignature>,
    /// Where the signatures begin: they are over everything before, without the head of the array.
    pub signed_end: usize,
}

/// A signature as an entry has it.
pub struct EntrySignature {
    pub signer: String,
    pub algorithm: u64,
    pub key: Vec<u8>,
    pub signature: Vec<u8>,
}

/// What a `period-close` claims.
#[derive(Clone, Copy)]
pub struct Close {
    /// Months since year 0.
    pub period: u64,
    pub known: u64,
    pub root: Hash,
}

/// What a `checkpoint` claims.
pub struct CheckpointClaim {
    pub size: u64,
    pub root: Hash,
    pub note: String,
}

type Parsed<T> = Result<T, String>;

/// Checks an entry that should stand at `position`.
pub fn check(bytes: &[u8], position: u64) -> Parsed<CheckedEntry> {
    let mut items = Items { bytes, at: 0 };
    if items.of(ARRAY, "an array")? != 12 {
        return items.wrong("an array of 12 parts was expected");
    }
    let stated = items.of(UINT, "a position")?;
    if stated != position {
        return items.wrong(format!("it says that its position is {stated}"));
    }
    let recorded = items.of(UINT, "a time")?;
    items.bool()?;
    items.text()?;
    items.text()?;
    items.uuid()?;
    let kind = items.of(UINT, "a kind")?;
    if !KINDS.contains(&kind) {
        return items.wrong(format!("its kind is {kind}, which this program does not know"));
    }
    let fact = items.fact(kind)?;
    items.replaces(position)?;
    if !items.null() {
        items.text()?;
    }
    let signed_end = items.at;
    let signatures = items.signatures()?;
    items.salt()?;
    let FactFields { close, checkpoint, book, origin, author, key, log_key, recovery } = fact;
    let author = author.zip(key);
    Ok(CheckedEntry {
        recorded,
        kind,
        close,
        checkpoint,
        book,
        origin,
        log_key,
        author,
        recovery,
        signatures,
        signed_end,
    })
}

/// What is read of the map of fields.
#[derive(Default)]
struct FactFields {
    close: Option<Close>,
    checkpoint: Option<CheckpointClaim>,
    book: Option<[u8; 16]>,
    origin: Option<String>,
    author: Option<String>,
    key: Option<String>,
    log_key: Option<[u8; 32]>,
    recovery: Option<Vec<String>>,
}

const UINT: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const SIMPLE: u8 = 7;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;

/// Deeper than any fact: more is refused before it fills the stack.
const DEPTH_MAX: u32 = 8;
const DAYS: std::ops::RangeInclusive<i128> = -25_567..=2_932_896;
const SCALE_MAX: u128 = 28;
const MANTISSA_END: u128 = 1 << 96;

/// Items of CBOR, one after the other.
struct Items<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Items<'b> {
    fn wrong<T>(&self, what: impl Into<String>) -> Parsed<T> {
        Err(format!("{} (byte {} of the entry)", what.into(), self.at))
    }

    fn take(&mut self, count: u64) -> Parsed<&'b [u8]> {
        let rest = &self.bytes[self.at..];
        match usize::try_from(count).ok().and_then(|count| rest.get(..count)) {
            Some(taken) => {
                self.at += taken.len();
                Ok(taken)
            }
            None => self.wrong("it ends too early"),
        }
    }

    /// The major type and the number with it.
    fn head(&mut self) -> Parsed<(u8, u64)> {
        let first = self.take(1)?[0];
        let (major, low) = (first >> 5, first & 31);
        let (bytes, least) = match low {
            0..=23 => return Ok((major, u64::from(low))),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return self.wrong("an indefinite length"),
        };
        if major == SIMPLE {
            return self.wrong("a float or another simple value");
        }
        let value = self.take(bytes)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        if value < least { self.wrong("a head that is not the shortest") } else { Ok((major, value)) }
    }

    fn of(&mut self, wanted: u8, what: &str) -> Parsed<u64> {
        let (major, value) = self.head()?;
        if major == wanted { Ok(value) } else { self.wrong(format!("{what} was expected")) }
    }

    fn bool(&mut self) -> Parsed<()> {
        match self.take(1)?[0] {
            FALSE | TRUE => Ok(()),
            _ => self.wrong("true or false was expected"),
        }
    }

    /// Steps over a null if one is next.
    fn null(&mut self) -> bool {
        let is_null = self.bytes.get(self.at) == Some(&NULL);
        self.at += usize::from(is_null);
        is_null
    }

    fn byte_string(&mut self) -> Parsed<&'b [u8]> {
        let length = self.of(BYTES, "bytes")?;
        self.take(length)
    }

    fn hash(&mut self, what: &str) -> Parsed<Hash> {
        match self.byte_string()?.try_into() {
            Ok(hash) => Ok(hash),
            Err(_) => self.wrong(format!("{what} of 32 bytes was expected")),
        }
    }

    fn text(&mut self) -> Parsed<&'b str> {
        let length = self.of(TEXT, "a text")?;
        self.utf8(length)
    }

    fn utf8(&mut self, length: u64) -> Parsed<&'b str> {
        match std::str::from_utf8(self.take(length)?) {
            Ok(text) => Ok(text),
            Err(_) => self.wrong("a text that is not UTF-8"),
        }
    }

    fn uuid(&mut self) -> Parsed<()> {
        match self.of(TAG, "a UUID")? {
            37 => self.tagged(37),
            _ => self.wrong("a UUID was expected"),
        }
    }

    /// The map of fields, by ascending integers.
    fn fact(&mut self, kind: u64) -> Parsed<FactFields> {
        let mut fact = FactFields::default();
        let mut close = Close { period: 0, known: 0, root: [0; 32] };
        let mut checkpoint = CheckpointClaim { size: 0, root: [0; 32], note: String::new() };
        let mut found = 0;
        let mut last = None;
        for _ in 0..self.of(MAP, "a map")? {
            let key = self.of(UINT, "a key")?;
            if last >= Some(key) {
                return self.wrong("keys that do not ascend");
            }
            last = Some(key);
            match (kind, key) {
                (PERIOD_CLOSE, 1) => close.period = self.of(UINT, "a month")?,
                (PERIOD_CLOSE, 2) => close.known = self.of(UINT, "a size")?,
                (PERIOD_CLOSE, 3) => close.root = self.hash("a root")?,
                (CHECKPOINT, 1) => checkpoint.size = self.of(UINT, "a size")?,
                (CHECKPOINT, 2) => checkpoint.root = self.hash("a root")?,
                (CHECKPOINT, 3) => checkpoint.note = self.text()?.to_owned(),
                (LOG_KEY, 1) => fact.log_key = Some(self.hash("a key")?),
                (BOOK, 3) => fact.origin = Some(self.text()?.to_owned()),
                (BOOK, 2) => {
                    self.uuid()?;
                    fact.book = self.bytes[self.at - 16..self.at].try_into().ok();
                }
                (AUTHOR, 1) => fact.author = Some(self.text()?.to_owned()),
                (AUTHOR, 2) => fact.key = Some(self.text()?.to_owned()),
                (POLICY, 4) => fact.recovery = Some(self.texts()?),
                _ => self.item(DEPTH_MAX)?,
            }
            found += u32::from([PERIOD_CLOSE, CHECKPOINT].contains(&kind) && key <= 3);
        }
        match (kind, found) {
            (CHECKPOINT, 3) => fact.checkpoint = Some(checkpoint),
            (CHECKPOINT, _) => return self.wrong("a checkpoint without its size, root or note"),
            (LOG_KEY, _) if fact.log_key.is_none() => return self.wrong("a key of the log was expected"),
            (PERIOD_CLOSE, 3) => fact.close = Some(close),
            (PERIOD_CLOSE, _) => return self.wrong("a close without its period, size or root"),
            _ => {}
        }
        Ok(fact)
    }

    fn texts(&mut self) -> Parsed<Vec<String>> {
        let count = self.of(ARRAY, "texts")?;
        (0..count).map(|_| self.text().map(str::to_owned)).collect()
    }

    fn replaces(&mut self, position: u64) -> Parsed<()> {
        let mut next = 0;
        for _ in 0..self.of(ARRAY, "positions")? {
            let replaced = self.of(UINT, "a position")?;
            if replaced < next || replaced >= position {
                return self.wrong("positions that are replaced do not ascend below its own");
            }
            next = replaced + 1;
        }
        Ok(())
    }

    /// Each is a name, an algorithm, a key and a signature.
    fn signatures(&mut self) -> Parsed<Vec<EntrySignature>> {
        let mut signatures = Vec::new();
        for _ in 0..self.of(ARRAY, "signatures")? {
            if self.of(ARRAY, "a signature")? != 4 {
                return self.wrong("a signature of 4 parts was expected");
            }
            let (signer, algorithm) = (self.text()?.to_owned(), self.of(UINT, "an algorithm")?);
            let (key, signature) = (self.byte_string()?.to_vec(), self.byte_string()?.to_vec());
            signatures.push(EntrySignature { signer, algorithm, key, signature });
        }
        Ok(signatures)
    }

    /// The last part: as long as fills the blocks, and nothing behind it.
    fn salt(&mut self) -> Parsed<()> {
        let before = self.at;
        let head = |length: usize| if length < 24 { 1 } else { 2 };
        let fills = |length: &usize| (before + head(*length) + *length).is_multiple_of(64);
        let expected = (16..).find(fills).expect("one of 66 lengths in a row fills a block");
        if self.byte_string()?.len() != expected {
            return self.wrong(format!("a salt of {expected} bytes was expected"));
        }
        if self.at == self.bytes.len() { Ok(()) } else { self.wrong("there are bytes after the salt") }
    }

    /// Any item, whatever is in it.
    fn item(&mut self, depth: u32) -> Parsed<()> {
        let Some(deeper) = depth.checked_sub(1) else {
            return self.wrong("lists lie deeper in each other than any fact has them");
        };
        if matches!(self.bytes.get(self.at), Some(&(FALSE | TRUE | NULL))) {
            self.at += 1;
            return Ok(());
        }
        match self.head()? {
            (UINT | NEGATIVE, _) => Ok(()),
            (BYTES, length) => self.take(length).map(|_| ()),
            (TEXT, length) => self.utf8(length).map(|_| ()),
            (ARRAY, count) => (0..count).try_for_each(|_| self.item(deeper)),
            (MAP, count) => self.map(count, deeper),
            (TAG, tag) => self.tagged(tag),
            _ => self.wrong("a float or another simple value"),
        }
    }

    fn map(&mut self, count: u64, deeper: u32) -> Parsed<()> {
        if count == 0 {
            return self.wrong("an empty map, which is left out");
        }
        let mut last: &[u8] = &[];
        for _ in 0..count {
            let start = self.at;
            self.item(deeper)?;
            let key = &self.bytes[start..self.at];
            if key <= last {
                return self.wrong("keys that do not ascend");
            }
            last = key;
            self.item(deeper)?;
        }
        Ok(())
    }

    fn tagged(&mut self, tag: u64) -> Parsed<()> {
        match tag {
            4 => self.decimal(),
            37 if self.byte_string()?.len() == 16 => Ok(()),
            37 => self.wrong("a UUID of 16 bytes was expected"),
            100 => match self.integer()? {
                (negative, size) if DAYS.contains(&signed(negative, size)) => Ok(()),
                _ => self.wrong("a date out of range"),
            },
            _ => self.wrong(format!("the tag {tag}, which no field has")),
        }
    }

    fn decimal(&mut self) -> Parsed<()> {
        if self.of(ARRAY, "a decimal")? != 2 {
            return self.wrong("a decimal of two parts was expected");
        }
        let (negative, scale) = self.integer()?;
        let (_, mantissa) = self.integer()?;
        if scale > SCALE_MAX || (scale > 0 && !negative) || mantissa >= MANTISSA_END {
            return self.wrong("a decimal out of range");
        }
        if scale > 0 && mantissa.is_multiple_of(10) {
            return self.wrong("a decimal that ends in zeros");
        }
        Ok(())
    }

    /// Whether it is negative, and its size.
    fn integer(&mut self) -> Parsed<(bool, u128)> {
        match self.head()? {
            (UINT, value) => Ok((false, u128::from(value))),
            (NEGATIVE, value) => Ok((true, u128::from(value) + 1)),
            (TAG, tag @ (2 | 3)) => {
                let bytes = self.byte_string()?;
                if !(9..=16).contains(&bytes.len()) || bytes[0] == 0 {
                    return self.wrong("a big integer that is not the shortest");
                }
                let size = bytes.iter().fold(0, |size, byte| size << 8 | u128::from(*byte));
                Ok((tag == 3, size.saturating_add(u128::from(tag == 3))))
            }
            _ => self.wrong("an integer was expected"),
        }
    }
}

fn signed(negative: bool, size: u128) -> i128 {
    let size = i128::try_from(size).unwrap_or(i128::MAX);
    if negative { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_are_those_of_the_page() {
        let page = include_str!("../../../docs/format.md");
        let (_, table) = page.split_once("\n| code | kind | fields |\n|---|---|---|\n").expect("the table of kinds");
        let rows = table.lines().take_while(|line| line.starts_with('|'));
        let codes: Vec<u64> = rows.map(|row| row.split('|').nth(1).expect("a code").trim().parse().unwrap()).collect();
        assert_eq!(codes, KINDS);
    }
}
