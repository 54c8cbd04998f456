//! What primitives accept: each check returns its argument in a handy form, or a failure.
//!
//! The primitives of arc-dsl take whatever has the parts that they look at: a *table*, a container
//! of rows, in the place of a grid; cells with any value as their colour; tuples in the place of
//! sets. Those of our own families want grids and patches, as the checks of these names tell.

use std::borrow::Cow;

use crate::failure::{Failure, Outcome};
use crate::function::Function;
use crate::value::{Ascend, Cell, Grid, Location, Members, Value};

/// Requires a function.
pub fn function(value: &Value) -> Outcome<&Function> {
    value
        .as_function()
        .ok_or(Failure::argument("expected a function"))
}

/// Requires a tuple or a set.
pub fn container(value: &Value) -> Outcome<Members<'_>> {
    value
        .members()
        .ok_or(Failure::argument("expected a tuple or a set"))
}

/// There are no members where some are wanted.
pub const NO_MEMBERS: Failure = Failure::argument("expected a container with members");

/// Walks a container that has members.
pub fn walk(value: &Value) -> Outcome<Members<'_>> {
    container(value).and_then(|members| match members.len() {
        0 => Err(NO_MEMBERS),
        _ => Ok(members),
    })
}

/// Requires a tuple.
pub fn tuple(value: &Value) -> Outcome<Members<'_>> {
    if !value.is_tuple() {
        return Err(Failure::argument("expected a tuple"));
    }
    container(value)
}

/// Requires a tuple of two members or more; returns the first two.
pub fn first_two(value: &Value) -> Outcome<(Value, Value)> {
    let mut members = tuple(value)?;
    let two = members.next().zip(members.next());
    two.ok_or(Failure::argument("expected a tuple of two members or more"))
}

/// Requires a tuple that begins with a location; returns that.
pub fn start(value: &Value) -> Outcome<(i32, i32)> {
    if let Value::Pair(..) = value {
        return location(value);
    }
    let (row, column) = first_two(value)?;
    location(&Value::two(row, column))
}

/// Requires a container of two members; returns them.
pub fn split_pair(value: &Value) -> Outcome<(Value, Value)> {
    let mut members = container(value)?;
    let two = members.next().zip(members.next());
    two.filter(|_| members.len() == 0)
        .ok_or(Failure::argument("expected two members"))
}

/// The members of each member of a table.
pub fn rows(table: &Value) -> Outcome<Vec<Vec<Value>>> {
    container(table)?
        .map(|row| Ok(container(&row)?.collect()))
        .collect()
}

/// Requires a tuple that has members; returns their number, and that of the first one's members.
pub fn sides(table: &Value) -> Outcome<(usize, usize)> {
    let mut members = tuple(table)?;
    let height = members.len();
    let first = members.next().ok_or(NO_MEMBERS)?;
    Ok((height, container(&first)?.len()))
}

/// A table has no cell at some place.
pub const NO_CELL: Failure = Failure::argument("expected a table with such a cell");

/// Returns a member of a tuple.
pub fn member_at(value: &Value, place: usize) -> Outcome<Value> {
    tuple(value)?.nth(place).ok_or(NO_CELL)
}

/// Returns a member of a member of a tuple of tuples.
pub fn cell_at(table: &Value, row: usize, column: usize) -> Outcome<Value> {
    member_at(&member_at(table, row)?, column)
}

/// Returns whether a patch begins with a cell, a value with a tuple. Fails without members.
pub fn consists_of_cells(patch: &Value) -> Outcome<bool> {
    if let Value::Object(_) = patch {
        return Ok(true);
    }
    let first = walk(patch)?.next().ok_or(NO_MEMBERS)?;
    Ok(first_two(&first)?.1.is_tuple())
}

/// Returns the second parts of cells as a set; a patch without cells stays what it is.
pub fn indices(patch: &Value) -> Outcome<Value> {
    if container(patch)?.len() == 0 {
        return Ok(Value::empty_set());
    }
    if !consists_of_cells(patch)? {
        return Ok(patch.clone());
    }
    let second = |cell: Value| Ok(split_pair(&cell)?.1);
    let places: Outcome<Vec<Value>> = container(patch)?.map(second).collect();
    Ok(Value::set(places?))
}

/// Requires locations, or cells whose colour may be any value; returns all locations.
#[inline]
pub fn places(value: &Value) -> Outcome<Patch<'_>> {
    match as_patch(value) {
        Some(patch) => Ok(patch),
        None => places_of_cells(value),
    }
}

#[cold]
fn places_of_cells(value: &Value) -> Outcome<Patch<'_>> {
    if !consists_of_cells(value)? {
        return Err(Failure::argument("expected a patch"));
    }
    let locations = cells(value)?.into_iter().map(|(_, location)| location);
    Ok(Patch::Locations(Cow::Owned(locations.collect())))
}

