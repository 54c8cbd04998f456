//! The canonical order: None < numbers < tuples < sets < functions.

use std::cmp::Ordering;

use crate::value::{Grid, Members, Value};

impl Ord for Value {
    /// Compares tuples by their members, sets by their ascending members, functions by text.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Pair(a, b), Self::Pair(c, d)) => (a, b).cmp(&(c, d)),
            (Self::Cell(a), Self::Cell(b)) => a.cmp(b),
            (Self::Row(a), Self::Row(b)) => a.cells().cmp(b.cells()),
            (Self::Grid(a), Self::Grid(b)) => compare_grids(a, b),
            (Self::Tuple(a), Self::Tuple(b)) | (Self::Set(a), Self::Set(b)) => {
                a.members().cmp(b.members())
            }
            (Self::Indices(a), Self::Indices(b)) => a.cmp(b),
            (Self::Object(a), Self::Object(b)) => a.cmp(b),
            (Self::Func(a), Self::Func(b)) => a.text().cmp(b.text()),
            _ => compare_forms(self, other),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::None => 0,
        Value::Bool(_) | Value::Int(_) => 1,
        Value::Pair(..) | Value::Cell(_) | Value::Row(_) | Value::Grid(_) | Value::Tuple(_) => 2,
        Value::Indices(_) | Value::Object(_) | Value::Set(_) => 3,
        Value::Func(_) => 4,
    }
}

/// Compares values that are kept in different forms.
fn compare_forms(a: &Value, b: &Value) -> Ordering {
    rank(a).cmp(&rank(b)).then_with(|| {
        let (a_members, b_members) = (a.members(), b.members());
        match a_members.zip(b_members) {
            Some((a_members, b_members)) => Members::cmp(a_members, b_members),
            None => a.number().cmp(&b.number()),
        }
    })
}

fn compare_grids(a: &Grid, b: &Grid) -> Ordering {
    if a.width() == b.width() {
        let order = a.cells().cmp(b.cells());
        return order.then_with(|| a.height().cmp(&b.height()));
    }
    let rows = |grid: &Grid| 0..grid.height();
    rows(a)
        .zip(rows(b))
        .map(|(i, j)| a.row(i).cmp(b.row(j)))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| a.height().cmp(&b.height()))
}
