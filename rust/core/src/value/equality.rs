//! Equality and hashing: across forms only where a bool stands for a number.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{Ascend, Cell, Location, Value};

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::None, Self::None) => true,
            (Self::Pair(a, b), Self::Pair(c, d)) => (a, b) == (c, d),
            (Self::Cell(a), Self::Cell(b)) => a == b,
            (Self::Row(a), Self::Row(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Grid(a), Self::Grid(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Tuple(a), Self::Tuple(b)) | (Self::Set(a), Self::Set(b)) => {
                Arc::ptr_eq(a, b) || (a.leaves == b.leaves && a.members == b.members)
            }
            (Self::Indices(a), Self::Indices(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Object(a), Self::Object(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Func(a), Self::Func(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => self.is_number() && other.is_number() && self.number() == other.number(),
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::None => state.write_u8(0),
            Self::Bool(bit) => i64::from(*bit).hash(state),
            Self::Int(number) => number.hash(state),
            Self::Pair(first, second) => (1_u8, first, second).hash(state),
            Self::Cell(cell) => (2_u8, cell).hash(state),
            Self::Row(row) => row.hash(state),
            Self::Grid(grid) => grid.hash(state),
            Self::Tuple(sequence) => (3_u8, &sequence.members).hash(state),
            Self::Indices(locations) => hash_locations(locations, state),
            Self::Object(cells) => hash_cells(cells, state),
            Self::Set(sequence) => (6_u8, &sequence.members).hash(state),
            Self::Func(function) => function.hash(state),
        }
    }
}

/// Hashes locations in words, two in each.
fn hash_locations<H: Hasher>(locations: &[Location], state: &mut H) {
    state.write_usize(locations.len() << 3 | 4);
    for two in locations.chunks(2) {
        state.write_u64(two.iter().fold(0, |word, one| word << 32 | one.key()));
    }
}

/// Hashes cells in words, one in each.
fn hash_cells<H: Hasher>(cells: &[Cell], state: &mut H) {
    state.write_usize(cells.len() << 3 | 5);
    cells.iter().for_each(|cell| state.write_u64(cell.key()));
}
