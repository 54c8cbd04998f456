//! How a family declares its primitives.

use crate::failure::{FailureKind, Outcome};
use crate::value::Value;

/// Makes a family's table from lines such as `fill(grid, value, patch) = fill;`.
///
/// A kernel takes a reference to an array of its arguments; one that is declared `metered` takes
/// the meter first. `built by` names what calls the functions that the primitive builds. `or` names
/// a more general kernel, called in the same way, for arguments that the first one rejects.
macro_rules! primitives {
    ($($name:ident($($parameter:ident),+) $($metered:ident)? = $kernel:expr
        $(, built by $built:expr)? $(, or $general:expr)?;)*) => {
        /// The primitives of this family.
        // Parameters have the names that programs know them by.
        #[allow(non_snake_case)]
        pub(super) static PRIMITIVES: &[$crate::primitives::Primitive] = &[$(
            $crate::primitives::Primitive {
                name: stringify!($name),
                parameters: &[$(stringify!($parameter)),+],
                kernel: $crate::primitives::table::kernel!(
                    [$kernel $(, $general)?], [$($parameter),+] $(, $metered)?
                ),
                built: $crate::primitives::table::optional!($($built)?),
            },
        )*];
    };
}

macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

/// Adapts a function of an array of arguments to a slice of them.
macro_rules! kernel {
    ([$kernel:expr], [$($parameter:ident),+]) => {
        |_, args| match args {
            &[$($parameter),+] => $kernel([$($parameter),+]),
            _ => Err($crate::failure::Failure::argument("a wrong number of arguments")),
        }
    };
    ([$kernel:expr], [$($parameter:ident),+], metered) => {
        |meter, args| match args {
            &[$($parameter),+] => $kernel(meter, [$($parameter),+]),
            _ => Err($crate::failure::Failure::argument("a wrong number of arguments")),
        }
    };
    ([$kernel:expr, $general:expr], $parameters:tt $(, $metered:ident)?) => {
        |meter, args| {
            use $crate::primitives::{table::kernel, Kernel};
            const FIRST: Kernel = kernel!([$kernel], $parameters $(, $metered)?);
            const GENERAL: Kernel = kernel!([$general], $parameters $(, $metered)?);
            let outcome = FIRST(meter, args);
            if $crate::primitives::table::rejects(&outcome) {
                return GENERAL(meter, args);
            }
            outcome
        }
    };
}

/// Returns whether a kernel did not take its arguments.
pub(super) fn rejects(outcome: &Outcome<Value>) -> bool {
    matches!(outcome, Err(failure) if failure.kind == FailureKind::Argument)
}

pub(super) use {kernel, optional, primitives};
