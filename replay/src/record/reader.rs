//! The lines of a file of facts, read and parsed ahead in a thread of its own: while one looks at a fact, the next are on their
//! way. They come in the order of the file, whoever waits for whom.

use std::io::{self, BufRead, Read as _};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use ledger::fact::Incoming;
use ledger::finding::{Finding, TextLocation};
use ledger::line::FactLine;

use crate::record::input::{LINE_BYTES_MAX, Source};
use crate::refusal::{LimitRefusal, Refusal, Refused, of_fact};

/// Lines that go from one thread to the other together.
const TOGETHER: usize = 512;
/// Bytes of lines that go together: of long lines there are fewer.
const TOGETHER_BYTES: usize = 256 << 10;
/// Parts that wait at most.
const AHEAD: usize = 4;

/// One line that is not blank.
pub struct ParsedLine {
    pub number: usize,
    /// Where its text ends in that of its part; it begins where the one before ends.
    end: usize,
    /// What it says, or what is wrong with it.
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
    /// A line is longer than one may be. It is not read whole, and nothing behind it is.
    Long(Refused),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        ReadError::Io(error)
    }
}

/// Hands every line to `take`, until it fails. The outer error is that of reading.
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
            // When all is read nobody wants it back.
            let _unwanted = give_back.send(part);
            Ok(())
        });
        // Whoever still reads finds that nobody listens.
        drop(parts);
        let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // What went wrong with a line stands before what went wrong with reading on.
        match taken {
            Ok(()) => read.map(Ok),
            Err(error) => Ok(Err(error)),
        }
    })
}

/// Reads to the end, or until nobody listens any more.
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
            // What stands before is looked at first: it may be refused.
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
    // Nobody listens where something else has failed, and that is told.
    let _unheard = send.send(part);
    Ok(())
}

enum NextLine {
    Line,
    Long,
    End,
}

const MARK: &[u8] = b"\xef\xbb\xbf";
/// A line's end, and the mark that some programs put before UTF-8.
const AROUND_BYTES: usize = 2 + MARK.len();

/// The next line without its end. Of one that is too long only the beginning is read.
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

/// A refusal of a line that cannot be read, at its first character.
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
