//! How much memory this process holds, and held at most.

pub fn held() -> u64 {
    status("VmRSS:")
}

pub fn most() -> u64 {
    status("VmHWM:")
}

/// A line of the process's status in bytes; 0 where there is no such file.
fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Bytes as GiB with two places.
pub fn gib(bytes: u64) -> String {
    let hundredths = bytes / ((1 << 30) / 100);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
