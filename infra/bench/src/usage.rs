//! What processes used, as the system counts it.
//!
//! `/proc/PID/stat` has user and system time in ticks of 10 ms each (`man 5 proc`), which is what a
//! window of seconds needs; `/proc/PID/status` has the memory that is really there, and
//! `/proc/PID/task/*/schedstat` how long a thread waited for a core.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// Ticks a second: `USER_HZ`, the same on every Linux that Rust runs on.
const TICKS_PER_SECOND: u64 = 100;
/// Places of user and system time behind the name, which may itself hold spaces.
const UTIME: usize = 11;
const STIME: usize = 12;

/// How long these processes have been on a core, all of them together.
pub(crate) fn cpu(pids: &[u32]) -> Result<Duration> {
    let mut ticks = 0;
    for pid in pids {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        ticks += ticks_of(&text).with_context(|| format!("/proc/{pid}/stat: {text}"))?;
    }
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}

/// How long threads of these processes wanted a core and had none, all of them together.
pub(crate) fn waited(pids: &[u32]) -> Result<Duration> {
    let mut nanos = 0;
    for pid in pids {
        for task in fs::read_dir(format!("/proc/{pid}/task"))? {
            // A thread may have ended since it was listed.
            let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
            nanos += waited_of(&text).with_context(|| format!("schedstat of {pid}: {text}"))?;
        }
    }
    Ok(Duration::from_nanos(nanos))
}

/// KiB that these processes have in memory, all of them together.
pub(crate) fn resident_kib(pids: &[u32]) -> Result<u64> {
    let mut kib = 0;
    for pid in pids {
        let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
        kib += resident_of(&text).with_context(|| format!("/proc/{pid}/status has no VmRSS"))?;
    }
    Ok(kib)
}

fn ticks_of(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let user: u64 = fields.nth(UTIME)?.parse().ok()?;
    let system: u64 = fields.nth(STIME - UTIME - 1)?.parse().ok()?;
    Some(user + system)
}

/// The second of three numbers: time on a core, time waiting for one, and turns
/// (Linux, `Documentation/scheduler/sched-stats.rst`).
fn waited_of(schedstat: &str) -> Option<u64> {
    schedstat.split_ascii_whitespace().nth(1)?.parse().ok()
}

fn resident_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const STAT: &str = "4242 (dh (chat) 1) S 1 4242 4242 0 -1 4194560 903 0 0 0 317 205 7 9 20 0 6 0 \
        1234 10 20 18446744073709551615 0 0 0";

    #[test]
    fn user_and_system_time_stand_behind_a_name_that_may_hold_anything() {
        assert_eq!(ticks_of(STAT), Some(317 + 205));
        assert_eq!(ticks_of("4242 (cut"), None);
        assert_eq!(ticks_of("4242 (cut) S 1 2 3"), None);
    }

    #[test]
    fn waiting_is_the_second_of_three_numbers() {
        assert_eq!(waited_of("7000 450 3\n"), Some(450));
        assert_eq!(waited_of("7000"), None);
        assert!(waited(&[std::process::id()]).is_ok());
        assert!(waited(&[u32::MAX]).is_err());
    }

    #[test]
    fn memory_is_a_line_among_others() {
        let status = "Name:\tdhchat\nVmHWM:\t  9999 kB\nVmRSS:\t   34612 kB\nRssAnon:\t 1 kB\n";
        assert_eq!(resident_of(status), Some(34_612));
        assert_eq!(resident_of("Name:\tkthreadd\n"), None);
    }

    #[test]
    fn a_process_that_works_uses_time_and_one_that_does_not_exist_is_an_error() {
        let own = std::process::id();
        let (before, begun) = (cpu(&[own]).unwrap(), Instant::now());
        let mut worked = 0_u64;
        while cpu(&[own]).unwrap() == before {
            worked += 1;
            assert!(begun.elapsed() < Duration::from_secs(30), "{worked} looks and no tick");
        }
        assert!(resident_kib(&[own]).unwrap() > 100);
        assert!(cpu(&[u32::MAX]).is_err());
    }
}
