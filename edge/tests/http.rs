//! Stories of the HTTP doors, each on SQLite and on PostgreSQL.

mod accounts;
mod answerers;
mod around;
pub(crate) mod complete;
mod devices;
mod every_route;
mod identity;
mod limits;
mod people;
