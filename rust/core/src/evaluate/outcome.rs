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

impl Default for RootOutcome {
    /// Returns the outcome of a root that cost nothing and has no value yet.
    fn default() -> Self {
        Self {
            digest: 0,
            fuel: 0,
            nanoseconds: 0,
            failure: NO_FAILURE,
            score: 0,
        }
    }
}

/// What all roots did on one case.
#[derive(Clone, Debug, Default)]
pub struct CaseOutcome {
    /// One per root.
    pub roots: Vec<RootOutcome>,
    /// The calls that made roots fail, each once.
    pub failures: Vec<NodeFailure>,
    /// Time that the case took.
    pub nanoseconds: u64,
    /// The roots' values, None for a failure and for what had no room; empty if none were kept.
    pub outputs: Vec<Option<Value>>,
}

/// Bytes of a container beside its members: its size, counts and what the allocator adds.
const CONTAINER_BYTES: usize = 96;

/// Returns about how many bytes a value takes, what it shares with others included.
pub(super) fn bytes_of(value: &Value) -> usize {
    let heap = match value {
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Pair(..) | Value::Cell(_) => 0,
        Value::Row(row) => CONTAINER_BYTES + row.cells().len(),
        Value::Grid(grid) => CONTAINER_BYTES + grid.cells().len(),
        Value::Indices(locations) => CONTAINER_BYTES + size_of_val(locations.as_slice()),
        Value::Object(cells) => CONTAINER_BYTES + size_of_val(cells.as_slice()),
        Value::Tuple(sequence) | Value::Set(sequence) => {
            CONTAINER_BYTES + sequence.members().iter().map(bytes_of).sum::<usize>()
        }
        Value::Func(function) => {
            CONTAINER_BYTES + function.parts().iter().map(bytes_of).sum::<usize>()
        }
    };
    size_of::<Value>() + heap
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
