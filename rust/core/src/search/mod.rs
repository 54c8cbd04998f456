//! Bottom-up search with observational equivalence, and the assembly of right parts.
//!
//! A state is the vector of values that an expression has on all samples of a task, test inputs
//! included. States are made in the order of their cost, each vector once (Albarghouthi et al.,
//! "Recursive Program Synthesis", 2013; Balog et al., "DeepCoder", 2017, for costs that are
//! learnt). What can be read as a layer of a picture is laid over other layers until the wanted
//! outputs are covered, an idea of icecuber's winning entry of 2020.

mod apply;
mod bank;
mod beam;
mod bits;
mod branches;
mod calls;
mod cover;
mod enumerate;
mod extract;
mod hashing;
mod ids;
mod layers;
mod leave_one_out;
mod memo;
mod object_sets;
mod paint_tests;
mod parts;
mod plan;
mod pool;
mod regions;
mod seeds;
mod solutions;
mod states;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use smallvec::SmallVec;

use crate::evaluate::{in_parallel, Cancelled};
use crate::expression::Steps;
use crate::function::Callee;
use crate::value::Value;

pub use apply::SIDE_MAX;
pub use enumerate::FIRST_ROUND;
pub use extract::SearchOp;
pub use seeds::{SEEDS, SEEDS_PER_BIT, SEED_COST};

use enumerate::Enumeration;

/// A type, by its number in the grammar.
pub type TypeId = u16;

/// The most arguments that a production may have.
pub const ARITY_MAX: usize = 4;

/// A primitive at ground types.
#[derive(Clone, Debug)]
pub struct Production {
    /// The primitive.
    pub callee: Callee,
    /// The types of its arguments, at most [`ARITY_MAX`].
    pub parameters: SmallVec<[TypeId; ARITY_MAX]>,
    /// The type of its result.
    pub result: TypeId,
    /// Bits of description, at least 1.
    pub cost: u32,
    /// The arguments may be swapped without changing the result.
    pub commutes: bool,
    /// Pairs of an argument's place and a production that must not make that argument, since a
    /// known identity gives the same value at no more cost.
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

/// All productions with their costs, the same for all tasks.
#[derive(Clone, Debug)]
pub struct Grammar {
    /// All productions.
    pub productions: Vec<Production>,
    /// Of each type: bits that a state of it may cost. Beyond them only few are of use.
    pub caps: Vec<u32>,
    /// Which of them can be painted.
    pub roles: Roles,
}

/// An expression that is given: an input, a constant, a primitive as a value.
#[derive(Clone, Debug)]
pub struct Terminal {
    /// Its type.
    pub type_id: TypeId,
    /// Bits of description, at least 1.
    pub cost: u32,
    /// Its value on each sample, demos first.
    pub values: Vec<Value>,
    /// Whether it is S, the demo samples: leave-one-out leaves a demo out of its values.
    pub is_samples: bool,
}

/// What to search for.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What expressions are made of.
    pub terminals: Vec<Terminal>,
    /// The wanted grid of each demo.
    pub wanted: Vec<Value>,
    /// How many samples there are: the demos and the test inputs.
    pub samples: usize,
}

/// How long to search.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Calls of primitives, on all samples of a task.
    pub evaluations: u64,
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
    /// The expression, in single steps.
    pub steps: Steps<SearchOp>,
    /// Bits of its description.
    pub cost: u32,
    /// Layers that it lays over each other; 1 for a single state.
    pub layers: usize,
    /// How many ways were found to the same outputs on all samples, itself included.
    pub derivations: u32,
    /// Its outputs on the test inputs.
    pub outputs: Vec<Value>,
    /// Demos that it does not predict when S lacks them; 0 if it does not read S, or if there is
    /// a single demo.
    pub missed: usize,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Enough solutions were found.
    Found,
    /// The evaluations were used up.
    Evaluations,
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
            Self::Evaluations => "evaluations",
            Self::Time => "time",
            Self::Bytes => "bytes",
            Self::Exhausted => "exhausted",
        }
    }
}