/// Requires cells, whose colour may be any value.
pub fn cells(value: &Value) -> Outcome<Vec<(Value, Location)>> {
    let cell = |member: Value| {
        let (color, place) = split_pair(&member)?;
        let location = place.location();
        Ok((color, location.ok_or(Failure::argument("expected a cell"))?))
    };
    container(value)?.map(cell).collect()
}

/// Requires a grid, which may have no rows or empty ones.
pub fn grid(value: &Value) -> Outcome<&Grid> {
    value.as_grid().ok_or(Failure::argument("expected a grid"))
}

/// Requires a grid that has a row, though perhaps an empty one.
pub fn grid_with_rows(value: &Value) -> Outcome<&Grid> {
    value
        .as_grid()
        .filter(|grid| grid.height() > 0)
        .ok_or(Failure::argument("expected a grid with rows"))
}

/// Requires a set or tuple of locations, or one of cells; it may be empty.
pub fn patch(value: &Value) -> Outcome<Patch<'_>> {
    as_patch(value).ok_or(Failure::argument("expected a patch"))
}

/// Requires a set or tuple of cells; it may be empty.
pub fn object(value: &Value) -> Outcome<Cow<'_, [Cell]>> {
    match as_patch(value) {
        Some(Patch::Cells(cells)) => Ok(cells),
        Some(Patch::Locations(locations)) if locations.is_empty() => Ok(Cow::Borrowed(&[])),
        _ => Err(Failure::argument("expected an object")),
    }
}

/// A grid, or a patch that is a set.
pub enum Piece<'a> {
    /// A tuple.
    Grid(&'a Grid),
    /// A set.
    Patch(Patch<'a>),
}

/// Requires a grid, or a set of locations or of cells.
pub fn piece(value: &Value) -> Outcome<Piece<'_>> {
    if value.is_tuple() {
        grid(value).map(Piece::Grid)
    } else {
        patch(value).map(Piece::Patch)
    }
}

/// A grid, or an object that is a set.
pub enum Element<'a> {
    /// A tuple.
    Grid(&'a Grid),
    /// A set.
    Object(Cow<'a, [Cell]>),
}

/// Requires a grid, or a set of cells.
pub fn element(value: &Value) -> Outcome<Element<'_>> {
    if value.is_tuple() {
        grid(value).map(Element::Grid)
    } else {
        object(value).map(Element::Object)
    }
}

/// Requires an integer; a truth value is one.
pub fn number(value: &Value) -> Outcome<i64> {
    value
        .number()
        .ok_or(Failure::argument("expected an integer"))
}

/// Requires an integer other than 0.
pub fn divisor(value: &Value) -> Outcome<i64> {
    match number(value)? {
        0 => Err(Failure::argument("expected an integer other than 0")),
        number => Ok(number),
    }
}

/// Requires a colour, a number in -128..127.
pub fn color(value: &Value) -> Outcome<i8> {
    value.color().ok_or(Failure::argument("expected a colour"))
}

/// Requires a pair of integers, each in -32768..32767.
pub fn location(value: &Value) -> Outcome<(i32, i32)> {
    match value {
        Value::Pair(row, column) if value.location().is_some() => Ok((*row, *column)),
        _ => Err(Failure::argument("expected a pair of coordinates")),
    }
}

/// The edges of a patch, each of them inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The first row.
    pub top: i32,
    /// The first column.
    pub left: i32,
    /// The last row.
    pub bottom: i32,
    /// The last column.
    pub right: i32,
}

impl Extent {
    /// How many rows.
    pub fn rows(&self) -> i32 {
        self.bottom - self.top + 1
    }

    /// How many columns.
    pub fn columns(&self) -> i32 {
        self.right - self.left + 1
    }
}

