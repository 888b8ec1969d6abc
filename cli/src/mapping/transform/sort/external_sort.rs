//! What is put by until it is recorded: in memory as far as it goes, the rest in a file without a name. It is given back in
//! order.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;

use tempfile::SpooledTempFile;

/// As much is kept in memory.
const HELD_BYTES: usize = 48 << 20;
/// What all runs together are read ahead at most, and what each is.
const AHEAD_BYTES: usize = 32 << 20;
const RUN_BYTES: usize = 64 << 10;
/// What is before a piece in a file.
const HEAD_BYTES: usize = KEY_BYTES + 4;

const KEY_BYTES: usize = 24;

/// The place of a piece among the others. Bytes are compared.
pub type SortKey = [u8; KEY_BYTES];

/// Pieces in the order of their keys, each of which is there once.
pub struct Spill {
    most: usize,
    held: Vec<u8>,
    /// Where each of the pieces that are held lies.
    pieces: Vec<(SortKey, usize, usize)>,
    file: Option<File>,
    /// Where pieces in order lie in the file.
    runs: Vec<(u64, u64)>,
    end: u64,
}

impl Default for Spill {
    fn default() -> Spill {
        Spill::holding(HELD_BYTES)
    }
}

impl Spill {
    fn holding(most: usize) -> Spill {
        Spill { most, held: Vec::new(), pieces: Vec::new(), file: None, runs: Vec::new(), end: 0 }
    }

    pub fn push(&mut self, key: SortKey, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let start = self.held.len();
        write(&mut self.held);
        self.pieces.push((key, start, self.held.len()));
        let held = self.held.len() + self.pieces.len() * size_of::<(SortKey, usize, usize)>();
        if held > self.most { self.put_by() } else { Ok(()) }
    }

    /// To be called when all are there.
    pub fn finish(&mut self) -> io::Result<()> {
        if self.file.is_some() {
            self.put_by()?;
            (self.held, self.pieces) = (Vec::new(), Vec::new());
        }
        self.pieces.sort_unstable();
        Ok(())
    }

    /// Puts what is held into the file, in order.
    fn put_by(&mut self) -> io::Result<()> {
        self.pieces.sort_unstable();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile().map_err(|error| putting_by(&error))?),
        };
        file.seek(SeekFrom::Start(self.end))?;
        let mut out = io::BufWriter::with_capacity(RUN_BYTES, &*file);
        let start = self.end;
        for (key, from, to) in self.pieces.drain(..) {
            let piece = &self.held[from..to];
            let length = u32::try_from(piece.len()).expect("a piece is made of a row, which is short").to_le_bytes();
            let written = out.write_all(&key).and_then(|()| out.write_all(&length)).and_then(|()| out.write_all(piece));
            written.map_err(|error| putting_by(&error))?;
            self.end += (HEAD_BYTES + piece.len()) as u64;
        }
        out.flush().map_err(|error| putting_by(&error))?;
        self.held.clear();
        self.runs.push((start, self.end));
        Ok(())
    }

    /// Gives back all of them, as long as more are wanted.
    pub fn each(&self, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> io::Result<()> {
        let Some(file) = &self.file else {
            let _enough = self.pieces.iter().try_for_each(|(_, from, to)| take(&self.held[*from..*to]));
            return Ok(());
        };
        let ahead = (AHEAD_BYTES / self.runs.len().max(1)).min(RUN_BYTES);
        let mut runs: Vec<Run<'_>> = self.runs.iter().map(|(at, end)| Run::new(file, *at, *end, ahead)).collect();
        let mut next = BinaryHeap::new();
        for (index, run) in runs.iter_mut().enumerate() {
            next.extend(run.read_on()?.map(|key| Reverse((key, index))));
        }
        while let Some(Reverse((_, index))) = next.pop() {
            if take(&runs[index].piece).is_break() {
                break;
            }
            next.extend(runs[index].read_on()?.map(|key| Reverse((key, index))));
        }
        Ok(())
    }
}

/// Pieces of the file that are in order.
struct Run<'f> {
    file: &'f File,
    at: u64,
    end: u64,
    ahead: Vec<u8>,
    /// How much of `ahead` was taken, and how much may be read ahead.
    taken: usize,
    most: usize,
    piece: Vec<u8>,
}

