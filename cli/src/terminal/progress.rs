//! Progress on standard error, shown only when something takes more than half a second.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal::screen::progress;

/// Sooner than this nobody wonders.
pub const PATIENCE: Duration = Duration::from_millis(500);

/// A word about what is under way, until it is dropped.
pub struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Progress {
    pub fn silent() -> Progress {
        Progress(None)
    }

    pub fn begin(doing: &'static str) -> Progress {
        let (done, wait) = channel();
        let thread = std::thread::spawn(move || {
            if wait.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::with_draw_target(None, progress()).with_style(style()).with_message(doing);
            bar.enable_steady_tick(Duration::from_millis(100));
            // The other end hangs up when it is done.
            let _hung_up = wait.recv();
            bar.finish_and_clear();
        });
        Progress(Some((done, thread)))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.0.take() {
            drop(done);
            // It only draws; if that failed, the command is none the worse.
            drop(thread.join());
        }
    }
}

/// How many of something are done, with rate and time left.
pub struct Counter(Option<(ProgressBar, Instant)>);

impl Counter {
    pub fn silent() -> Counter {
        Counter(None)
    }

    pub fn of(what: &'static str) -> Counter {
        let style =
            ProgressStyle::with_template("{wide_bar} {pos} of {len} {msg}, {eta} left").expect("our own template");
        let bar =
            ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_style(style).with_message(what);
        Counter(Some((bar, Instant::now())))
    }

    /// So many are done, of so many.
    pub fn reach(&self, done: u64, all: u64) {
        let Some((bar, begun)) = &self.0 else { return };
        bar.set_length(all);
        bar.set_position(done);
        if bar.is_hidden() && begun.elapsed() > PATIENCE {
            bar.set_draw_target(progress());
        }
    }

    pub fn finish(&self) {
        self.0.iter().for_each(|(bar, _)| bar.finish_and_clear());
    }
}

/// How much of something has been read, with rate and time left.
pub struct Meter {
    /// Hidden at first; none where nobody watches.
    bar: Option<ProgressBar>,
    begun: Instant,
}

impl Meter {
    pub fn silent() -> Meter {
        Meter { bar: None, begun: Instant::now() }
    }

    pub fn bytes(total: u64) -> Meter {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden()).with_style(bytes_style());
        Meter { bar: Some(bar), begun: Instant::now() }
    }

    /// Counts what is read through it.
    pub fn read<'m>(&'m self, inside: Box<dyn BufRead + 'm>) -> Metered<'m> {
        // Facts may have to be read a second time.
        if let Some(bar) = self.bar.as_ref().filter(|bar| bar.length().is_some_and(|length| bar.position() >= length)) {
            bar.set_position(0);
        }
        Metered { meter: self, inside, uncounted: 0 }
    }

    pub fn finish(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }

    fn add(&self, bytes: usize) {
        let Some(bar) = &self.bar else { return };
        bar.inc(bytes as u64);
        if bar.is_hidden() && self.begun.elapsed() > PATIENCE {
            bar.set_draw_target(progress());
        }
    }
}

/// A reader whose bytes are counted, many at once: a line is too small to draw a bar for.
pub struct Metered<'m> {
    meter: &'m Meter,
    inside: Box<dyn BufRead + 'm>,
    uncounted: usize,
}

const COUNTED_AT_ONCE: usize = 64 << 10;

impl Metered<'_> {
    fn count(&mut self, bytes: usize) {
        self.uncounted += bytes;
        if self.uncounted >= COUNTED_AT_ONCE {
            self.meter.add(std::mem::take(&mut self.uncounted));
        }
    }
}

impl Drop for Metered<'_> {
    fn drop(&mut self) {
        self.meter.add(self.uncounted);
    }
}

impl Read for Metered<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inside.read(into)?;
        self.count(read);
        Ok(read)
    }
}

impl BufRead for Metered<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inside.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.inside.consume(bytes);
        self.count(bytes);
    }
}

fn bytes_style() -> ProgressStyle {
    let template = "recording {wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
    ProgressStyle::with_template(template).expect("our own template")
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg} ({elapsed})").expect("our own template")
}
