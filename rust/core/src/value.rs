//! The values of the language in compact forms.
//!
//! Every value has one form: the constructors put a tuple or a set into the most compact form
//! that can hold it. So equality and hashing need not look across forms, with one exception: a
//! bool is the integer that it equals. Inside containers and functions it is kept as that integer.

mod ascending;
mod construct;
mod equality;
mod members;
mod memory;

use std::sync::Arc;

use smallvec::SmallVec;

use crate::function::Function;

pub(crate) use ascending::{location_of_key, Ascend};
pub use members::Members;

/// How deeply tuples, sets and functions may nest.
pub const VALUE_DEPTH: u32 = 64;

/// A row and a column, each in -32768..32767.
pub type Location = (i16, i16);

/// A coloured location: the tuple `(colour, (row, column))`. Its order is the canonical one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// In -128..127.
    pub color: i8,
    /// Row and column.
    pub location: Location,
}

impl Cell {
    /// Makes a cell.
    pub const fn new(color: i8, location: Location) -> Self {
        Self { color, location }
    }
}

/// Colours; up to 16 of them need no memory of their own.
pub type Colors = SmallVec<[i8; 16]>;

/// A tuple of colours.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row(Colors);

impl Row {
    /// The colours.
    pub fn cells(&self) -> &[i8] {
        &self.0
    }
}

/// Equally long rows of colours.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grid {
    height: usize,
    width: usize,
    cells: Colors,
}

impl Grid {
    /// How many rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// How many columns; 0 without rows.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All cells, row by row.
    pub fn cells(&self) -> &[i8] {
        &self.cells
    }

    /// The cells of a row, which must be below the height.
    pub fn row(&self, row: usize) -> &[i8] {
        &self.cells[row * self.width..(row + 1) * self.width]
    }

    /// The cell at a row and a column of the grid.
    pub fn at(&self, row: usize, column: usize) -> i8 {
        self.cells[row * self.width + column]
    }

    /// The place of a location in [`cells`](Self::cells), if it is inside.
    pub fn place(&self, (row, column): Location) -> Option<usize> {
        let (row, column) = (usize::try_from(row).ok()?, usize::try_from(column).ok()?);
        (row < self.height && column < self.width).then(|| row * self.width + column)
    }
}

/// The members of a tuple or a set that has no compact form, with their measure.
#[derive(Debug)]
pub struct Sequence {
    members: SmallVec<[Value; 2]>,
    leaves: u64,
    depth: u32,
}

impl Sequence {
    fn new(members: impl Into<SmallVec<[Value; 2]>>) -> Self {
        let mut members = members.into();
        members.iter_mut().for_each(Value::settle);
        Self {
            leaves: members.iter().map(Value::leaves).sum(),
            depth: 1 + members.iter().map(Value::depth).max().unwrap_or(0),
            members,
        }
    }

    /// The members: of a set, in the canonical order.
    pub fn members(&self) -> &[Value] {
        &self.members
    }
}

/// Any value.
#[derive(Clone)]
pub enum Value {
    /// Nothing, which is a value of its own.
    None,
    /// An integer that shows as a truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A tuple of two integers of 32 bits.
    Pair(i32, i32),
    /// A tuple of a colour and a location.
    Cell(Cell),
    /// A tuple of integers in -128..127; neither empty nor two of them.
    Row(Arc<Row>),
    /// A tuple of equally long tuples of integers in -128..127; the empty tuple too.
    Grid(Arc<Grid>),
    /// Any other tuple.
    Tuple(Arc<Sequence>),
    /// A set of locations, ascending; the empty set too.
    Indices(Arc<Vec<Location>>),
    /// A set of cells, ascending; not empty.
    Object(Arc<Vec<Cell>>),
    /// Any other set, ascending.
    Set(Arc<Sequence>),
    /// A function.
    Func(Arc<Function>),
}

impl Value {
    /// Counts the leaves: numbers, None, functions with what they hold, empty containers.
    pub fn leaves(&self) -> u64 {
        match self {
            Self::None | Self::Bool(_) | Self::Int(_) => 1,
            Self::Pair(..) => 2,
            Self::Cell(_) => 3,
            Self::Row(row) => row.0.len() as u64,
            Self::Grid(grid) => (grid.height * grid.width.max(1)).max(1) as u64,
            Self::Tuple(sequence) | Self::Set(sequence) => sequence.leaves,
            Self::Indices(locations) => (2 * locations.len()).max(1) as u64,
            Self::Object(cells) => 3 * cells.len() as u64,
            Self::Func(function) => function.leaves(),
        }
    }

    /// Returns how deeply the value nests: 0 for a number, 1 for a tuple of numbers.
    pub fn depth(&self) -> u32 {
        match self {
            Self::None | Self::Bool(_) | Self::Int(_) => 0,
            Self::Pair(..) | Self::Row(_) => 1,
            Self::Cell(_) => 2,
            Self::Grid(grid) => 1 + u32::from(grid.height > 0),
            Self::Tuple(sequence) | Self::Set(sequence) => sequence.depth,
            Self::Indices(locations) => 1 + u32::from(!locations.is_empty()),
            Self::Object(_) => 3,
            Self::Func(function) => function.depth(),
        }
    }

    /// The integer that a number or a bool is.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Bool(bit) => Some(i64::from(*bit)),
            _ => None,
        }
    }

    /// Makes a bool the integer that it equals, as it is inside containers and functions.
    pub(crate) fn settle(&mut self) {
        if let Self::Bool(bit) = self {
            *self = Self::Int(i64::from(*bit));
        }
    }

    /// Returns whether the value is an int or a bool.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Bool(_))
    }

    /// The number, if it can be the colour of a cell.
    pub fn color(&self) -> Option<i8> {
        self.number().and_then(|number| i8::try_from(number).ok())
    }

    /// The two numbers of a tuple of two numbers.
    pub fn two_numbers(&self) -> Option<(i64, i64)> {
        match self {
            Self::Pair(first, second) => Some((i64::from(*first), i64::from(*second))),
            Self::Tuple(sequence) => match sequence.members.as_slice() {
                [first, second] => first.number().zip(second.number()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The location, if the value is a pair of coordinates.
    pub fn location(&self) -> Option<Location> {
        match self {
            Self::Pair(row, column) => location(*row, *column),
            _ => None,
        }
    }

    /// The cell, if the value is a colour with a location.
    pub fn cell(&self) -> Option<Cell> {
        match self {
            Self::Cell(cell) => Some(*cell),
            _ => None,
        }
    }

    /// The grid, if the value is one.
    pub fn as_grid(&self) -> Option<&Grid> {
        match self {
            Self::Grid(grid) => Some(grid),
            _ => None,
        }
    }

    /// The function, if the value is one.
    pub fn as_function(&self) -> Option<&Function> {
        match self {
            Self::Func(function) => Some(function),
            _ => None,
        }
    }

    /// Returns whether the value is a tuple.
    pub fn is_tuple(&self) -> bool {
        matches!(
            self,
            Self::Pair(..) | Self::Cell(_) | Self::Row(_) | Self::Grid(_) | Self::Tuple(_)
        )
    }

    /// Returns whether the value is a set.
    pub fn is_set(&self) -> bool {
        matches!(self, Self::Indices(_) | Self::Object(_) | Self::Set(_))
    }
}

/// Narrows a pair to a location.
fn location(row: i32, column: i32) -> Option<Location> {
    i16::try_from(row).ok().zip(i16::try_from(column).ok())
}