/// The result of a search for one task.
#[derive(Clone, Debug)]
pub struct Searched {
    /// The solutions, cheapest first.
    pub solutions: Vec<Solution>,
    /// Why it ended.
    pub stop: Stop,
    /// Calls of productions, each on all samples.
    pub evaluations: u64,
    /// States that were new.
    pub states: usize,
    /// Different values.
    pub values: usize,
    /// Layers that could be laid.
    pub layers: usize,
    /// Cost up to which all expressions were tried.
    pub level: u32,
    /// Share of the wanted cells that the nearest picture has right.
    pub nearness: f64,
    /// Bytes that states, values and layers take, about.
    pub bytes: usize,
    /// Time that it took.
    pub nanoseconds: u64,
}

/// A search among those that are to be run, and when it is left out.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// What to search for.
    pub problem: &'a Problem,
    /// How long.
    pub limits: &'a Limits,
    /// The number of the searches that it belongs to, those of one task.
    pub group: usize,
    /// Whether it is left out once an earlier search of its group is sure.
    pub is_optional: bool,
    /// Bits up to which a solution that misses no demo makes the search sure; 0 for never.
    pub sure_cost: u32,
}

/// Searches for one task.
///
/// Fails if it is cancelled.
pub fn search(
    grammar: &Grammar,
    problem: &Problem,
    limits: &Limits,
    cancel: &AtomicBool,
) -> Result<Searched, Cancelled> {
    search_unless(&AtomicBool::new(false), grammar, problem, limits, cancel)
}

/// Searches for one task; fails if it is cancelled, or is left out meanwhile.
fn search_unless(
    is_left_out: &AtomicBool,
    grammar: &Grammar,
    problem: &Problem,
    limits: &Limits,
    cancel: &AtomicBool,
) -> Result<Searched, Cancelled> {
    let started = Instant::now();
    let mut searched = Enumeration::new(grammar, problem, limits, is_left_out, cancel).run()?;
    searched.nanoseconds = started.elapsed().as_nanos() as u64;
    Ok(searched)
}

/// Searches for many tasks; with any number of threads the results are the same.
///
/// The searches are begun in their order. One that is optional has no result if an earlier one of
/// its group is sure; if it was begun on another thread meanwhile, it is stopped.
///
/// Runs on the calling thread, which needs a stack of
/// [`STACK_BYTES`](crate::evaluate::STACK_BYTES), and on others beside it.
///
/// Fails if it is cancelled.
pub fn search_all(
    grammar: &Grammar,
    turns: &[Turn<'_>],
    threads: usize,
    cancel: &AtomicBool,
) -> Result<Vec<Option<Searched>>, Cancelled> {
    let next = AtomicUsize::new(0);
    let left_out: Vec<AtomicBool> = turns.iter().map(|_| AtomicBool::new(false)).collect();
    let work = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(turn) = turns.get(place) else {
                return Ok(done);
            };
            let is_left_out = &left_out[place];
            if is_left_out.load(Ordering::Relaxed) {
                continue;
            }
            match search_unless(is_left_out, grammar, turn.problem, turn.limits, cancel) {
                Ok(searched) => {
                    if is_sure(&searched, turn) {
                        for (later, flag) in turns.iter().zip(&left_out).skip(place + 1) {
                            if later.is_optional && later.group == turn.group {
                                flag.store(true, Ordering::Relaxed);
                            }
                        }
                    }
                    done.push((place, searched));
                }
                Err(Cancelled) if is_left_out.load(Ordering::Relaxed) => {}
                Err(Cancelled) => return Err(Cancelled),
            }
        }
    };
    let threads = threads.clamp(1, turns.len().max(1));
    let mut all: Vec<Option<Searched>> = turns.iter().map(|_| None).collect();
    for some in in_parallel(threads, work) {
        for (place, searched) in some? {
            if !left_out[place].load(Ordering::Relaxed) {
                all[place] = Some(searched);
            }
        }
    }
    Ok(all)
}

fn is_sure(searched: &Searched, turn: &Turn<'_>) -> bool {
    let mut solutions = searched.solutions.iter();
    solutions.any(|solution| solution.cost <= turn.sure_cost && solution.missed == 0)
}
