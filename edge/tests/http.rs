//! Stories of the HTTP doors.

mod accounts;
mod around;
mod identity;
mod limits;
mod people;
