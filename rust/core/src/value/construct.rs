//! Constructors, which find the most compact form.

use std::sync::Arc;

use smallvec::SmallVec;

use super::{location, Ascend, Cell, Colors, Grid, Location, Row, Sequence, Value};
use crate::function::Function;

impl Value {
    /// Makes a tuple.
    pub fn tuple(members: Vec<Self>) -> Self {
        match members.as_slice() {
            [] => Self::empty_tuple(),
            [_, _] => {
                let mut members = members.into_iter();
                match (members.next(), members.next()) {
                    (Some(first), Some(second)) => Self::two(first, second),
                    _ => Self::empty_tuple(),
                }
            }
            [first, ..] if first.is_number() => match colors(&members) {
                Some(row) => Self::Row(Arc::new(Row(row))),
                None => Self::sequence(members),
            },
            [first, ..] if first.is_tuple() => match rows(&members) {
                Some(grid) => Self::Grid(Arc::new(grid)),
                None => Self::sequence(members),
            },
            _ => Self::sequence(members),
        }
    }

    /// Makes a tuple of two members.
    pub fn two(first: Self, second: Self) -> Self {
        match (first.number(), &second) {
            (Some(color), Self::Pair(row, column)) => {
                let cell = i8::try_from(color).ok().zip(location(*row, *column));
                match cell {
                    Some((color, location)) => Self::Cell(Cell::new(color, location)),
                    None => Self::sequence([first, second]),
                }
            }
            (Some(one), Self::Int(_) | Self::Bool(_)) => {
                Self::pair(one, second.number().unwrap_or_default())
            }
            (None, _) if first.is_tuple() && second.is_tuple() => {
                let members = [first, second];
                match rows(&members) {
                    Some(grid) => Self::Grid(Arc::new(grid)),
                    None => Self::sequence(members),
                }
            }
            _ => Self::sequence([first, second]),
        }
    }

    /// Makes a tuple that has no compact form.
    fn sequence(members: impl Into<SmallVec<[Self; 2]>>) -> Self {
        Self::Tuple(Arc::new(Sequence::new(members)))
    }

    /// Makes the empty tuple.
    pub fn empty_tuple() -> Self {
        Self::grid(0, 0, Vec::new())
    }

    /// Makes the empty set.
    pub fn empty_set() -> Self {
        thread_local! {
            // Calls return it often. Each thread has its own, so that none waits for another.
            static EMPTY: Arc<Vec<Location>> = Arc::default();
        }
        EMPTY.with(|empty| Self::Indices(Arc::clone(empty)))
    }

    /// Makes a tuple of two numbers.
    pub fn pair(first: i64, second: i64) -> Self {
        match (i32::try_from(first), i32::try_from(second)) {
            (Ok(first), Ok(second)) => Self::Pair(first, second),
            _ => Self::sequence([Self::Int(first), Self::Int(second)]),
        }
    }

    /// Makes a tuple of colours.
    pub fn row(cells: &[i8]) -> Self {
        match cells {
            [] => Self::empty_tuple(),
            [first, second] => Self::Pair(i32::from(*first), i32::from(*second)),
            _ => Self::Row(Arc::new(Row(cells.into()))),
        }
    }

    /// Makes a tuple of colours out of parts, if all of them are such tuples.
    pub(crate) fn joined_row(parts: &[Self]) -> Option<Self> {
        let mut cells = Colors::new();
        parts
            .iter()
            .all(|part| part.append_colors(&mut cells))
            .then(|| Self::row(&cells))
    }

    /// Makes a grid; `cells` holds its rows one after the other.
    ///
    /// # Panics
    ///
    /// If there are not `height * width` cells.
    pub fn grid(height: usize, width: usize, cells: Vec<i8>) -> Self {
        assert_eq!(cells.len(), height * width, "a grid of {height} by {width}");
        let width = if height == 0 { 0 } else { width };
        Self::Grid(Arc::new(Grid {
            height,
            width,
            cells: cells.into(),
        }))
    }

    /// Makes a set; of equal members the first stays.
    pub fn set(mut members: Vec<Self>) -> Self {
        match members.first() {
            Some(Self::Pair(..)) => {
                if let Some(locations) = members.iter().map(Self::location).collect() {
                    return Self::indices(locations);
                }
            }
            Some(Self::Cell(_)) => {
                if let Some(cells) = members.iter().map(Self::cell).collect() {
                    return Self::object(cells);
                }
            }
            _ => {}
        }
        ascend(&mut members);
        Self::ascending_set(members)
    }

