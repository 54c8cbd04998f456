//! Memory that values take.

use std::sync::Arc;

use smallvec::{Array, SmallVec};

use super::{Grid, Row, Sequence, Value};
use crate::function::Function;

/// What an allocator keeps beside each block, and what it rounds the block up to, usually.
const BLOCK_HEAD: usize = 8;
const BLOCK_UNIT: usize = 16;
/// The two counts of an [`Arc`].
const COUNTS: usize = 2 * size_of::<usize>();

impl Value {
    /// Gives back the room that the value holds and does not use; returns the bytes that it takes
    /// beside its own size, about.
    ///
    /// What it shares with other values counts for these and is left as it is.
    pub fn shrink(&mut self) -> usize {
        match self {
            Self::None | Self::Bool(_) | Self::Int(_) | Self::Pair(..) | Self::Cell(_) => 0,
            Self::Row(row) => alone(row, |row: &mut Row| shrink(&mut row.0)),
            Self::Grid(grid) => alone(grid, |grid: &mut Grid| shrink(&mut grid.cells)),
            Self::Indices(locations) => alone(locations, shrink_vec),
            Self::Object(cells) => alone(cells, shrink_vec),
            Self::Tuple(sequence) | Self::Set(sequence) => alone(sequence, |one: &mut Sequence| {
                let members: usize = one.members.iter_mut().map(Self::shrink).sum();
                members + shrink(&mut one.members)
            }),
            // The value of a leaf, or a few parts.
            Self::Func(function) => alone(function, |_: &mut Function| 0),
        }
    }
}

/// Shrinks what an [`Arc`] holds if nothing else holds it; returns the bytes of both.
fn alone<T>(shared: &mut Arc<T>, inside: impl FnOnce(&mut T) -> usize) -> usize {
    Arc::get_mut(shared).map_or(0, |one| block(COUNTS + size_of::<T>()) + inside(one))
}

fn shrink<A: Array>(items: &mut SmallVec<A>) -> usize {
    if !items.spilled() {
        return 0;
    }
    items.shrink_to_fit();
    block(items.capacity() * size_of::<A::Item>())
}

fn shrink_vec<T>(items: &mut Vec<T>) -> usize {
    items.shrink_to_fit();
    block(items.capacity() * size_of::<T>())
}

fn block(bytes: usize) -> usize {
    if bytes == 0 {
        return 0;
    }
    (bytes + BLOCK_HEAD).next_multiple_of(BLOCK_UNIT)
}

#[cfg(test)]
mod tests {
    use super::super::{Cell, Value};

    #[test]
    fn what_is_not_used_is_given_back() {
        let mut cells = Vec::with_capacity(1000);
        cells.push(Cell::new(1, (2, 3)));
        let mut object = Value::object(cells);
        let bytes = object.shrink();
        assert!((40..100).contains(&bytes), "{bytes}");
        let Value::Object(cells) = &object else {
            panic!("an object");
        };
        assert!(cells.capacity() < 10);
    }

    #[test]
    fn shared_parts_count_once() {
        let object = Value::object((0..100).map(|row| Cell::new(1, (row, row))).collect());
        let mut objects = Value::set(vec![object, Value::object(vec![Cell::new(2, (0, 0))])]);
        let before = objects.shrink();
        assert!((600..1000).contains(&before), "{before}");
        let Value::Set(sequence) = &objects else {
            panic!("a set");
        };
        let mut first = sequence.members()[0].clone();
        assert_eq!(first.shrink(), 0);
        assert_eq!(Value::Int(7).shrink(), 0);
    }
}
