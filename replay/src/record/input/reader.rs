//! Reads and parses the lines of a file of facts in a thread of its own, ahead of the thread that records them. Lines are
//! handed over in the order of the file.

use std::io::{self, BufRead, Read as _};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use ledger::fact::Incoming;
use ledger::finding::{Finding, TextLocation};
use ledger::line::FactLine;

use crate::record::input::{LINE_BYTES_MAX, Source};
use crate::refusal::{LimitRefusal, Refusal, Refused, of_fact};

/// The most lines of a batch that one thread hands to the other.
const TOGETHER: usize = 512;
/// Bytes of lines after which a batch is full.
const TOGETHER_BYTES: usize = 256 << 10;
/// The most batches that wait to be taken.
const AHEAD: usize = 4;

/// One line that is not blank.
pub struct ParsedLine {
    /// The line number, from 1.
    pub number: usize,
    /// The end of its text in the text of the batch. It begins where the line before ends.
    end: usize,
    /// The fact, or why the line is none.
    pub fact: Result<Incoming, Vec<Finding<Refusal>>>,
}

/// Lines that follow each other.
#[derive(Default)]
struct LineBatch {
    text: String,
    lines: Vec<ParsedLine>,
}

/// Why a file was not read to its end.
pub enum ReadError {
    Io(io::Error),
    /// A line is too long. Reading stops there.
    Long(Refused),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        ReadError::Io(error)
    }
}

/// Calls `take` with every line that is not blank, until it fails. The outer error is that of reading the file.
pub fn each<E>(
    source: &Source<'_>,
    mut take: impl FnMut(&str, ParsedLine) -> Result<(), E>,
) -> Result<Result<(), E>, ReadError> {
    let (send, parts) = sync_channel::<LineBatch>(AHEAD);
    let (give_back, used) = channel::<LineBatch>();
    thread::scope(|scope| {
        let reading = scope.spawn(move || read(source, &send, &used));
        let taken = parts.iter().try_for_each(|mut part| {
            let mut start = 0;
            for line in part.lines.drain(..) {
                let text = &part.text[start..line.end];
                start = line.end;
                take(text, line)?;
            }
            part.text.clear();
            // The reader reuses the memory. After the last line it is gone, and the batch is dropped.
            let _unwanted = give_back.send(part);
            Ok(())
        });
        // If `take` failed, this ends the reading thread: its next `send` fails.
        drop(parts);
        let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // An error of a line is reported before an error of reading, which is further down in the file.
        match taken {
            Ok(()) => read.map(Ok),
            Err(error) => Ok(Err(error)),
        }
    })
}

/// Reads to the end of the file, or until the receiver is dropped.
fn read(source: &Source<'_>, send: &SyncSender<LineBatch>, used: &Receiver<LineBatch>) -> Result<(), ReadError> {
    let mut lines = (source.open)()?;
    let mut bytes = Vec::with_capacity(512);
    let mut part = LineBatch::default();
    for number in 1.. {
        bytes.clear();
        let found = match next_line(&mut *lines, &mut bytes) {
            Ok(NextLine::Line) => Ok(()),
            Ok(NextLine::End) => break,
            Ok(NextLine::Long) => {
                let text = String::from_utf8_lossy(&bytes);
                let refusal = LimitRefusal::LineTooLong { most: LINE_BYTES_MAX };
                Err(ReadError::Long(Box::new(at_start(refusal, &source.name, number, &text))))
            }
            Err(error) => Err(ReadError::Io(error)),
        };
        if let Err(unread) = found {
            // The lines before are handed over first: they may be refused.
            return send.send(part).map_or(Ok(()), |()| Err(unread));
        }
        part.push(&source.name, number, &bytes);
        if part.lines.len() == TOGETHER || part.text.len() >= TOGETHER_BYTES {
            let next = used.try_recv().unwrap_or_default();
            if send.send(std::mem::replace(&mut part, next)).is_err() {
                return Ok(());
            }
        }
    }
    // If the receiver is gone, an earlier error is reported instead.
    let _unheard = send.send(part);
    Ok(())
}

enum NextLine {
    Line,
    Long,
    End,
}

const MARK: &[u8] = b"\xef\xbb\xbf";
/// Bytes that do not count as the line's: its end, and the byte order mark that some programs write.
const AROUND_BYTES: usize = 2 + MARK.len();

/// Reads the next line without its end. Of a line that is too long only the beginning is read.
fn next_line(lines: &mut dyn BufRead, bytes: &mut Vec<u8>) -> io::Result<NextLine> {
    let most = LINE_BYTES_MAX + AROUND_BYTES;
    if lines.take(most as u64 + 1).read_until(b'\n', bytes)? == 0 {
        return Ok(NextLine::End);
    }
    let is_cut = bytes.len() > most;
    while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        bytes.pop();
    }
    let text = bytes.strip_prefix(MARK).unwrap_or(bytes);
    Ok(if is_cut || text.len() > LINE_BYTES_MAX { NextLine::Long } else { NextLine::Line })
}

/// A refusal of a line, placed at its first character.
fn at_start(refusal: LimitRefusal, file: &str, number: usize, text: &str) -> Finding<Refusal> {
    Finding { location: Some(Box::new(TextLocation::of(file, number, text, 0, 1))), ..Finding::new(refusal.into()) }
}

impl LineBatch {
    fn push(&mut self, file: &str, number: usize, bytes: &[u8]) {
        let bytes = if number == 1 { bytes.strip_prefix(MARK).unwrap_or(bytes) } else { bytes };
        let Ok(text) = std::str::from_utf8(bytes) else {
            let text = String::from_utf8_lossy(bytes);
            return self.add(&text, number, Err(vec![at_start(LimitRefusal::NotUtf8, file, number, &text)]));
        };
        if text.trim().is_empty() {
            return;
        }
        let incoming = Incoming::read(FactLine { file, number, text });
        self.add(text, number, incoming.map_err(of_fact));
    }

    fn add(&mut self, text: &str, number: usize, fact: Result<Incoming, Vec<Finding<Refusal>>>) {
        self.text.push_str(text);
        self.lines.push(ParsedLine { number, end: self.text.len(), fact });
    }
}
