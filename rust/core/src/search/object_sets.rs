//! Object sets: sets of objects of which a subset holds the wrong cells of a near picture.
//!
//! A predicate selects the subset; with the set at the cost of a terminal the next round can afford
//! longer predicates.

use rustc_hash::FxHashSet;

use super::bank::Bank;
use super::bits::{self, Bits};
use super::states::StateId;
use super::{Grammar, TypeId};
use crate::value::Value;

/// Pictures whose wrong cells are looked at: the nearest.
const PICTURES: usize = 4;
/// Sets of objects that are looked at: the cheapest.
const SETS: usize = 100;

/// The types of sets of objects: what can be merged into an object.
fn set_types(grammar: &Grammar) -> Vec<TypeId> {
    let productions = grammar.productions.iter();
    productions
        .filter(|one| one.callee.name() == "merge" && one.result == grammar.roles.object)
        .map(|one| one.parameters[0])
        .collect()
}

/// Lists sets of objects of which some, and not all, hold what a near picture lacks in a
/// colour and nothing else, the cheapest first.
pub(super) fn object_sets(bank: &Bank<'_>) -> Vec<StateId> {
    let types = set_types(bank.grammar);
    let mut sets: Vec<(u32, StateId)> = (0..bank.states.len() as StateId)
        .map(|id| (bank.states.get(id), id))
        .filter(|(state, _)| types.contains(&state.type_id))
        .map(|(state, id)| (state.cost, id))
        .collect();
    sets.sort_unstable();
    sets.truncate(SETS);
    let lacking = lacking_cells(bank);
    let mut known = FxHashSet::default();
    let mut found = Vec::new();
    for (_, id) in sets {
        let members = members(bank, id);
        for (lacking, wanted) in &lacking {
            if let Some(chosen) = choose(&members, lacking, wanted) {
                if known.insert(bits::key(&chosen)) {
                    found.push(id);
                    break;
                }
            }
        }
    }
    found
}

/// Lists the cells that the nearest pictures lack in a colour, with all that are wanted in it.
fn lacking_cells<'a>(bank: &'a Bank<'_>) -> Vec<(Bits, &'a Bits)> {
    let mut known = FxHashSet::default();
    let mut lacking = Vec::new();
    for (_, wrong) in bank.layers.nearest().take(PICTURES) {
        for color in &bank.layers.colors {
            let cells = bits::common(wrong, &color.wanted);
            if bits::count(&cells) > 0 && known.insert(bits::key(&cells)) {
                lacking.push((cells, &color.wanted));
            }
        }
    }
    lacking
}

/// The cells of each member of a set of objects, on all demos.
fn members(bank: &Bank<'_>, id: StateId) -> Vec<Bits> {
    let canvas = &bank.layers.canvas;
    let mut found = Vec::new();
    for ((start, wanted), &value) in canvas.demos().zip(bank.states.values(id)) {
        let members = bank.pool.get(value).members();
        for member in members.into_iter().flatten() {
            if let Value::Object(object) = &member {
                let mut cells = bits::empty(canvas.cells);
                for cell in object.iter() {
                    if let Some(place) = wanted.place(cell.location) {
                        bits::insert(&mut cells, start + place);
                    }
                }
                found.push(cells);
            }
        }
    }
    found
}

/// Chooses the sets that are wanted, if these are not all and hold all that is lacking.
fn choose(sets: &[Bits], lacking: &[u64], wanted: &[u64]) -> Option<Bits> {
    let mut chosen: Bits = vec![0; wanted.len()].into();
    let mut is_left = false;
    for cells in sets {
        if bits::is_inside(cells, wanted) {
            bits::add(&mut chosen, cells);
        } else {
            is_left = true;
        }
    }
    (is_left && bits::is_inside(lacking, &chosen)).then_some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_wanted_are_chosen() {
        let sets: Vec<Bits> = [0b0011, 0b0100, 0b1000]
            .map(|cells| vec![cells].into())
            .into();
        let chosen = |lacking, wanted| choose(&sets, &[lacking], &[wanted]).map(|cells| cells[0]);
        assert_eq!(chosen(0b0011, 0b0111), Some(0b0111));
        assert_eq!(chosen(0b0011, 0b0011), Some(0b0011));
        // All of them need no choice, and none holds just the first cell.
        assert_eq!(chosen(0b0011, 0b1111), None);
        assert_eq!(chosen(0b0001, 0b0001), None);
    }
}
