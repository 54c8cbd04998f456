//! The states of a search, by type and cost.

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_128;

use super::pool::ValueId;
use super::{TypeId, ARITY_MAX};

/// A state, by its number.
pub(super) type StateId = u32;

/// Where a state comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin {
    /// A leaf, by its number.
    Leaf(u32),
    /// A move, by its number, with arguments, of which it takes so many.
    Call(u32, [StateId; ARITY_MAX], u8),
}

/// What is known of a state beside its values.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub(super) origin: Origin,
    pub(super) type_id: TypeId,
    pub(super) cost: u32,
    /// How many expressions had these values.
    pub(super) derivations: u32,
}

/// All states.
pub(super) struct States {
    samples: usize,
    states: Vec<State>,
    /// Of each state: a value for each sample.
    values: Vec<ValueId>,
    known: FxHashMap<u128, StateId>,
    /// Of each type: by cost, the states.
    buckets: Vec<Vec<Vec<StateId>>>,
}

impl States {
    pub(super) fn new(samples: usize, types: usize) -> Self {
        Self {
            samples,
            states: Vec::new(),
            values: Vec::new(),
            known: FxHashMap::default(),
            buckets: vec![Vec::new(); types],
        }
    }

    /// Adds a state if none of its type has its values; else counts the derivation.
    pub(super) fn add(&mut self, state: State, values: &[ValueId]) -> Option<StateId> {
        let id = self.states.len() as StateId;
        match self.known.entry(key(state.type_id, values)) {
            std::collections::hash_map::Entry::Occupied(known) => {
                let known = &mut self.states[*known.get() as usize];
                known.derivations = known.derivations.saturating_add(1);
                return None;
            }
            std::collections::hash_map::Entry::Vacant(room) => room.insert(id),
        };
        let by_cost = &mut self.buckets[state.type_id as usize];
        let cost = state.cost as usize;
        if by_cost.len() <= cost {
            by_cost.resize(cost + 1, Vec::new());
        }
        by_cost[cost].push(id);
        self.states.push(state);
        self.values.extend_from_slice(values);
        Some(id)
    }

    /// How many states there are.
    pub(super) fn len(&self) -> usize {
        self.states.len()
    }

    pub(super) fn get(&self, id: StateId) -> &State {
        &self.states[id as usize]
    }

    /// The values of a state, demos first.
    pub(super) fn values(&self, id: StateId) -> &[ValueId] {
        let start = id as usize * self.samples;
        &self.values[start..start + self.samples]
    }

    /// The states of a type that have a cost.
    pub(super) fn of(&self, type_id: TypeId, cost: u32) -> &[StateId] {
        self.buckets[type_id as usize]
            .get(cost as usize)
            .map_or(&[], Vec::as_slice)
    }

    /// The least cost of the states of a type.
    pub(super) fn least_cost(&self, type_id: TypeId) -> Option<u32> {
        self.buckets[type_id as usize]
            .iter()
            .position(|states| !states.is_empty())
            .map(|cost| cost as u32)
    }

    /// Bytes that the states take, about; containers that grow have a third of their room free.
    pub(super) fn bytes(&self) -> usize {
        let each = size_of::<State>() + size_of::<ValueId>() * self.samples + 32 + 4;
        3 * self.states.len() * each / 2
    }
}

fn key(type_id: TypeId, values: &[ValueId]) -> u128 {
    let mut bytes: smallvec::SmallVec<[u8; 64]> = smallvec::SmallVec::new();
    bytes.extend_from_slice(&type_id.to_le_bytes());
    for value in values {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    xxh3_128(&bytes)
}
