//! A fact that a mapping made of rows, and the bytes as which it is kept until all rows are read.

use replay::record::WhenKnown;

use crate::mapping::kinds::{KINDS, Kind};
use crate::mapping::source::row::{CellRange, RowText};
use crate::mapping::transform::sort::external_sort::ShelfPlace;

/// A fact, with where each of its values comes from.
#[derive(PartialEq, Debug)]
pub struct MappedFact {
    pub kind: &'static Kind,
    pub json: Box<str>,
    pub when_known: Option<WhenKnown>,
    pub cells: Box<[ValueCell]>,
    /// The rows of which each has a share, in their order.
    pub share_rows: Box<[ShareText]>,
    /// The index of the source, and the line, of the first row.
    pub source: u32,
    pub line: u32,
    /// The first row.
    pub text: Box<str>,
    /// How many rows there are besides.
    pub more: u64,
    /// All of them, where they were put by.
    pub all: ShelfPlace,
    pub overlap: FileOverlap,
}

/// How the rows of a fact, which are of one file, stand to those of other files of the call with the same key, where the files
/// have different sums.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct FileOverlap {
    /// An earlier file has another sum.
    pub is_later: bool,
    /// A later file has another sum, which takes the place of this one.
    pub gives_way: bool,
}

/// A value in a fact's JSON, and the cell of the first row that it comes from.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct ValueCell {
    pub start: u32,
    pub end: u32,
    pub slot: u32,
    /// 0 for the first row of the fact, n for the n-th of its share rows.
    pub row: u32,
    pub at: CellRange,
}

/// A row that is a share of a fact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShareText {
    pub line: u32,
    pub text: Box<str>,
}

/// A row that is a share of a fact, and its values in the order of the leaves that each row has.
pub struct ShareRow {
    pub row: ShareText,
    pub values: Vec<FieldValue>,
}

impl MappedFact {
    pub fn row(&self) -> RowText<'_> {
        RowText { source: self.source, text: &self.text, line: self.line }
    }

    /// The kind, and the source and line of the first row.
    pub fn place(&self) -> (&'static str, u32, u32) {
        (self.kind.word, self.source, self.line)
    }

    /// The text of one of its rows, by the number that a cell has of it.
    pub fn text_of(&self, row: u32) -> &str {
        row.checked_sub(1).map_or(&*self.text, |share| &*self.share_rows[share as usize].text)
    }

    pub fn put(&self, into: &mut Vec<u8>) {
        let kind = KINDS.iter().position(|kind| kind.word == self.kind.word).expect("a kind of the list");
        let when_known = match self.when_known {
            None => 0,
            Some(WhenKnown::Correct) => 1,
            Some(WhenKnown::Skip) => 2,
            Some(WhenKnown::Refuse) => 3,
        };
        into.extend([kind as u8, when_known, self.overlap.byte()]);
        [self.source, self.line, self.cells.len() as u32, self.share_rows.len() as u32]
            .iter()
            .for_each(|number| into.extend(number.to_le_bytes()));
        [self.more, self.all.map_or(0, |place| place.get())]
            .iter()
            .for_each(|number| into.extend(number.to_le_bytes()));
        for ValueCell { start, end, slot, row, at } in &self.cells {
            let numbers = [*start, *end, *slot, *row, at.start, at.end, at.line];
            numbers.iter().for_each(|number| into.extend(number.to_le_bytes()));
        }
        self.share_rows.iter().for_each(|row| into.extend(row.line.to_le_bytes()));
        let texts = [&self.json, &self.text].into_iter().chain(self.share_rows.iter().map(|row| &row.text));
        for text in texts {
            into.extend((text.len() as u32).to_le_bytes());
            into.extend(text.as_bytes());
        }
    }

    /// What was put; nothing, where it was not.
    pub fn read(bytes: &[u8]) -> Option<MappedFact> {
        let mut bytes = Bytes(bytes);
        let (kind, when_known, overlap) = (bytes.byte()?, bytes.byte()?, FileOverlap::of_byte(bytes.byte()?)?);
        let when_known = match when_known {
            0 => None,
            1 => Some(WhenKnown::Correct),
            2 => Some(WhenKnown::Skip),
            3 => Some(WhenKnown::Refuse),
            _ => return None,
        };
        let (source, line, cells, shares) = (bytes.number()?, bytes.number()?, bytes.number()?, bytes.number()?);
        let (more, all) = (bytes.long()?, bytes.long()?);
        let cells: Option<Vec<ValueCell>> = (0..cells)
            .map(|_| {
                let (start, end, slot, row) = (bytes.number()?, bytes.number()?, bytes.number()?, bytes.number()?);
                let at = CellRange { start: bytes.number()?, end: bytes.number()?, line: bytes.number()? };
                Some(ValueCell { start, end, slot, row, at })
            })
            .collect();
        let lines: Option<Vec<u32>> = (0..shares).map(|_| bytes.number()).collect();
        let (json, text) = (bytes.text()?, bytes.text()?);
        let shares: Option<Vec<ShareText>> =
            lines?.into_iter().map(|line| Some(ShareText { line, text: bytes.text()? })).collect();
        let (kind, all) = (KINDS.get(usize::from(kind))?, ShelfPlace::from(std::num::NonZeroU64::new(all)));
        let (cells, share_rows) = (cells?.into(), shares?.into());
        Some(MappedFact { kind, json, when_known, cells, share_rows, source, line, text, more, all, overlap })
    }
}

impl FileOverlap {
    fn byte(self) -> u8 {
        u8::from(self.is_later) | u8::from(self.gives_way) << 1
    }

    fn of_byte(byte: u8) -> Option<FileOverlap> {
        (byte < 4).then_some(FileOverlap { is_later: byte & 1 != 0, gives_way: byte & 2 != 0 })
    }
}

struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn some(&mut self, count: usize) -> Option<&[u8]> {
        let (some, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(some)
    }

    fn byte(&mut self) -> Option<u8> {
        self.some(1).map(|bytes| bytes[0])
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.some(4)?.try_into().ok()?))
    }

    fn long(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.some(8)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<Box<str>> {
        let length = self.number()?;
        Some(std::str::from_utf8(self.some(length as usize)?).ok()?.into())
    }
}

/// A value as it was worked out for a row.
#[derive(Clone, Debug, Default)]
pub struct FieldValue {
    pub text: Option<String>,
    pub cell: Option<(usize, CellRange)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_read_as_it_was_put() {
        let share = ShareText { line: 9, text: "ü,2".into() };
        let cell = ValueCell { start: 1, end: 2, slot: 3, row: 1, at: CellRange { start: 4, end: 5, line: 6 } };
        for (index, when_known) in
            [None, Some(WhenKnown::Correct), Some(WhenKnown::Skip), Some(WhenKnown::Refuse)].into_iter().enumerate()
        {
            let fact = MappedFact {
                kind: &KINDS[index],
                json: "{\"é\": 1}".into(),
                when_known,
                cells: vec![cell; index].into(),
                share_rows: vec![share.clone(); index].into(),
                source: 7,
                line: 8,
                text: "é,1".into(),
                more: u64::MAX,
                all: ShelfPlace::from(std::num::NonZeroU64::new(index as u64)),
                overlap: FileOverlap { is_later: index % 2 == 1, gives_way: index > 1 },
            };
            let mut bytes = Vec::new();
            fact.put(&mut bytes);
            assert_eq!(MappedFact::read(&bytes).as_ref(), Some(&fact));
            assert_eq!(MappedFact::read(&bytes[..bytes.len() - 1]), None);
        }
    }
}
