//! Evolution: new programs from known ones, well typed by construction, evaluated as they come.
//!
//! Types and meanings come from outside, as a [`Language`]; nothing here lists primitives.

mod abstraction;
mod bounds;
mod children;
mod island;
mod language;
mod memory;
mod mutation_context;
mod mutations;
mod packed;
mod population;
mod predicate;
mod random;
mod round;
mod store;
mod typer;
mod types;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::evaluate::{in_parallel, Cancelled, Surroundings};

pub use language::{Constant, Language, Meaning, Number, Program, ProgramOp, Typed, INPUTS};
pub use mutations::{Mutation, MUTATIONS};
pub use population::{Member, Selection, NO_ORIGIN};
pub use random::Random;
pub use round::{Findings, Ground, IslandCounts, MutationTally, RoundSettings};
pub use typer::Typer;
pub use types::{Definitions, Name, Signature, Type};

use rustc_hash::FxHashSet;

use mutation_context::MutationContext;
use mutations::apply;
use store::{NodeId, Store};

/// Breeds programs; what it has learnt of types is kept from call to call.
#[derive(Debug)]
pub struct Breeder {
    /// What it knows of the language.
    pub language: Language,
    typers: Mutex<Vec<Typer>>,
}

/// What children are asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The type that they return.
    pub goal: Type,
    /// What they may read, by the places of the inputs.
    pub inputs: Vec<u8>,
    /// The weights of the mutations, in their order.
    pub weights: [f64; MUTATIONS],
    /// How many, at most.
    pub count: usize,
    /// Probability of each further mutation on the same child.
    pub further: f64,
}

/// A child that was made without being evaluated.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The program.
    pub steps: Program,
    /// The mutation that made it.
    pub kind: Mutation,
    /// Which of the parents it stems from.
    pub parent: usize,
    /// The other parents that took part.
    pub mates: Vec<usize>,
    /// The donors that gave a part.
    pub donors: Vec<usize>,
}

impl Breeder {
    /// Makes a breeder for a language.
    pub fn new(language: Language) -> Self {
        Self {
            language,
            typers: Mutex::default(),
        }
    }

    fn with_typer<T>(&self, work: impl FnOnce(&mut Typer) -> T) -> T {
        let take = || self.typers.lock().unwrap_or_else(|held| held.into_inner());
        let mut typer = take().pop().unwrap_or_default();
        let result = work(&mut typer);
        take().push(typer);
        result
    }

    /// Does a round of many islands; the results do not depend on the threads.
    ///
    /// Runs on the calling thread, which needs a stack of [`STACK_BYTES`](crate::evaluate::STACK_BYTES), and on
    /// others.
    ///
    /// Fails if it is cancelled.
    pub fn breed(
        &self,
        grounds: &[Ground],
        donors: &[Arc<Program>],
        differs: &[Arc<Program>],
        settings: &RoundSettings,
        threads: usize,
        surroundings: Surroundings<'_>,
    ) -> Result<Vec<Findings>, Cancelled> {
        let next = AtomicUsize::new(0);
        let work = || {
            self.with_typer(|typer| {
                let mut done = Vec::new();
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(ground) = grounds.get(place) else {
                        return Ok(done);
                    };
                    let found = island::run_island(
                        &self.language,
                        typer,
                        ground,
                        donors,
                        differs,
                        settings,
                        surroundings,
                    )?;
                    done.push((place, found));
                }
            })
        };
        let mut found: Vec<(usize, Findings)> = Vec::new();
        for some in in_parallel(threads.min(grounds.len()), work) {
            found.extend(some?);
        }
        found.sort_unstable_by_key(|(place, _)| *place);
        Ok(found.into_iter().map(|(_, findings)| findings).collect())
    }

    /// Makes children of some programs without evaluating them, each body once.
    ///
    /// Parents that are not well typed are left out.
    pub fn mutate(
        &self,
        parents: &[Arc<Program>],
        donors: &[Arc<Program>],
        wish: &Wish,
        seed: u64,
    ) -> Vec<Mutant> {
        self.with_typer(|typer| {
            let goal = typer.intern(&wish.goal);
            let mut context = MutationContext {
                language: &self.language,
                typer,
                store: Store::default(),
                random: Random::new(&[seed]),
                donors: donors.iter().enumerate().collect(),
                inputs: wish.inputs.clone(),
                goal,
            };
            let roots: Vec<_> = parents
                .iter()
                .enumerate()
                .filter_map(|(place, steps)| {
                    Some((place, context.include(steps, steps.len() - 1)?))
                })
                .collect();
            let mut known: FxHashSet<_> = roots.iter().map(|(_, root)| *root).collect();
            let mut mutants = Vec::new();
            for _ in 0..wish.count.saturating_mul(50) {
                if mutants.len() >= wish.count {
                    break;
                }
                let Some((child, mutant)) = make_child(&mut context, &roots, wish) else {
                    continue;
                };
                if context.is_program(child) && known.insert(child) {
                    let steps = context.store.steps(child);
                    mutants.push(Mutant { steps, ..mutant });
                }
            }
            mutants
        })
    }

    /// The type of a program's result, or nothing if the program is not well typed.
    pub fn infer(&self, steps: &Program) -> Option<Type> {
        self.with_typer(|typer| {
            let mut store = Store::default();
            let root = store.include(&self.language, typer, steps, steps.len() - 1)?;
            Some(typer.get(store.kind(root)).clone())
        })
    }
}

/// Makes a child of one of some programs; its steps are left out. Nothing where its first mutation finds
/// no place.
fn make_child(
    context: &mut MutationContext<'_>,
    roots: &[(usize, NodeId)],
    wish: &Wish,
) -> Option<(NodeId, Mutant)> {
    let &(parent, root) = context.random.pick(roots)?;
    let mut child = root;
    let mut mutant = Mutant {
        steps: Program::new(),
        kind: Mutation::ALL[0],
        parent,
        mates: Vec::new(),
        donors: Vec::new(),
    };
    for turn in 0.. {
        if turn > 0 && !(wish.further > 0.0 && context.random.chance(wish.further)) {
            break;
        }
        let kind = Mutation::ALL[context.random.weighted(&wish.weights)];
        let draft = context.draft(child);
        let (mut mate, mut donor) = (None, None);
        match kind {
            Mutation::Branch | Mutation::Chain => mate = context.random.pick(roots).copied(),
            // Drawn here, so that it is known who gave the part.
            Mutation::Subgraph => donor = context.draw_part_giver(),
            _ => {}
        }
        let taken = mate.or(donor).map(|(_, root)| root);
        let changed = apply(context, kind, &draft, taken);
        if turn == 0 {
            mutant.kind = kind;
            child = changed?;
        } else if let Some(changed) = changed {
            child = changed;
        } else {
            continue;
        }
        mutant.mates.extend(mate.map(|(place, _)| place));
        mutant.donors.extend(donor.map(|(place, _)| place));
    }
    Some((child, mutant))
}
