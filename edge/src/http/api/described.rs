//! Reads off a handler's signature what it takes and gives.

use std::future::Future;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::response::NoContent;
use schemars::{JsonSchema, SchemaGenerator};

use super::super::Doors;
use super::super::problem::Problem;
use super::operation::Operation;

/// Something that a handler takes.
pub(crate) trait Takes {
    /// Says what it needs of a request, and how it refuses one that lacks it.
    fn describe(operation: &mut Operation);
}

/// Something that a handler gives.
pub(crate) trait Gives {
    /// Says how it answers.
    fn describe(operation: &mut Operation);
}

impl Takes for State<Arc<Doors>> {
    fn describe(_: &mut Operation) {}
}

impl Takes for Request {
    fn describe(_: &mut Operation) {}
}

impl<T: Gives> Gives for Result<T, Problem> {
    fn describe(operation: &mut Operation) {
        T::describe(operation);
    }
}

impl<T: JsonSchema> Gives for Json<T> {
    fn describe(operation: &mut Operation) {
        operation.gives(StatusCode::OK, Some(SchemaGenerator::subschema_for::<T>));
    }
}

impl Gives for NoContent {
    fn describe(operation: &mut Operation) {
        operation.gives(StatusCode::NO_CONTENT, None);
    }
}

/// A handler that says what it takes and gives.
pub(crate) trait Described<T> {
    /// Says so.
    fn describe(operation: &mut Operation);
}

/// A function of so many arguments, as [`Handler`] knows them.
macro_rules! described {
    ($marker:ty $(, $generic:ident)*; $($take:ident),*) => {
        impl<F, Answer, Given, $($generic,)* $($take,)*> Described<($marker, $($take,)*)> for F
        where
            F: FnOnce($($take,)*) -> Answer + Handler<($marker, $($take,)*), Arc<Doors>>,
            Answer: Future<Output = Given>,
            Given: Gives,
            $($take: Takes,)*
        {
            fn describe(operation: &mut Operation) {
                $($take::describe(operation);)*
                Given::describe(operation);
            }
        }
    };
}

described!((););
described!(M, M; A);
described!(M, M; A, B);
described!(M, M; A, B, C);
described!(M, M; A, B, C, D);
described!(M, M; A, B, C, D, E);
described!(M, M; A, B, C, D, E, G);
