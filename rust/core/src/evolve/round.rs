//! The arguments and the results of a round.

use std::sync::Arc;

use crate::evaluate::Case;
use crate::meter::Bounds;

use super::language::Program;
use super::mutations::MUTATIONS;
use super::population::{Member, Selection};
use super::types::Type;

/// How a round is done.
#[derive(Clone, Debug)]
pub struct RoundSettings {
    /// Bodies that are tried.
    pub mutants: usize,
    /// Children between two selections.
    pub generation: usize,
    /// Members that stay.
    pub population: usize,
    /// How parents are selected.
    pub selection: Selection,
    /// Share of the mutations that are made on a donor instead of a member.
    pub fresh: f64,
    /// Probability of each further mutation on the same child.
    pub further: f64,
    /// Nodes that a program may have.
    pub size_max: usize,
    /// What one call may use.
    pub bounds: Bounds,
    /// What may be remembered before it is forgotten, in leaves and entries of tables.
    pub memory_max: u64,
    /// Whether equal calls are made once.
    pub shares: bool,
    /// The weights of the mutations, in their order.
    pub weights: [f64; MUTATIONS],
}

/// What an island works on.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The demos, with the wanted grids.
    pub demos: Vec<Case>,
    /// The test inputs.
    pub tests: Vec<Case>,
    /// For each demo one whose S lacks it, as S lacks the tests: a copy finds nothing there.
    pub probes: Vec<Case>,
    /// The programs with which the island begins.
    pub dealt: Vec<Arc<Program>>,
    /// Donors that are not taken from, by their places.
    pub without: Vec<usize>,
    /// What the random numbers depend on.
    pub seeds: Vec<u64>,
    /// What programs return.
    pub goal: Type,
    /// What programs may read, by their places.
    pub inputs: Vec<u8>,
}

/// The children of one mutation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MutationTally {
    /// Children with a new body.
    pub tried: u64,
    /// Of these: with a behaviour that was not known.
    pub new: u64,
    /// Of these: that the population took.
    pub kept: u64,
}

/// What a round counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IslandCounts {
    /// Number of first programs that could be used.
    pub dealt: u64,
    /// Bodies that were tried.
    pub mutants: u64,
    /// Evaluations of a body on a sample.
    pub evaluations: u64,
    /// Mutations that found no place, or did not give a program.
    pub unfit: u64,
    /// Mutations that gave a known body.
    pub known_bodies: u64,
    /// Bodies with a known behaviour.
    pub known_behaviours: u64,
    /// Bodies that failed on too many demos.
    pub failed: u64,
    /// Bodies that copy outputs out of S.
    pub copies: u64,
    /// Calls that were really made.
    pub calls: u64,
}

/// What a round found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The members, the best first, with their programs.
    pub members: Vec<(Member, Program)>,
    /// The children of each mutation.
    pub tallies: [MutationTally; MUTATIONS],
    /// What was counted.
    pub counts: IslandCounts,
}
