//! The values and primitives of the language, and what runs them: pure Rust, knows no Python.
//!
//! The Python package's reference engine is the definition. Everything here equals it: values,
//! the kind of a failure, and the fuel spent, also on arguments that do not fit.
#![forbid(unsafe_code)]

pub mod arguments;
pub mod bytes;
pub mod evaluate;
pub mod evolve;
pub mod expression;
pub mod failure;
pub mod function;
pub mod graph;
pub mod induction;
pub mod meter;
mod order;
pub mod primitives;
pub mod search;
pub mod tally;
mod text;
pub mod value;

pub use bytes::digest;
pub use failure::{Failure, FailureKind, Outcome};
pub use function::{Callee, External, Function};
pub use meter::{Bounds, ExternalPrimitives, Meter};
pub use primitives::{lookup, Primitive};
pub use value::{Cell, Grid, Location, Members, Value};
