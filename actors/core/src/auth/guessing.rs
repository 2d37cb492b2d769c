//! How often a password may be guessed: counted per bucket, in one place for all edges.
//!
//! ```text
//!   guess      1 … 5     6 … 50         51 … 60     61 … 70   …   111 …
//!   pause        no       12 s            24 s        48 s         15 min
//! ```
//!
//! A pause and never a lock. Under attack the owner's own browsers are not concerned: they have
//! their device cookies. On a new browser the owner competes with the strangers for the next
//! guess. The store decides who of several comes first; everything else is decided here.

use aws_lc_rs::digest;
use bus_schemas::id::LoginId;
use bus_schemas::name::Username;
use bus_schemas::time::Timestamp;

use super::device::Device;

/// Bytes of a bucket's name.
pub const BUCKET_BYTES: usize = 32;
/// Guesses without a pause: as many as a person mistypes who knows the password.
pub const FREE_GUESSES: u32 = 5;
/// Seconds between later guesses: 5 a minute, as fast as a person tries one's old passwords.
pub const EVERY_SECONDS: u32 = 12;
/// Guesses at that pace: then 50 were wrong in a row, which is no person any more.
const STEADY_GUESSES: u32 = 45;
/// Guesses after which the pause doubles, and doubles again.
const DOUBLES_EVERY: u32 = 10;
/// The longest pause: 96 guesses a day for a stranger, and an owner waits for it once.
pub const PAUSE_SECONDS_MAX: u32 = 15 * 60;
/// Quiet after which everything is forgotten, counted from when the next guess could be made.
pub const FORGOTTEN_AFTER_SECONDS: i64 = 24 * 60 * 60;

/// Whose guesses are counted together. Only a hash: a name that nobody has is not to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bucket([u8; BUCKET_BYTES]);

impl Bucket {
    /// Strangers who try this name, whether anybody has it or not.
    #[must_use]
    pub fn of_name(name: &Username) -> Self {
        Self::of(&format!("name:{}", name.folded()))
    }

    /// A browser that the account was signed in from before.
    #[must_use]
    pub fn of_device(device: &Device) -> Self {
        Self::of(&format!("device:{}", hex::encode(device.nonce)))
    }

    /// Somebody who is signed in and gives the password again.
    #[must_use]
    pub fn of_login(login: LoginId) -> Self {
        Self::of(&format!("login:{}", login.token()))
    }

    /// The bucket of this text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, text.as_bytes());
        let mut bytes = [0; BUCKET_BYTES];
        bytes.copy_from_slice(hash.as_ref());
        Self(bytes)
    }

    /// What the store keeps.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; BUCKET_BYTES] {
        &self.0
    }
}

/// What is known about the guesses of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    /// Guesses in a row that were not right.
    pub failures: u32,
    /// When the next one is evaluated.
    pub next_at: Timestamp,
}

/// How much guessing is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Guesses without a pause.
    pub free: u32,
    /// Seconds between later guesses.
    pub every_seconds: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { free: FREE_GUESSES, every_seconds: EVERY_SECONDS }
    }
}

impl Settings {
    /// Seconds to wait after so many guesses in a row that were not right.
    #[must_use]
    pub fn pause_seconds(self, failures: u32) -> u32 {
        if failures < self.free {
            return 0;
        }
        let beyond = (failures - self.free).checked_sub(STEADY_GUESSES);
        let doublings = beyond.map_or(0, |beyond| beyond / DOUBLES_EVERY + 1);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.every_seconds.saturating_mul(factor).min(PAUSE_SECONDS_MAX)
    }

    /// Whether this is the failure after which people wait, or wait longer than before: what an
    /// operator wants to hear of, and not each guess.
    #[must_use]
    pub fn slows_down(self, failures: u32) -> bool {
        self.pause_seconds(failures) > self.pause_seconds(failures.saturating_sub(1))
    }
}

/// What to do about a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Look whether it is right, once this is stored as counted.
    Evaluate(Guesses),
    /// It came too early, and costs nothing.
    Wait {
        /// Seconds until the next one is evaluated.
        seconds: u32,
    },
}

/// Judges a guess. It counts as wrong until the right one takes the whole count away.
#[must_use]
pub fn judge(found: Option<Guesses>, settings: Settings, now: Timestamp) -> Verdict {
    let failures = match found {
        Some(guesses) if !is_forgotten(guesses, now) => match wait(guesses, settings, now) {
            Some(seconds) => return Verdict::Wait { seconds },
            None => guesses.failures,
        },
        Some(_) | None => 0,
    };
    let failures = failures.saturating_add(1);
    let next_at = now.plus_seconds(settings.pause_seconds(failures).into());
    Verdict::Evaluate(Guesses { failures, next_at })
}

fn is_forgotten(guesses: Guesses, now: Timestamp) -> bool {
    guesses.next_at.plus_seconds(FORGOTTEN_AFTER_SECONDS) <= now
}

/// Seconds until the next guess, if there are any.
///
/// The clocks of two replicas differ a little, so the time in the store is believed as it
/// stands, up to the longest pause there is. One further away was written by a clock that has
/// gone back since, and would lock the owner out until that time comes again.
fn wait(guesses: Guesses, settings: Settings, now: Timestamp) -> Option<u32> {
    if guesses.failures < settings.free {
        return None;
    }
    let seconds = guesses.next_at.0.saturating_sub(now.0);
    u32::try_from(seconds).ok().filter(|seconds| (1..=PAUSE_SECONDS_MAX).contains(seconds))
}
