//! The solutions of a search, with what ranking reads of them.

use std::sync::atomic::AtomicBool;

use crate::evaluate::Cancelled;

use super::bank::Bank;
use super::extract::{of_layers, of_state};
use super::leave_one_out::count_missed;
use super::paint_tests::{Cover, Covering};
use super::states::StateId;
use super::{Limits, Solution};

/// Collects the solutions among the states and the covers, the cheapest first.
///
/// Fails if it is cancelled.
pub(super) fn collect(
    bank: &Bank<'_>,
    covering: Option<Covering>,
    limits: &Limits,
    cancel: &AtomicBool,
) -> Result<Vec<Solution>, Cancelled> {
    let states = bank.exact.iter();
    let mut solutions: Vec<Solution> = states.map(|&id| solution_of_state(bank, id)).collect();
    let covers = covering.map(Covering::into_covers);
    for cover in covers.into_iter().flatten() {
        if cover.way.layers.len() > 1 {
            solutions.push(solution_of_cover(bank, cover));
        }
    }
    solutions.sort_by_key(|solution| solution.cost);
    solutions.truncate(limits.solutions);
    for solution in &mut solutions {
        solution.missed =
            count_missed(&solution.steps, bank.grammar, bank.problem, limits, cancel)?;
    }
    Ok(solutions)
}

fn solution_of_state(bank: &Bank<'_>, id: StateId) -> Solution {
    let state = bank.states.get(id);
    let tests = bank.wanted.len()..bank.problem.samples;
    Solution {
        steps: of_state(&bank.states, id),
        cost: state.cost,
        layers: 1,
        derivations: state.derivations,
        outputs: tests.map(|sample| bank.value(id, sample).clone()).collect(),
        missed: 0,
    }
}

fn solution_of_cover(bank: &Bank<'_>, cover: Cover) -> Solution {
    Solution {
        steps: of_layers(&bank.states, &cover.way.layers),
        cost: cover.way.cost,
        layers: cover.way.layers.len(),
        derivations: cover.derivations,
        outputs: cover.outputs,
        missed: 0,
    }
}
