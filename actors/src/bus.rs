//! Which buses there are.
