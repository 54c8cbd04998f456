//! All values of a search, each kept once and known by a number.

use rustc_hash::FxHashMap;

use crate::value::Value;

/// A value, by its number.
pub(super) type ValueId = u32;

/// The values.
#[derive(Default)]
pub(super) struct Pool {
    values: Vec<Value>,
    numbers: FxHashMap<Value, ValueId>,
    leaves: u64,
}

impl Pool {
    /// Returns the number of a value.
    pub(super) fn intern(&mut self, value: Value) -> ValueId {
        let next = self.values.len() as ValueId;
        match self.numbers.entry(value) {
            std::collections::hash_map::Entry::Occupied(known) => *known.get(),
            std::collections::hash_map::Entry::Vacant(room) => {
                self.leaves += room.key().leaves();
                self.values.push(room.key().clone());
                room.insert(next);
                next
            }
        }
    }

    /// The value that has a number.
    pub(super) fn get(&self, id: ValueId) -> &Value {
        &self.values[id as usize]
    }

    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Bytes that they take, about.
    pub(super) fn bytes(&self) -> usize {
        // A leaf of a grid takes one byte, one of an object two; others are few.
        2 * self.leaves as usize + self.values.len() * (3 * size_of::<Value>() + 32)
    }
}
