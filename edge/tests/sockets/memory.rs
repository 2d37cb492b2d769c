//! What this process has in memory, the house in it included.

/// Kilobytes that it has, or had at most since [`forget_the_peak`]: a line of `/proc/self/status`.
pub(crate) fn kilobytes(what: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
}

pub(crate) fn forget_the_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}
