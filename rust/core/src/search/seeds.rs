//! Seeds: the pictures nearest to the wanted ones, which begin the next round.
//!
//! After a round of enumeration the nearest pictures become as cheap as terminals, so that the next
//! round reaches expressions far from the terminals but near to such a picture (Barke et al.,
//! "Just-in-Time Learning for Bottom-Up Enumerative Synthesis", 2020, reward partial solutions in
//! the same way). Regions that contain the wrong cells of a near picture are combined.

use rustc_hash::FxHashSet;

use super::bank::Bank;
use super::object_sets::object_sets;
use super::states::StateId;

/// Pictures that begin a round, at most.
pub const SEEDS: u32 = 12;
/// Sets of objects that begin a round.
const OBJECT_SETS: usize = 4;
/// Cost of the nearest of them in that round, in bits.
pub const SEED_COST: u32 = 2;
/// The number of pictures with the same cost; the next ones cost one bit more.
pub const SEEDS_PER_BIT: u32 = 4;

/// The pictures and sets of objects that have begun a round.
#[derive(Default)]
pub(super) struct Seeds {
    chosen: FxHashSet<StateId>,
}

impl Seeds {
    /// Chooses the pictures that begin the next round, and what they cost in it.
    pub(super) fn choose(&mut self, bank: &Bank<'_>) -> Vec<(StateId, u32)> {
        let mut prices = Vec::new();
        self.price(bank, bank.layers.nearest().map(|(id, _)| id), &mut prices);
        if !bank.keeps_shape {
            self.price(bank, bank.layers.parts.nearest(), &mut prices);
        }
        let sets = object_sets(bank).into_iter().take(OBJECT_SETS);
        self.price(bank, sets, &mut prices);
        prices
    }

    /// Gives the first pictures that were no seeds their prices.
    fn price(
        &mut self,
        bank: &Bank<'_>,
        nearest: impl Iterator<Item = StateId>,
        prices: &mut Vec<(StateId, u32)>,
    ) {
        let mut place = 0;
        for id in nearest {
            let price = SEED_COST + place / SEEDS_PER_BIT;
            if place == SEEDS {
                return;
            }
            if bank.states.get(id).cost > price && self.chosen.insert(id) {
                prices.push((id, price));
                place += 1;
            }
        }
    }
}

/// Returns whether there is a picture that can begin the next round.
pub(super) fn has_seed(bank: &Bank<'_>) -> bool {
    bank.layers.has_near(SEED_COST) || (!bank.keeps_shape && bank.layers.parts.has_near(SEED_COST))
}
