//! Progress on standard error, shown only when something takes more than half a second.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Sooner than this nobody wonders.
pub const PATIENCE: Duration = Duration::from_millis(500);

/// A word about what is under way, until it is dropped.
pub struct Wait(Option<(Sender<()>, JoinHandle<()>)>);

impl Wait {
    pub fn silent() -> Wait {
        Wait(None)
    }

    pub fn begin(doing: &'static str) -> Wait {
        let (done, wait) = channel();
        let thread = std::thread::spawn(move || {
            if wait.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::new_spinner().with_style(style()).with_message(doing);
            bar.enable_steady_tick(Duration::from_millis(100));
            // The other end hangs up when it is done.
            let _hung_up = wait.recv();
            bar.finish_and_clear();
        });
        Wait(Some((done, thread)))
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.0.take() {
            drop(done);
            // It only draws; if that failed, the command is none the worse.
            drop(thread.join());
        }
    }
}

/// How much of something has been read, with rate and time left.
pub struct Meter {
    bar: ProgressBar,
    begun: Instant,
}

impl Meter {
    pub fn silent() -> Meter {
        Meter { bar: ProgressBar::hidden(), begun: Instant::now() }
    }

    pub fn bytes(total: u64) -> Meter {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden()).with_style(bytes_style());
        Meter { bar, begun: Instant::now() }
    }

    /// Counts what is read through it.
    pub fn read<'m>(&'m self, inside: Box<dyn BufRead + 'm>) -> Metered<'m> {
        Metered { meter: self, inside }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn add(&self, bytes: usize) {
        self.bar.inc(bytes as u64);
        if self.bar.is_hidden() && self.bar.length().is_some() && self.begun.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

/// A reader whose bytes are counted by the buffer, not by the line.
pub struct Metered<'m> {
    meter: &'m Meter,
    inside: Box<dyn BufRead + 'm>,
}

impl Read for Metered<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inside.read(into)?;
        self.meter.add(read);
        Ok(read)
    }
}

impl BufRead for Metered<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inside.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.inside.consume(bytes);
        self.meter.add(bytes);
    }
}

fn bytes_style() -> ProgressStyle {
    let template = "recording {wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
    ProgressStyle::with_template(template).expect("our own template")
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg} ({elapsed})").expect("our own template")
}
