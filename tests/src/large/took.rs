//! How long something took: on the clock, and of the processor, which tells more on a machine that others use too.

use std::ops::Add;
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// Seconds.
#[derive(Copy, Clone, Default, Serialize, Deserialize)]
pub struct Took {
    pub clock: f64,
    /// Of all threads.
    pub processor: f64,
}

pub fn timed<T>(job: impl FnOnce() -> T) -> (T, Took) {
    let (start, all, this) = (Instant::now(), of_all_threads(), of_this_thread());
    let result = job();
    // The one is coarse, the other knows nothing of threads that helped.
    let processor = (of_all_threads() - all).max(of_this_thread() - this);
    (result, Took { clock: start.elapsed().as_secs_f64(), processor })
}

/// What this process has had of the processor so far; 0 where the system does not tell.
fn of_all_threads() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_name = status.rsplit(')').next().unwrap_or_default();
    let ticks = behind_name.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_PER_SECOND
}

fn of_this_thread() -> f64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    times.split_whitespace().next().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

/// How many processes wanted a processor in the last minute.
pub fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

impl Took {
    /// Something for each of both.
    pub fn map(self, each: impl Fn(f64) -> f64) -> Took {
        Took { clock: each(self.clock), processor: each(self.processor) }
    }

    /// So many times something else.
    pub fn over(self, other: Took) -> Took {
        Took { clock: self.clock / other.clock, processor: self.processor / other.processor }
    }
}

impl Add for Took {
    type Output = Took;

    fn add(self, other: Took) -> Took {
        Took { clock: self.clock + other.clock, processor: self.processor + other.processor }
    }
}

impl std::iter::Sum for Took {
    fn sum<I: Iterator<Item = Took>>(all: I) -> Took {
        all.fold(Took::default(), Add::add)
    }
}
