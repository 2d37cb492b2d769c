//! Bytes as decisions: whoever is fed decides by the next bytes what happens next.

/// What is left of an input. Behind its end everything is zero.
pub(crate) struct Chance<'a>(&'a [u8]);

impl<'a> Chance<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.bytes::<1>()[0]
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        let (taken, rest) = self.0.split_at(N.min(self.0.len()));
        bytes[..taken.len()].copy_from_slice(taken);
        self.0 = rest;
        bytes
    }

    /// Below `end`.
    pub(crate) fn below(&mut self, end: u8) -> u8 {
        self.byte() % end
    }

    pub(crate) fn one_in(&mut self, n: u8) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::from(self.byte()) % from.len()]
    }

    /// Mostly small; sometimes anything.
    pub(crate) fn number(&mut self) -> u64 {
        match self.below(4) {
            0 => u64::from(self.byte()),
            1 | 2 => u64::from(u16::from_be_bytes(self.bytes())),
            _ => u64::from_be_bytes(self.bytes()),
        }
    }

    /// At most so many of the bytes that are left.
    pub(crate) fn some(&mut self, most: u8) -> &'a [u8] {
        let wanted = usize::from(self.below(most));
        let (taken, rest) = self.0.split_at(wanted.min(self.0.len()));
        self.0 = rest;
        taken
    }
}
