//! Names of metrics and the functions that count.
