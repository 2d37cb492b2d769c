//! The root secret: 32 random bytes in a file that only its owner reads.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use actors_core::auth::keys::{KEY_BYTES, Keys};
use anyhow::{Context, bail};

use crate::config::{Command, Config};

const OWNER_ONLY_FILE: u32 = 0o600;
const OWNER_ONLY_FOLDER: u32 = 0o700;
const OTHERS: u32 = 0o077;

/// Reads the root secret and derives every key; `serve` makes the file when there is none. Nothing
/// where nothing is signed.
pub(super) fn load(config: &Config) -> anyhow::Result<Option<Keys>> {
    let Some(path) = config.auth.root_key_file.as_deref() else { return Ok(None) };
    if config.command == Command::Serve && !path.exists() {
        make(path).with_context(|| format!("{} cannot be made", path.display()))?;
    }
    let root = read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(Some(Keys::derive(&root)))
}

fn make(path: &Path) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(OWNER_ONLY_FOLDER).create(folder)?;
    }
    let mut root = [0; KEY_BYTES];
    getrandom::fill(&mut root).context("the system has no random bytes")?;
    // Never over an existing file: every password hash depends on what is in it.
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY_FILE).open(path)?;
    file.write_all(&root)?;
    file.sync_all()?;
    tracing::info!("a new root key was made; keep a copy, without it nobody can sign in");
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<[u8; KEY_BYTES]> {
    if fs::metadata(path)?.permissions().mode() & OTHERS != 0 {
        tracing::warn!("others than its owner can open the root key file; chmod 600 it");
    }
    let bytes = fs::read(path)?;
    match bytes.as_slice().try_into() {
        Ok(root) => Ok(root),
        Err(_) => bail!("it has {} bytes, not {KEY_BYTES}", bytes.len()),
    }
}
