//! Walks over the members of containers.

use crate::failure::Outcome;

use super::{Cell, Grid, Location, Value};

impl Value {
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
    /// Visits the members until one visit fails; those that are kept as they are stay there.
    pub fn try_each(self, mut visit: impl FnMut(&Value) -> Outcome<()>) -> Outcome<()> {
        match self.source {
            Source::Values(members) => members[self.next..self.end].iter().try_for_each(visit),
            _ => self.into_iter().try_for_each(|member| visit(&member)),
        }
    }

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
