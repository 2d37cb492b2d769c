//! The program as a process of its own.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::process::{Child as Handle, Command, Stdio};

/// A process that does not outlive its test.
pub(crate) struct Child(Handle);

impl Child {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Ends it as an operator does; what it was asked is answered first.
    pub(crate) fn stop(mut self) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has already noticed.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The program with these arguments and an empty environment.
pub(crate) fn dhchat(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dhchat"));
    command.env_clear().args(arguments).stdin(Stdio::null());
    // Where `make coverage` wants the counters of this process.
    command.envs(std::env::vars_os().filter(|(name, _)| name == "LLVM_PROFILE_FILE"));
    command
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
