//! The circuit breaker: closed, open, half-open.
