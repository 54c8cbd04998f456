//! Branches: pictures that are each right on some of the demos, and a condition that tells these
//! demos from the others.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::bank::Bank;
use super::states::StateId;
use super::{Grammar, TypeId};

/// Demos by their bits.
type DemoSet = u32;
/// States for the same demos that are tried, each with values of its own on the test inputs.
const ALTERNATIVES: usize = 2;
/// Branches that are made at all.
const BRANCHES: usize = 8;

/// The production that makes a branch.
#[derive(Clone, Copy)]
pub(super) struct Brancher {
    pub(super) production: usize,
    condition: TypeId,
}

impl Brancher {
    pub(super) fn find(grammar: &Grammar) -> Option<Self> {
        let grid = grammar.roles.grid;
        let production = grammar
            .productions
            .iter()
            .position(|one| one.callee.name() == "branch" && one.parameters[1..] == [grid, grid])?;
        Some(Self {
            production,
            condition: grammar.productions[production].parameters[0],
        })
    }
}

/// A condition with the picture where it holds and the picture where it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Branch {
    pub(super) cost: u32,
    pub(super) condition: StateId,
    pub(super) then: StateId,
    pub(super) otherwise: StateId,
}

/// Lists branches that are right on all demos, the cheapest first.
pub(super) fn branches(bank: &Bank<'_>, brancher: Brancher) -> Vec<Branch> {
    let demos = bank.wanted.len();
    if !(2..DemoSet::BITS as usize).contains(&demos) {
        return Vec::new();
    }
    let all: DemoSet = (1 << demos) - 1;
    let mut right: Sets = Sets::default();
    let mut holds: Sets = Sets::default();
    for id in 0..bank.states.len() as StateId {
        let type_id = bank.states.get(id).type_id;
        let values = &bank.states.values(id)[..demos];
        if type_id == bank.grammar.roles.grid {
            let pairs = values.iter().zip(&bank.wanted);
            note(
                bank,
                &mut right,
                id,
                set_of(pairs.map(|(made, wanted)| made == wanted)),
                all,
            );
        } else if type_id == brancher.condition {
            let truths = values
                .iter()
                .map(|&value| bank.pool.get(value).number() == Some(1));
            note(bank, &mut holds, id, set_of(truths), all);
        }
    }
    let own = bank.grammar.productions[brancher.production].cost;
    let cost_of = |id| bank.states.get(id).cost;
    let mut found = Vec::new();
    for (&set, conditions) in &holds {
        let (then, otherwise) = (best(bank, &right, set), best(bank, &right, all & !set));
        for &condition in conditions {
            for &then in &then {
                for &otherwise in &otherwise {
                    let cost = own + cost_of(condition) + cost_of(then) + cost_of(otherwise);
                    found.push(Branch {
                        cost,
                        condition,
                        then,
                        otherwise,
                    });
                }
            }
        }
    }
    found.sort_unstable();
    found.truncate(BRANCHES);
    found
}

/// Of each set of demos: states that are right, or hold, on just these.
type Sets = FxHashMap<DemoSet, SmallVec<[StateId; ALTERNATIVES]>>;

fn set_of(truths: impl Iterator<Item = bool>) -> DemoSet {
    let sets = truths
        .enumerate()
        .map(|(demo, is_in)| DemoSet::from(is_in) << demo);
    sets.sum()
}

/// Notes a state for its set of demos, if it is among the cheapest and differs from them.
fn note(bank: &Bank<'_>, sets: &mut Sets, id: StateId, set: DemoSet, all: DemoSet) {
    if set == 0 || set == all {
        return;
    }
    let ids = sets.entry(set).or_default();
    let tests = |id| &bank.states.values(id)[bank.wanted.len()..];
    let key = |id: StateId| (bank.states.get(id).cost, id);
    if let Some(place) = ids.iter().position(|&other| tests(other) == tests(id)) {
        ids[place] = std::cmp::min_by_key(ids[place], id, |&id| key(id));
    } else {
        ids.push(id);
    }
    ids.sort_by_key(|&id| key(id));
    ids.truncate(ALTERNATIVES);
}

/// The cheapest pictures that are right on all demos of a set.
fn best(bank: &Bank<'_>, right: &Sets, set: DemoSet) -> SmallVec<[StateId; ALTERNATIVES]> {
    let fitting = right.iter().filter(|(&other, _)| set & !other == 0);
    let mut ids: Vec<StateId> = fitting.flat_map(|(_, ids)| ids.iter().copied()).collect();
    ids.sort_by_key(|&id| (bank.states.get(id).cost, id));
    ids.into_iter().take(ALTERNATIVES).collect()
}