    /// Makes a set of members that are ascending and distinct already.
    pub fn ascending_set(members: Vec<Self>) -> Self {
        debug_assert!(members.windows(2).all(|two| two[0] < two[1]));
        let compact = match members.first() {
            None => Some(Self::empty_set()),
            Some(Self::Pair(..)) => members
                .iter()
                .map(Self::location)
                .collect::<Option<_>>()
                .map(Self::ascending_indices),
            Some(Self::Cell(_)) => members
                .iter()
                .map(Self::cell)
                .collect::<Option<_>>()
                .map(Self::ascending_object),
            _ => None,
        };
        compact.unwrap_or_else(|| Self::Set(Arc::new(Sequence::new(members))))
    }

    /// Makes a set of locations.
    pub fn indices(mut locations: Vec<Location>) -> Self {
        Ascend::ascend(&mut locations);
        Self::ascending_indices(locations)
    }

    /// Makes a set of locations that are ascending and distinct already.
    pub fn ascending_indices(locations: Vec<Location>) -> Self {
        debug_assert!(locations.windows(2).all(|two| two[0] < two[1]));
        Self::Indices(Arc::new(locations))
    }

    /// Makes a set of cells.
    pub fn object(mut cells: Vec<Cell>) -> Self {
        Ascend::ascend(&mut cells);
        Self::ascending_object(cells)
    }

    /// Makes a set of cells that are ascending and distinct already.
    pub fn ascending_object(cells: Vec<Cell>) -> Self {
        debug_assert!(cells.windows(2).all(|two| two[0] < two[1]));
        if cells.is_empty() {
            return Self::empty_set();
        }
        Self::Object(Arc::new(cells))
    }

    /// Makes a function value.
    pub fn function(function: Function) -> Self {
        Self::Func(Arc::new(function))
    }

    /// Appends the cells of a tuple of colours; returns whether the value is one.
    fn append_colors(&self, cells: &mut Colors) -> bool {
        match self {
            Self::Row(row) => cells.extend_from_slice(&row.0),
            Self::Pair(first, second) => match (i8::try_from(*first), i8::try_from(*second)) {
                (Ok(first), Ok(second)) => cells.extend([first, second]),
                _ => return false,
            },
            Self::Grid(grid) => return grid.height == 0,
            _ => return false,
        }
        true
    }
}

impl From<Location> for Value {
    fn from((row, column): Location) -> Self {
        Self::Pair(i32::from(row), i32::from(column))
    }
}

impl From<Cell> for Value {
    fn from(cell: Cell) -> Self {
        Self::Cell(cell)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(bit: bool) -> Self {
        Self::Bool(bit)
    }
}

/// Sorts values and drops those that come again; of equal ones the first stays.
fn ascend(members: &mut Vec<Value>) {
    let locations = |member: &Value| match member {
        Value::Indices(locations) => Some(head(locations)),
        _ => None,
    };
    let cells = |member: &Value| match member {
        Value::Object(cells) => Some(head(cells)),
        _ => None,
    };
    if !sort_by_heads(members, locations) && !sort_by_heads(members, cells) {
        members.sort();
    }
    members.dedup();
}

/// The keys of the first two members, with the least key where there is none.
fn head<T: Ascend>(members: &[T]) -> [u64; 2] {
    [0, 1].map(|place| members.get(place).map_or(0, |member| member.key()))
}

/// Sorts sets by their heads first, which decide most comparisons; returns whether all have one.
fn sort_by_heads(sets: &mut Vec<Value>, head: impl Fn(&Value) -> Option<[u64; 2]>) -> bool {
    if !sets.iter().all(|set| head(set).is_some()) {
        return false;
    }
    let mut has_empty = false;
    // Calls for all pairs return many empty sets: one is enough.
    sets.retain(|set| set.size() != Some(0) || !std::mem::replace(&mut has_empty, true));
    let mut headed: Vec<_> = sets.drain(..).map(|set| (head(&set), set)).collect();
    // Equal sets of locations, and of cells, are the same: their order does not show.
    headed.sort_unstable_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.cmp(y)));
    sets.extend(headed.into_iter().map(|(_, set)| set));
    true
}

fn colors(members: &[Value]) -> Option<Colors> {
    members.iter().map(Value::color).collect()
}

fn rows(members: &[Value]) -> Option<Grid> {
    let mut cells = Colors::new();
    let mut width = 0;
    for (place, row) in members.iter().enumerate() {
        let before = cells.len();
        if !row.append_colors(&mut cells) {
            return None;
        }
        if place == 0 {
            width = cells.len();
            cells.reserve(width * (members.len() - 1));
        } else if cells.len() - before != width {
            return None;
        }
    }
    Some(Grid {
        height: members.len(),
        width,
        cells,
    })
}
