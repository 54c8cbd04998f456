//! What primitives ask of their arguments.

use crate::failure::{Failure, Outcome};
use crate::function::Function;
use crate::value::Value;

/// Asks for a function.
pub fn function(value: &Value) -> Outcome<&Function> {
    value
        .as_function()
        .ok_or(Failure::argument("expected a function"))
}
