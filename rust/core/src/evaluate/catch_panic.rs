//! Panics become failures.

use std::cell::Cell;
use std::panic::{catch_unwind, set_hook, take_hook, AssertUnwindSafe};
use std::sync::Once;

use crate::failure::{Failure, FailureKind, Outcome};

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
}

/// Runs a call; a panic in it becomes the failure `panic` and prints nothing.
pub fn catch_panic<T>(call: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    silence_caught_panics();
    let outer = CATCHING.replace(true);
    // What the call may leave half done is not looked at again: the meter restarts for the next
    // node, and values cannot be changed.
    let outcome = catch_unwind(AssertUnwindSafe(call));
    CATCHING.set(outer);
    outcome.unwrap_or(Err(Failure::new(
        FailureKind::Panic,
        "a bug in the primitive",
    )))
}

/// Leaves the report of panics to whoever had it before, but for those that are caught here.
fn silence_caught_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = take_hook();
        set_hook(Box::new(move |panic| {
            if !CATCHING.get() {
                report(panic);
            }
        }));
    });
}
