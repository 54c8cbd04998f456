//! What an evaluation counted beside its results.

use rustc_hash::FxHashMap;

use super::outcome::CaseOutcome;
use super::runner::Watch;
use crate::tally::Count;

/// What all threads of an evaluation counted.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// By the name of a primitive.
    pub primitives: FxHashMap<Box<str>, Count>,
    /// Time that all threads took together.
    pub busy_nanoseconds: u64,
    /// Time that the thread took which took longest.
    pub longest_nanoseconds: u64,
    /// Time that digests and scores took, of all threads together.
    pub outputs_nanoseconds: u64,
    /// Time that sums over the nodes of each root took, of all threads together.
    pub sums_nanoseconds: u64,
    /// Time that counting calls took, of all threads together; an estimate.
    pub counting_nanoseconds: u64,
    /// Of each job: a number that stands for all outputs of all roots on all cases.
    pub outputs: Vec<u128>,
}

impl Counts {
    pub(super) fn add(&mut self, watch: &Watch, nanoseconds: u64) {
        for (name, count) in watch.tally.iter().flat_map(|tally| tally.totals()) {
            self.primitives.entry(name.into()).or_default().add(count);
        }
        self.counting_nanoseconds += watch.tally.as_ref().map_or(0, |tally| tally.counting);
        self.busy_nanoseconds += nanoseconds;
        self.longest_nanoseconds = self.longest_nanoseconds.max(nanoseconds);
        self.outputs_nanoseconds += watch.outputs_nanoseconds;
        self.sums_nanoseconds += watch.sums_nanoseconds;
    }
}

/// Returns a number that stands for the outputs of a job: the sum, modulo 2^128, of all digests,
/// each times one more than twice its place.
pub(super) fn outputs_of(cases: &[CaseOutcome]) -> u128 {
    let digests = cases.iter().flat_map(|case| &case.roots);
    (0_u128..).zip(digests).fold(0, |sum: u128, (place, root)| {
        sum.wrapping_add(root.digest.wrapping_mul(2 * place + 1))
    })
}
