//! Goals: what the pictures that come nearest to the wanted ones ask for.
//!
//! After a round of enumeration the nearest pictures become as cheap as leaves, so that the next
//! round reaches what is far from the leaves but near to a picture on the way (Barke et al.,
//! "Just-in-Time Learning for Bottom-Up Enumerative Synthesis", 2020, reward what solves a part in
//! the same way). Regions that hold what they lack are joined.

use rustc_hash::FxHashSet;

use crate::value::Value;

use super::enumerate::{Enumeration, Step, COST_MAX};
use super::regions::{Joint, Region};
use super::states::StateId;
use super::{Problem, Table, TypeId, ARITY_MAX};

/// Pictures that begin a round.
const SEEDS: u32 = 12;
/// Sets of objects that begin a round.
const CHOICES: usize = 4;
/// Price of the nearest of them.
const SEED_PRICE: u32 = 2;
/// So many have the same price, then it is one bit more.
const SEEDS_PER_BIT: u32 = 4;

/// Tells whether two values are pictures of one shape.
pub(super) fn have_one_shape(one: &Value, other: &Value) -> bool {
    match (one.as_grid(), other.as_grid()) {
        (Some(one), Some(other)) => (one.height(), one.width()) == (other.height(), other.width()),
        _ => false,
    }
}

/// The moves that join regions, by their numbers.
#[derive(Clone, Copy)]
pub(super) struct Joiners {
    common: usize,
    without: usize,
    of_color: usize,
}

impl Joiners {
    pub(super) fn find(table: &Table) -> Option<Self> {
        let roles = table.roles;
        let find = |name: &str, parameters: [TypeId; 2]| {
            table.moves.iter().position(|one| {
                one.action.is_call(name)
                    && one.parameters[..] == parameters[..]
                    && one.result == roles.indices
            })
        };
        Some(Self {
            common: find("intersection", [roles.indices, roles.indices])?,
            without: find("difference", [roles.indices, roles.indices])?,
            of_color: find("ofcolor", [roles.grid, roles.color])?,
        })
    }
}

/// Tells whether a picture that is given has the wanted shapes.
pub(super) fn keeps_shape(table: &Table, problem: &Problem) -> bool {
    problem.leaves.iter().any(|leaf| {
        let mut pairs = leaf.values.iter().zip(&problem.wanted);
        leaf.type_id == table.roles.grid && pairs.all(|(one, other)| have_one_shape(one, other))
    })
}

impl Enumeration<'_> {
    /// Chooses the pictures that begin the next round, and what they cost in it.
    pub(super) fn choose_seeds(&self, seeds: &mut FxHashSet<StateId>) -> Vec<(StateId, u32)> {
        let mut prices = Vec::new();
        self.price(self.layers.nearest().map(|(id, _)| id), seeds, &mut prices);
        if !self.keeps_shape {
            self.price(self.layers.parts.nearest(), seeds, &mut prices);
        }
        self.price(self.choices().into_iter().take(CHOICES), seeds, &mut prices);
        prices
    }

    /// Gives the first pictures that were no seeds their prices.
    fn price(
        &self,
        nearest: impl Iterator<Item = StateId>,
        seeds: &mut FxHashSet<StateId>,
        prices: &mut Vec<(StateId, u32)>,
    ) {
        let mut place = 0;
        for id in nearest {
            let price = SEED_PRICE + place / SEEDS_PER_BIT;
            if place == SEEDS {
                return;
            }
            if self.states.get(id).cost > price && seeds.insert(id) {
                prices.push((id, price));
                place += 1;
            }
        }
    }

    /// Tells whether there is a picture that can begin the next round.
    pub(super) fn has_seed(&self) -> bool {
        self.layers.has_near(SEED_PRICE)
            || (!self.keeps_shape && self.layers.parts.has_near(SEED_PRICE))
    }

    /// Makes the common parts and the differences of regions that the nearest pictures ask for.
    pub(super) fn join_regions(&mut self) -> Step<()> {
        let Some(joiners) = self.joiners else {
            return Ok(());
        };
        let joints = self
            .layers
            .joints(&|id, sample| self.pool.get(self.states.values(id)[sample]).clone());
        for joint in joints {
            self.make_joint(joint, joiners)?;
        }
        Ok(())
    }

    fn make_joint(&mut self, joint: Joint, joiners: Joiners) -> Step<()> {
        let first = self.make_region(joint.first, joiners)?;
        let second = self.make_region(joint.second, joiners)?;
        if let (Some(first), Some(second)) = (first, second) {
            let joiner = if joint.is_without {
                joiners.without
            } else {
                joiners.common
            };
            self.make_priced(joiner, first, second)?;
        }
        Ok(())
    }

    fn make_region(&mut self, region: Region, joiners: Joiners) -> Step<Option<StateId>> {
        match region {
            Region::Locations(id) => Ok(Some(id)),
            Region::Class(picture, color) => self.make_priced(joiners.of_color, picture, color),
        }
    }

    /// Makes the state of a move on two arguments at the price of its description.
    fn make_priced(
        &mut self,
        number: usize,
        first: StateId,
        second: StateId,
    ) -> Step<Option<StateId>> {
        let cost_of = |id| self.states.get(id).cost;
        let price = self.table.moves[number].cost + cost_of(first) + cost_of(second);
        let mut args = [0; ARITY_MAX];
        args[..2].copy_from_slice(&[first, second]);
        self.make(number, &args, price.min(COST_MAX))
    }
}
