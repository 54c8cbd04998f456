//! All values of a search, each kept once and known by a number.

use std::hash::{BuildHasher, BuildHasherDefault};

use rustc_hash::FxHasher;

use crate::value::Value;

use super::ids::IdTable;

/// A value, by its number.
pub(super) type ValueId = u32;

/// Bytes that a value takes beside what it holds; containers that grow have a third of their room
/// free.
const ENTRY_BYTES: usize = 3 * size_of::<Value>() / 2;

/// The values.
#[derive(Default)]
pub(super) struct Pool {
    values: Vec<Value>,
    known: IdTable,
    bytes: usize,
}

impl Pool {
    /// Returns the number of a value.
    pub(super) fn intern(&mut self, mut value: Value) -> ValueId {
        let hash = hash(&value);
        if let Some(id) = self.find_hashed(&value, hash) {
            return id;
        }
        let next = self.values.len() as ValueId;
        self.bytes += ENTRY_BYTES + value.shrink();
        self.values.push(value);
        self.known.insert(hash, next);
        next
    }

    /// Returns the number of a value that was kept before.
    pub(super) fn find(&self, value: &Value) -> Option<ValueId> {
        self.find_hashed(value, hash(value))
    }

    fn find_hashed(&self, value: &Value, hash: u64) -> Option<ValueId> {
        self.known
            .find(hash, |id| self.values[id as usize] == *value)
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
        self.bytes + self.known.bytes()
    }
}

fn hash(value: &Value) -> u64 {
    BuildHasherDefault::<FxHasher>::default().hash_one(value)
}
