//! What an evaluation returns.

use crate::failure::{Failure, Outcome};
use crate::value::Value;

/// Which call failed and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeFailure {
    /// Index of the call in the graph.
    pub node: u32,
    /// Why.
    pub failure: Failure,
}

/// What one root did on one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootOutcome {
    /// Digest of its value; 0 for a failure.
    pub digest: u128,
    /// Fuel of all nodes that the root needs, each once.
    pub fuel: u64,
    /// Time of the same nodes; an estimate.
    pub nanoseconds: u64,
    /// Where its failure stands among those of the case; [`NO_FAILURE`] if it has a value.
    pub failure: u32,
    /// Agreement with the wanted grid; 0 for a failure and where nothing is wanted.
    pub score: u16,
}

/// Marks a root that has a value.
pub const NO_FAILURE: u32 = u32::MAX;

/// What all roots did on one case.
#[derive(Clone, Debug, Default)]
pub struct CaseOutcome {
    /// One per root.
    pub roots: Vec<RootOutcome>,
    /// The calls that made roots fail, each once.
    pub failures: Vec<NodeFailure>,
    /// Time that the case took.
    pub nanoseconds: u64,
    /// The roots' values, None for a failure; empty if they were not kept.
    pub outputs: Vec<Option<Value>>,
}

impl CaseOutcome {
    /// Why a root has no value.
    pub fn failure(&self, root: usize) -> Option<&NodeFailure> {
        self.failures.get(self.roots[root].failure as usize)
    }
}

/// What one node did on one case.
#[derive(Clone, Debug)]
pub struct NodeOutcome {
    /// Its value, or which call failed: its own or one that it needs.
    pub value: Result<Value, NodeFailure>,
    /// Its own fuel; none if an argument failed.
    pub fuel: u64,
    /// Its own time.
    pub nanoseconds: u64,
}

impl NodeOutcome {
    pub(super) fn idle(value: Result<Value, NodeFailure>) -> Self {
        Self {
            value,
            fuel: 0,
            nanoseconds: 0,
        }
    }

    pub(super) fn measured(
        node: u32,
        outcome: Outcome<Value>,
        fuel: u64,
        nanoseconds: u64,
    ) -> Self {
        let value = outcome.map_err(|failure| NodeFailure { node, failure });
        Self {
            value,
            fuel,
            nanoseconds,
        }
    }
}
