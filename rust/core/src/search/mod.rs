//! Bottom-up search with observational equivalence, and the assembly of right parts.
//!
//! A state is the vector of values that an expression has on all samples of a task, test inputs
//! included. States are made in the order of their cost, each vector once (Albarghouthi et al.,
//! "Recursive Program Synthesis", 2013; Balog et al., "DeepCoder", 2017, for costs that are
//! learnt). What can be read as a layer of a picture is laid over other layers until the wanted
//! outputs are covered, an idea of icecuber's winning entry of 2020.

mod action;
mod beam;
mod bits;
mod calls;
mod choices;
mod conclude;
mod cover;
mod enumerate;
mod express;
mod goals;
mod layers;
mod make;
mod painting;
mod parts;
mod plan;
mod pool;
mod regions;
mod states;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use smallvec::SmallVec;

use crate::evaluate::{in_parallel, Cancelled};
use crate::value::Value;

pub use action::{Action, Part};
pub use express::{Expression, Step};

use enumerate::Enumeration;

/// A type, by its number in the table.
pub type TypeId = u16;

/// The most arguments that a move may have.
pub const ARITY_MAX: usize = 4;

/// One way to make a state from others: a primitive at ground types, or a function of them.
#[derive(Clone, Debug)]
pub struct Move {
    /// What it does.
    pub action: Action,
    /// The types of its arguments, at most [`ARITY_MAX`].
    pub parameters: SmallVec<[TypeId; ARITY_MAX]>,
    /// The type of its result.
    pub result: TypeId,
    /// Bits of description, at least 1.
    pub cost: u32,
    /// The arguments may be swapped without changing the result.
    pub commutes: bool,
    /// Moves whose results this one must not be applied to: the identities that are known.
    pub barred: Vec<(usize, usize)>,
}

/// The roles that types play.
#[derive(Clone, Copy, Debug)]
pub struct Roles {
    /// Pictures.
    pub grid: TypeId,
    /// Sets of cells.
    pub object: TypeId,
    /// Sets of locations.
    pub indices: TypeId,
    /// Numbers that are colours.
    pub color: TypeId,
}

/// What search may do, the same for all tasks.
#[derive(Clone, Debug)]
pub struct Table {
    /// All moves.
    pub moves: Vec<Move>,
    /// Of each type: bits that a state of it may cost. Beyond them only few are of use.
    pub caps: Vec<u32>,
    /// Which of them can be painted.
    pub roles: Roles,
}

/// An expression that is given: an input, a constant, a primitive as a value.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Its type.
    pub type_id: TypeId,
    /// Bits of description, at least 1.
    pub cost: u32,
    /// Its value on each sample, demos first.
    pub values: Vec<Value>,
}

/// What to search for.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What expressions are made of.
    pub leaves: Vec<Leaf>,
    /// The wanted grid of each demo.
    pub wanted: Vec<Value>,
    /// How many samples there are: the demos and the test inputs.
    pub samples: usize,
}

/// How long to search.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Calls of primitives, on all samples of a task.
    pub nodes: u64,
    /// Time for one task: the last resort, since it depends on the machine.
    pub time: Option<Duration>,
    /// Bytes that states, values and layers may take, about.
    pub bytes: usize,
    /// Fuel of one call on one sample.
    pub node_fuel: u64,
    /// Leaves of one value.
    pub value_leaves: u64,
    /// Layers that may lie over each other.
    pub layers: usize,
    /// Partial covers that are followed up at each layer.
    pub beam: usize,
    /// Solutions with test outputs of their own that are wanted at most.
    pub solutions: usize,
    /// Bits by which another solution may cost more than the first.
    pub slack: u32,
}

/// An expression whose values are the wanted grids on all demos.
#[derive(Clone, Debug)]
pub struct Solution {
    /// The expression.
    pub expression: Expression,
    /// Bits of its description.
    pub cost: u32,
    /// Layers that it lays over each other; 1 for a single state.
    pub layers: usize,
    /// How many ways were found to the same outputs on all samples, itself included.
    pub derivations: u32,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Enough solutions were found.
    Found,
    /// The nodes were used up.
    Nodes,
    /// The time was used up.
    Time,
    /// The memory was used up.
    Bytes,
    /// Nothing was left to try.
    Exhausted,
}

impl Stop {
    /// Names the reason as the Python side writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Nodes => "nodes",
            Self::Time => "time",
            Self::Bytes => "bytes",
            Self::Exhausted => "exhausted",
        }
    }
}

/// What came of a search.
#[derive(Clone, Debug)]
pub struct Searched {
    /// The solutions, cheapest first.
    pub solutions: Vec<Solution>,
    /// Why it ended.
    pub stop: Stop,
    /// Calls of moves.
    pub nodes: u64,
    /// States that were new.
    pub states: usize,
    /// Different values.
    pub values: usize,
    /// Layers that could be laid.
    pub layers: usize,
    /// Cost up to which all expressions were tried.
    pub level: u32,
    /// Bytes that states, values and layers take, about.
    pub bytes: usize,
    /// Time that it took.
    pub nanoseconds: u64,
}

/// Searches for one task.
///
/// Fails if it is cancelled.
pub fn search(
    table: &Table,
    problem: &Problem,
    limits: &Limits,
    cancel: &AtomicBool,
) -> Result<Searched, Cancelled> {
    let started = Instant::now();
    let mut searched = Enumeration::new(table, problem, limits, cancel).run()?;
    searched.nanoseconds = started.elapsed().as_nanos() as u64;
    Ok(searched)
}

/// Searches for many tasks; with any number of threads the results are the same.
///
/// Runs on the calling thread, which needs a stack of
/// [`STACK_BYTES`](crate::evaluate::STACK_BYTES), and on others beside it.
///
/// Fails if it is cancelled.
pub fn search_all(
    table: &Table,
    problems: &[(Problem, Limits)],
    threads: usize,
    cancel: &AtomicBool,
) -> Result<Vec<Searched>, Cancelled> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some((problem, limits)) = problems.get(place) else {
                return Ok(done);
            };
            done.push((place, search(table, problem, limits, cancel)?));
        }
    };
    let threads = threads.clamp(1, problems.len().max(1));
    let mut done: Vec<(usize, Searched)> = Vec::new();
    for some in in_parallel(threads, work) {
        done.extend(some?);
    }
    done.sort_unstable_by_key(|(place, _)| *place);
    Ok(done.into_iter().map(|(_, searched)| searched).collect())
}
