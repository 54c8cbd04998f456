//! The states of a search, by type and cost.

use super::hashing::fold_to_word;
use super::ids::IdTable;
use super::pool::ValueId;
use super::{TypeId, ARITY_MAX};

/// A state, by its number.
pub(super) type StateId = u32;

/// Where a state comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin {
    /// A terminal, by its number.
    Terminal(u32),
    /// A production, by its number, with its arguments and their number.
    Call(u32, [StateId; ARITY_MAX], u8),
}

/// A state without its values.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub(super) origin: Origin,
    pub(super) type_id: TypeId,
    /// Bits of its description.
    pub(super) cost: u32,
    /// Number of expressions with these values.
    pub(super) derivations: u32,
    /// Whether it is a picture of the wanted shapes on all demos.
    pub(super) is_shaped: bool,
}

/// All states.
pub(super) struct States {
    samples: usize,
    states: Vec<State>,
    /// Of each state: a value for each sample.
    values: Vec<ValueId>,
    known: IdTable,
    /// States of earlier rounds, and states of this round.
    buckets: [Buckets; 2],
}

/// For each type, the states by the cost at which they are used.
type Buckets = Vec<Vec<Vec<StateId>>>;

/// The age of states within a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// States of earlier rounds, whose combinations were tried.
    Old,
    /// States that this round has made or given a new cost.
    Fresh,
}

impl States {
    pub(super) fn new(samples: usize, types: usize) -> Self {
        Self {
            samples,
            states: Vec::new(),
            values: Vec::new(),
            known: IdTable::default(),
            buckets: [vec![Vec::new(); types], vec![Vec::new(); types]],
        }
    }

    /// Adds a state if none of its type has its values, else counts the derivation; returns the
    /// one that has them and whether it is new.
    pub(super) fn add(&mut self, state: State, price: u32, values: &[ValueId]) -> (StateId, bool) {
        let hash = hash(state.type_id, values);
        let is_it = |id| self.values(id) == values && self.get(id).type_id == state.type_id;
        if let Some(known) = self.known.find(hash, is_it) {
            let derivations = &mut self.states[known as usize].derivations;
            *derivations = derivations.saturating_add(1);
            return (known, false);
        }
        let id = self.states.len() as StateId;
        self.known.insert(hash, id);
        put(
            &mut self.buckets[Age::Fresh as usize],
            state.type_id,
            price,
            id,
        );
        self.states.push(state);
        self.values.extend_from_slice(values);
        (id, true)
    }

    /// Notes that a state is a picture of the wanted shapes on all demos.
    pub(super) fn set_shaped(&mut self, id: StateId) {
        self.states[id as usize].is_shaped = true;
    }

    /// Begins a round: all states count as old, except those that get a new cost.
    pub(super) fn begin_round(&mut self, prices: &[(StateId, u32)]) {
        let [old, fresh] = &mut self.buckets;
        for (old, fresh) in old.iter_mut().zip(fresh) {
            if old.len() < fresh.len() {
                old.resize(fresh.len(), Vec::new());
            }
            for (old, fresh) in old.iter_mut().zip(fresh) {
                old.append(fresh);
            }
        }
        for &(id, price) in prices {
            let type_id = self.get(id).type_id;
            put(&mut self.buckets[Age::Fresh as usize], type_id, price, id);
        }
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

    /// The states of a type at a cost.
    pub(super) fn of(&self, age: Age, type_id: TypeId, price: u32) -> &[StateId] {
        self.buckets[age as usize][type_id as usize]
            .get(price as usize)
            .map_or(&[], Vec::as_slice)
    }

    /// The least cost of the states of a type.
    pub(super) fn least_price(&self, type_id: TypeId) -> Option<u32> {
        let least = |age| self.least_of(age, type_id);
        [Age::Old, Age::Fresh].into_iter().filter_map(least).min()
    }

    /// The least cost of the states of a type and age.
    pub(super) fn least_of(&self, age: Age, type_id: TypeId) -> Option<u32> {
        self.buckets[age as usize][type_id as usize]
            .iter()
            .position(|states| !states.is_empty())
            .map(|price| price as u32)
    }

    /// Bytes that the states take, about; containers that grow have a third of their room free.
    pub(super) fn bytes(&self) -> usize {
        let each = size_of::<State>() + size_of::<ValueId>() * self.samples + size_of::<StateId>();
        3 * self.states.len() * each / 2 + self.known.bytes()
    }
}

fn put(buckets: &mut Buckets, type_id: TypeId, price: u32, id: StateId) {
    let by_price = &mut buckets[type_id as usize];
    let price = price as usize;
    if by_price.len() <= price {
        by_price.resize(price + 1, Vec::new());
    }
    by_price[price].push(id);
}

fn hash(type_id: TypeId, values: &[ValueId]) -> u64 {
    let values = values.iter().copied().map(u64::from);
    fold_to_word(std::iter::once(u64::from(type_id)).chain(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(cost: u32) -> State {
        State {
            origin: Origin::Terminal(0),
            type_id: 0,
            cost,
            derivations: 1,
            is_shaped: false,
        }
    }

    #[test]
    fn a_state_with_known_values_is_a_derivation() {
        let mut states = States::new(2, 1);
        assert_eq!(states.add(state(3), 3, &[7, 8]), (0, true));
        assert_eq!(states.add(state(4), 4, &[7, 8]), (0, false));
        assert_eq!(states.get(0).derivations, 2);
        assert_eq!(states.get(0).cost, 3);
    }

    #[test]
    fn a_round_makes_states_old_but_for_those_with_a_new_price() {
        let mut states = States::new(1, 1);
        states.add(state(3), 3, &[1]);
        states.add(state(9), 9, &[2]);
        assert_eq!(states.of(Age::Fresh, 0, 9), [1]);
        states.begin_round(&[(1, 2)]);
        assert_eq!(states.of(Age::Old, 0, 3), [0]);
        assert_eq!(states.of(Age::Old, 0, 9), [1]);
        assert_eq!(states.of(Age::Fresh, 0, 2), [1]);
        assert_eq!(states.least_of(Age::Fresh, 0), Some(2));
        states.begin_round(&[]);
        assert_eq!(states.least_of(Age::Fresh, 0), None);
        assert_eq!(states.of(Age::Old, 0, 2), [1]);
        assert_eq!(states.least_price(0), Some(2));
    }
}
