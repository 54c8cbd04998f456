//! Threads that do one piece of work together.

use std::thread;

use super::STACK_BYTES;

/// Does work on the calling thread, which needs a stack of [`STACK_BYTES`], and on others beside
/// it; returns the result of each of them, the calling thread first.
///
/// The work takes its items from a queue that all threads share: fewer threads than asked for give
/// the same results.
///
/// # Panics
///
/// If the work panics on another thread.
pub fn in_parallel<T: Send>(threads: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map_while(|_| {
                thread::Builder::new()
                    .stack_size(STACK_BYTES)
                    .spawn_scoped(scope, &work)
                    .ok()
            })
            .collect();
        let mut done = vec![work()];
        done.extend(
            others
                .into_iter()
                .map(|other| other.join().expect("panics are caught in each call")),
        );
        done
    })
}