impl<'f> Run<'f> {
    fn new(file: &'f File, at: u64, end: u64, most: usize) -> Run<'f> {
        Run { file, at, end, ahead: Vec::new(), taken: 0, most, piece: Vec::new() }
    }

    /// Goes to the next piece, and gives its key.
    fn read_on(&mut self) -> io::Result<Option<SortKey>> {
        if self.at == self.end && self.taken == self.ahead.len() {
            return Ok(None);
        }
        let (mut key, mut length) = ([0; KEY_BYTES], [0; 4]);
        self.read_exact(&mut key)?;
        self.read_exact(&mut length)?;
        let mut piece = std::mem::take(&mut self.piece);
        piece.resize(u32::from_le_bytes(length) as usize, 0);
        self.read_exact(&mut piece)?;
        self.piece = piece;
        Ok(Some(key))
    }
}

impl Read for Run<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.ahead.len() {
            let mut file = self.file;
            file.seek(SeekFrom::Start(self.at))?;
            let most = (self.end - self.at).min(self.most as u64);
            self.ahead.clear();
            self.taken = 0;
            self.at += file.take(most).read_to_end(&mut self.ahead)? as u64;
        }
        let read = (&self.ahead[self.taken..]).read(into)?;
        self.taken += read;
        Ok(read)
    }
}

/// Texts that follow each other, of which each says what was before it.
pub struct Shelf {
    inside: RefCell<(SpooledTempFile, u64)>,
}

/// Where on a shelf a text lies; nothing, where there is none.
pub type ShelfPlace = Option<std::num::NonZeroU64>;

const SHELF_BYTES: usize = 8 << 20;

impl Default for Shelf {
    fn default() -> Shelf {
        Shelf { inside: RefCell::new((SpooledTempFile::new(SHELF_BYTES), 0)) }
    }
}

impl Shelf {
    /// Puts a text behind another one.
    pub fn push(&self, before: ShelfPlace, text: &str) -> io::Result<ShelfPlace> {
        let (file, end) = &mut *self.inside.borrow_mut();
        let mut piece = before.map_or(0, std::num::NonZeroU64::get).to_le_bytes().to_vec();
        piece.extend((text.len() as u64).to_le_bytes());
        piece.extend(text.as_bytes());
        file.seek(SeekFrom::Start(*end))?;
        file.write_all(&piece).map_err(|error| putting_by(&error))?;
        let place = std::num::NonZeroU64::new(*end + 1);
        *end += piece.len() as u64;
        Ok(place)
    }

    /// A text and all before it, the first one first.
    pub fn texts(&self, last: ShelfPlace) -> io::Result<Vec<String>> {
        let (file, _) = &mut *self.inside.borrow_mut();
        let (mut texts, mut next) = (Vec::new(), last);
        while let Some(place) = next {
            file.seek(SeekFrom::Start(place.get() - 1))?;
            let (mut before, mut length) = ([0; 8], [0; 8]);
            file.read_exact(&mut before)?;
            file.read_exact(&mut length)?;
            let mut text = vec![0; u64::from_le_bytes(length) as usize];
            file.read_exact(&mut text)?;
            texts.push(String::from_utf8(text).map_err(io::Error::other)?);
            next = std::num::NonZeroU64::new(u64::from_le_bytes(before));
        }
        texts.reverse();
        Ok(texts)
    }
}

fn putting_by(error: &io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    io::Error::new(error.kind(), format!("putting by what was made in {} failed: {error}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u64) -> SortKey {
        let mut key = [0; KEY_BYTES];
        key[..8].copy_from_slice(&number.to_be_bytes());
        key
    }

    /// Whether all are held, or most are in a file.
    #[test]
    fn pieces_come_back_in_order_as_often_as_they_are_asked_for() {
        for most in [usize::MAX, 5_000, 100, 0] {
            let mut spill = Spill::holding(most);
            for number in 0_u64..1_000 {
                // Each number once, and in no order.
                let number = number * 7_919 % 1_000;
                let text = format!("{number}").repeat(1 + number as usize % 50);
                spill.push(key(number), |into| into.extend(text.as_bytes())).expect("room");
            }
            spill.finish().expect("room");
            assert_eq!(spill.file.is_some(), most != usize::MAX);
            for wanted in [1_000, 3, 1_000] {
                let mut found = 0_usize;
                let each = spill.each(&mut |piece| {
                    assert_eq!(piece, format!("{found}").repeat(1 + found % 50).as_bytes(), "{most}");
                    found += 1;
                    if found == wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                });
                each.expect("readable");
                assert_eq!(found, wanted);
            }
        }
    }

    #[test]
    fn texts_are_found_from_the_last_one_back() {
        let shelf = Shelf::default();
        let (mut a, mut b) = (None, None);
        for number in 0..5 {
            a = shelf.push(a, &format!("a{number}")).expect("room");
            b = shelf.push(b, &"b".repeat(SHELF_BYTES / 4)).expect("room");
        }
        assert_eq!(shelf.texts(a).expect("readable").join(" "), "a0 a1 a2 a3 a4");
        assert_eq!(shelf.texts(b).expect("readable").len(), 5);
        assert!(shelf.texts(None).expect("readable").is_empty());
    }
}
