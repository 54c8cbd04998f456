//! The one way from Python into the core.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use arcbatt_core::evaluate::{Surroundings, STACK_BYTES};
use pyo3::prelude::*;

use super::error::{BorderError, Result};
use super::externals::Bridge;

/// How often a waiting interpreter looks for Ctrl-C.
const LOOK_INTERVAL: Duration = Duration::from_millis(40);

/// Runs work on a thread of its own while the interpreter is free for others.
///
/// On Ctrl-C the work is told to stop, and the exception is raised once it did. So is what a
/// primitive written in Python raises beyond `Exception`.
pub fn enter<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(Surroundings<'_>) -> T + Send,
) -> Result<T> {
    let cancel = AtomicBool::new(false);
    let done = AtomicBool::new(false);
    let bridge = Bridge::new(&cancel);
    let waiting = thread::current();
    thread::scope(|scope| {
        let worker = thread::Builder::new()
            .name("arcbatt".into())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || {
                let wake = Wake {
                    done: &done,
                    waiting: &waiting,
                };
                let result = work(Surroundings {
                    cancel: &cancel,
                    externals: Some(&bridge),
                });
                drop(wake);
                result
            })
            .map_err(|error| BorderError::Engine(format!("no thread can be started: {error}")))?;
        let mut interrupt = Ok(());
        while !done.load(Ordering::Acquire) {
            py.detach(|| thread::park_timeout(LOOK_INTERVAL));
            if interrupt.is_ok() {
                interrupt = py.check_signals();
                if interrupt.is_err() {
                    cancel.store(true, Ordering::Relaxed);
                }
            }
        }
        let result = py.detach(|| worker.join());
        interrupt?;
        bridge.problem()?;
        result.map_err(|_| BorderError::Engine("a bug: the evaluator panicked".into()))
    })
}

/// Wakes the interpreter's thread, also if the work panics.
struct Wake<'a> {
    done: &'a AtomicBool,
    waiting: &'a thread::Thread,
}

impl Drop for Wake<'_> {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Release);
        self.waiting.unpark();
    }
}