/// Locations or cells: those of a set, borrowed, or those of a tuple, as it stands.
///
/// An empty one consists of locations.
pub enum Patch<'a> {
    /// Locations; of a set, ascending.
    Locations(Cow<'a, [Location]>),
    /// Cells, at least one; of a set, ascending.
    Cells(Cow<'a, [Cell]>),
}

impl Patch<'_> {
    /// How many members the patch has.
    pub fn len(&self) -> usize {
        match self {
            Self::Locations(locations) => locations.len(),
            Self::Cells(cells) => cells.len(),
        }
    }

    /// Returns whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `visit` with every member's row and column; they may repeat.
    pub fn for_each(&self, mut visit: impl FnMut(i32, i32)) {
        match self {
            Self::Locations(locations) => {
                locations
                    .iter()
                    .for_each(|&(row, column)| visit(row.into(), column.into()));
            }
            Self::Cells(cells) => cells.iter().for_each(|cell| {
                visit(cell.location.0.into(), cell.location.1.into());
            }),
        }
    }

    /// The different locations, ascending.
    pub fn locations(&self) -> Cow<'_, [Location]> {
        let mut locations: Vec<Location> = match self {
            Self::Locations(Cow::Borrowed(locations)) => return Cow::Borrowed(locations),
            Self::Locations(Cow::Owned(locations)) => locations.clone(),
            Self::Cells(cells) => cells.iter().map(|cell| cell.location).collect(),
        };
        Ascend::ascend(&mut locations);
        Cow::Owned(locations)
    }

    /// The edges, if there are members.
    pub fn edges(&self) -> Option<Extent> {
        if self.is_empty() {
            return None;
        }
        let mut edges = Extent {
            top: i32::MAX,
            left: i32::MAX,
            bottom: i32::MIN,
            right: i32::MIN,
        };
        self.for_each(|row, column| {
            edges.top = edges.top.min(row);
            edges.bottom = edges.bottom.max(row);
            edges.left = edges.left.min(column);
            edges.right = edges.right.max(column);
        });
        Some(edges)
    }

    /// The edges; fails without members.
    pub fn extent(&self) -> Outcome<Extent> {
        self.edges()
            .ok_or(Failure::argument("expected a patch that is not empty"))
    }

    /// Moves every location; colours stay, and the result is a set.
    ///
    /// `place` has to map a box to a box: what holds for its corners holds for all of it.
    pub fn relocate(&self, place: impl Fn(i32, i32) -> (i32, i32)) -> Value {
        let Some(Extent {
            top,
            left,
            bottom,
            right,
        }) = self.edges()
        else {
            return Value::empty_set();
        };
        let fits =
            |(row, column): (i32, i32)| i16::try_from(row).is_ok() && i16::try_from(column).is_ok();
        if !fits(place(top, left)) || !fits(place(bottom, right)) {
            return self.relocate_far(place);
        }
        let narrow = |(row, column): Location| {
            let (row, column) = place(row.into(), column.into());
            (row as i16, column as i16)
        };
        match self {
            Self::Locations(locations) => {
                Value::indices(locations.iter().map(|&location| narrow(location)).collect())
            }
            Self::Cells(cells) => {
                let moved = |cell: &Cell| Cell::new(cell.color, narrow(cell.location));
                Value::object(cells.iter().map(moved).collect())
            }
        }
    }

    /// Moves every location by the same distance; colours stay, and the result is a set.
    pub fn translate(&self, down: i32, right: i32) -> Value {
        let fits = self.edges().is_some_and(|edges| {
            [
                edges.top + down,
                edges.bottom + down,
                edges.left + right,
                edges.right + right,
            ]
            .into_iter()
            .all(|edge| i16::try_from(edge).is_ok())
        });
        let moved = |(row, column): Location| {
            (
                (i32::from(row) + down) as i16,
                (i32::from(column) + right) as i16,
            )
        };
        match self {
            // A set that is moved as a whole still ascends.
            Self::Locations(Cow::Borrowed(locations)) if fits => Value::ascending_indices(
                locations.iter().map(|&location| moved(location)).collect(),
            ),
            Self::Cells(Cow::Borrowed(cells)) if fits => {
                let moved = |cell: &Cell| Cell::new(cell.color, moved(cell.location));
                Value::ascending_object(cells.iter().map(moved).collect())
            }
            _ => self.relocate(|row, column| (row + down, column + right)),
        }
    }

    /// Moves every location beyond what 16 bits hold.
    fn relocate_far(&self, place: impl Fn(i32, i32) -> (i32, i32)) -> Value {
        let moved = |(row, column): Location| {
            let (row, column) = place(row.into(), column.into());
            Value::Pair(row, column)
        };
        Value::set(match self {
            Self::Locations(locations) => {
                locations.iter().map(|&location| moved(location)).collect()
            }
            Self::Cells(cells) => cells
                .iter()
                .map(|cell| Value::two(Value::Int(cell.color.into()), moved(cell.location)))
                .collect(),
        })
    }
}

fn as_patch(value: &Value) -> Option<Patch<'_>> {
    match value {
        Value::Indices(locations) => Some(Patch::Locations(Cow::Borrowed(locations))),
        Value::Object(cells) => Some(Patch::Cells(Cow::Borrowed(cells))),
        Value::Grid(grid) if grid.height() == 0 => Some(Patch::Locations(Cow::Borrowed(&[]))),
        Value::Grid(grid) if grid.width() == 2 => {
            let location = |pair: &[i8]| (i16::from(pair[0]), i16::from(pair[1]));
            let locations = grid.cells().chunks_exact(2).map(location).collect();
            Some(Patch::Locations(Cow::Owned(locations)))
        }
        Value::Tuple(sequence) => {
            let members = sequence.members();
            if let Some(locations) = members.iter().map(Value::location).collect() {
                return Some(Patch::Locations(Cow::Owned(locations)));
            }
            let cells = members.iter().map(Value::cell).collect::<Option<_>>()?;
            Some(Patch::Cells(Cow::Owned(cells)))
        }
        _ => None,
    }
}
