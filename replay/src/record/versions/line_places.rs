//! The lines of an input that its entries were made of, so that a later line that contradicts one can name it.
//!
//! An input may have millions of lines. Lines that follow each other, and make entries that follow each other, take one
//! run together.

use std::collections::BTreeMap;

use projections::position::Position;

/// A line of an input: the number of its file, from 0, and of the line in it, from 1.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct LinePlace {
    /// The number of the file in the input, from 0.
    pub file: u32,
    /// The number of the line, from 1.
    pub line: u32,
}

/// Entries that follow each other and were made of lines that follow each other.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
struct LineRun {
    first: Position,
    last: Position,
    /// The line of the first one.
    place: LinePlace,
}

/// The lines that entries were made of, and those that equal entries of earlier appends.
#[derive(Default)]
pub(in crate::record) struct LinePlaces {
    /// Entries of this append, ascending.
    written: Vec<LineRun>,
    /// Entries of earlier appends, by the first position of each run. No two runs meet.
    known: BTreeMap<Position, LineRun>,
    /// The run of `known` that was added to last.
    last_known: Option<Position>,
}

impl LineRun {
    fn of(position: Position, place: LinePlace) -> LineRun {
        LineRun { first: position, last: position, place }
    }

    /// Adds an entry and its line, if both follow those of the run.
    #[inline]
    fn extend(&mut self, position: Position, place: LinePlace) -> bool {
        let follows = position.wrapping_sub(self.last) == 1
            && place.file == self.place.file
            && place.line.checked_sub(self.place.line) == Some(position - self.first);
        if follows {
            self.last = position;
        }
        follows
    }

    fn place_of(&self, position: Position) -> Option<LinePlace> {
        let line = self.place.line + position.checked_sub(self.first)?;
        (position <= self.last).then_some(LinePlace { line, ..self.place })
    }
}

impl LinePlaces {
    /// Remembers the line of an entry of this append, whose position is above all that were written before.
    #[inline]
    pub fn add_written(&mut self, position: Position, place: LinePlace) {
        if !self.written.last_mut().is_some_and(|run| run.extend(position, place)) {
            self.written.push(LineRun::of(position, place));
        }
    }

    /// Remembers a line that equals an entry of an earlier append. Of several such lines the first is remembered.
    pub fn add_known(&mut self, position: Position, place: LinePlace) {
        if self.known(position).is_some() {
            return;
        }
        let last = self.last_known.and_then(|first| self.known.get_mut(&first));
        if !last.is_some_and(|run| run.extend(position, place)) {
            self.known.insert(position, LineRun::of(position, place));
            self.last_known = Some(position);
        }
    }

    /// The line that an entry of this append was made of.
    pub fn written(&self, position: Position) -> Option<LinePlace> {
        let behind = self.written.partition_point(|run| run.first <= position);
        self.written[..behind].last()?.place_of(position)
    }

    /// The first line that equals an entry of an earlier append.
    fn known(&self, position: Position) -> Option<LinePlace> {
        self.known.range(..=position).next_back()?.1.place_of(position)
    }

    /// The line that said what the entry at a position says.
    pub fn line_of(&self, position: Position) -> Option<LinePlace> {
        self.written(position).or_else(|| self.known(position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(file: u32, line: u32) -> LinePlace {
        LinePlace { file, line }
    }

    #[test]
    fn lines_that_follow_each_other_take_one_run() {
        let mut places = LinePlaces::default();
        // A line between was known, then another file began.
        for (position, line) in [(10, place(0, 1)), (11, place(0, 2)), (12, place(0, 4)), (13, place(1, 5))] {
            places.add_written(position, line);
        }
        assert_eq!(places.written.len(), 3);
        let found: Vec<_> = (9..15).map(|position| places.line_of(position)).collect();
        let expected = [None, Some(place(0, 1)), Some(place(0, 2)), Some(place(0, 4)), Some(place(1, 5)), None];
        assert_eq!(found, expected);
    }

    #[test]
    fn known_entries_come_in_any_order_and_the_first_line_counts() {
        let mut places = LinePlaces::default();
        for (position, line) in [(7, 1), (8, 2), (3, 3), (7, 4), (4, 5), (5, 6), (6, 7), (7, 8), (9, 9)] {
            places.add_known(position, place(0, line));
        }
        let found: Vec<_> = (2..11).map(|position| places.line_of(position).map(|place| place.line)).collect();
        let expected = [None, Some(3), Some(5), Some(6), Some(7), Some(1), Some(2), Some(9), None];
        assert_eq!(found, expected);
    }
}
