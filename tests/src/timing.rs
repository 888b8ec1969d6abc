//! How long single jobs of `bench` take, and how much memory.

use std::time::Instant;

/// Prints what a job took and its rate; gives the seconds back.
pub fn rate(what: &str, count: usize, seconds: f64) -> f64 {
    println!("  {what:<58} {:>9.3} s  {:>10.0} /s", seconds, count as f64 / seconds);
    seconds
}

/// Does a job; its result and its seconds. Prints the work of all threads.
pub fn timed<T>(job: impl FnOnce() -> T) -> (T, f64) {
    let (start, before) = (Instant::now(), ticks());
    let result = job();
    let seconds = start.elapsed().as_secs_f64();
    println!("{:>8} ms of work", (ticks() - before) * 10);
    (result, seconds)
}

/// Work of all threads so far, in hundredths of a second: what it costs, whoever else uses the machine.
fn ticks() -> u64 {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = status.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    [11, 12].iter().filter_map(|index| fields.get(*index)?.parse::<u64>().ok()).sum()
}

/// The most memory that this process ever had, in bytes.
pub fn peak() -> usize {
    memory_of("VmHWM:")
}

/// Resident memory of this process in bytes.
pub fn resident() -> usize {
    memory_of("VmRSS:")
}

fn memory_of(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|text| text.parse::<usize>().ok()).unwrap_or(0) * 1024
}
