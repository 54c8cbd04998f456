//! The values of the language in compact forms.
//!
//! Every value has one form: the constructors put a tuple or a set into the most compact form
//! that can hold it. So equality and hashing need not look across forms, with one exception: a
//! bool is the integer that it equals. Inside compact forms a bool is kept as that integer.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::function::Function;

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

/// Colours; up to 32 of them need no memory of their own.
pub type Colors = SmallVec<[i8; 32]>;

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
        let members = members.into();
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
        Self::Indices(Arc::default())
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
        members.sort();
        members.dedup();
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
        locations.sort_unstable();
        locations.dedup();
        Self::ascending_indices(locations)
    }

    /// Makes a set of locations that are ascending and distinct already.
    pub fn ascending_indices(locations: Vec<Location>) -> Self {
        debug_assert!(locations.windows(2).all(|two| two[0] < two[1]));
        Self::Indices(Arc::new(locations))
    }

    /// Makes a set of cells.
    pub fn object(mut cells: Vec<Cell>) -> Self {
        cells.sort_unstable();
        cells.dedup();
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

    /// Tells how deeply the value nests: 0 for a number, 1 for a tuple of numbers.
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

    /// Tells whether the value is an int or a bool.
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

    /// Tells whether the value is a tuple.
    pub fn is_tuple(&self) -> bool {
        matches!(
            self,
            Self::Pair(..) | Self::Cell(_) | Self::Row(_) | Self::Grid(_) | Self::Tuple(_)
        )
    }

    /// Tells whether the value is a set.
    pub fn is_set(&self) -> bool {
        matches!(self, Self::Indices(_) | Self::Object(_) | Self::Set(_))
    }

    /// Counts the members of a tuple or a set.
    pub fn size(&self) -> Option<usize> {
        self.members().map(|members| members.len())
    }

    /// Walks a tuple as it is, and a set in the canonical order.
    pub fn members(&self) -> Option<Members<'_>> {
        let (source, end) = match self {
            Self::None | Self::Bool(_) | Self::Int(_) | Self::Func(_) => return None,
            Self::Pair(first, second) => (Source::Pair(*first, *second), 2),
            Self::Cell(cell) => (Source::Cell(*cell), 2),
            Self::Row(row) => (Source::Row(&row.0), row.0.len()),
            Self::Grid(grid) => (Source::Grid(grid), grid.height),
            Self::Tuple(sequence) | Self::Set(sequence) => {
                (Source::Values(&sequence.members), sequence.members.len())
            }
            Self::Indices(locations) => (Source::Indices(locations), locations.len()),
            Self::Object(cells) => (Source::Object(cells), cells.len()),
        };
        Some(Members {
            source,
            next: 0,
            end,
        })
    }

    /// Appends the cells of a tuple of colours; tells whether the value is one.
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

/// Narrows a pair to a location.
fn location(row: i32, column: i32) -> Option<Location> {
    i16::try_from(row).ok().zip(i16::try_from(column).ok())
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

/// A walk over the members of a tuple or a set.
#[derive(Clone)]
pub struct Members<'a> {
    source: Source<'a>,
    next: usize,
    end: usize,
}

#[derive(Clone, Copy)]
enum Source<'a> {
    Pair(i32, i32),
    Cell(Cell),
    Row(&'a [i8]),
    Grid(&'a Grid),
    Values(&'a [Value]),
    Indices(&'a [Location]),
    Object(&'a [Cell]),
}

impl Members<'_> {
    /// A walk over nothing.
    pub fn empty() -> Self {
        Self {
            source: Source::Row(&[]),
            next: 0,
            end: 0,
        }
    }

    fn get(&self, place: usize) -> Value {
        match self.source {
            Source::Pair(first, second) => {
                Value::Int(i64::from(if place == 0 { first } else { second }))
            }
            Source::Cell(cell) if place == 0 => Value::Int(i64::from(cell.color)),
            Source::Cell(cell) => cell.location.into(),
            Source::Row(cells) => Value::Int(i64::from(cells[place])),
            Source::Grid(grid) => Value::row(grid.row(place)),
            Source::Values(members) => members[place].clone(),
            Source::Indices(locations) => locations[place].into(),
            Source::Object(cells) => Value::Cell(cells[place]),
        }
    }
}

impl Iterator for Members<'_> {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let place = self.next;
        if place >= self.end {
            return None;
        }
        self.next += 1;
        Some(self.get(place))
    }

    fn nth(&mut self, count: usize) -> Option<Value> {
        self.next = self.next.saturating_add(count).min(self.end);
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.end - self.next, Some(self.end - self.next))
    }
}

impl DoubleEndedIterator for Members<'_> {
    fn next_back(&mut self) -> Option<Value> {
        if self.next >= self.end {
            return None;
        }
        self.end -= 1;
        Some(self.get(self.end))
    }
}

impl ExactSizeIterator for Members<'_> {}

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
            Self::Indices(locations) => (4_u8, &**locations).hash(state),
            Self::Object(cells) => (5_u8, &**cells).hash(state),
            Self::Set(sequence) => (6_u8, &sequence.members).hash(state),
            Self::Func(function) => function.hash(state),
        }
    }
}
