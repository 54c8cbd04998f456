//! Sets of locations: lines, boxes and their outlines.

use super::parts::ascending_locations;
use crate::arguments::Extent;
use crate::failure::Outcome;
use crate::meter::Meter;
use crate::value::Value;

/// Requires room for a set of locations.
fn claim_locations(meter: &Meter<'_>, count: i32) -> Outcome<()> {
    meter.claim(2 * i128::from(count))
}

/// Makes the straight or diagonal line between two locations; empty if there is none.
pub(super) fn line(meter: &Meter<'_>, a: (i32, i32), b: (i32, i32)) -> Outcome<Value> {
    let ((row, column), (end_row, end_column)) = (a.min(b), a.max(b));
    let (down, right) = (end_row - row, end_column - column);
    if down != 0 && right != 0 && right.abs() != down {
        return Ok(Value::empty_set());
    }
    let length = down.max(right.abs());
    claim_locations(meter, length + 1)?;
    let (down, right) = (down.signum(), right.signum());
    Ok(ascending_locations(
        (0..=length).map(|n| (row + n * down, column + n * right)),
    ))
}

/// Walks the locations of a box, row by row.
pub(super) fn all_locations(edges: Extent) -> impl Iterator<Item = (i32, i32)> + Clone {
    let Extent {
        top,
        left,
        bottom,
        right,
    } = edges;
    (top..=bottom).flat_map(move |row| (left..=right).map(move |column| (row, column)))
}

/// Requires room for all locations of a box.
pub(super) fn claim_box(meter: &Meter<'_>, edges: Extent) -> Outcome<()> {
    meter.claim(2 * i128::from(edges.rows()) * i128::from(edges.columns()))
}

/// Makes the outline of a box.
pub(super) fn frame(meter: &Meter<'_>, edges: Extent) -> Outcome<Value> {
    let (rows, columns) = (edges.rows(), edges.columns());
    let thin = rows == 1 || columns == 1;
    claim_locations(
        meter,
        if thin {
            rows * columns
        } else {
            2 * (rows + columns) - 4
        },
    )?;
    let Extent {
        top,
        left,
        bottom,
        right,
    } = edges;
    let side = |row| (left..=right).map(move |column| (row, column));
    let ends = if left == right {
        vec![left]
    } else {
        vec![left, right]
    };
    let between = (top + 1..bottom).flat_map(|row| ends.iter().map(move |&column| (row, column)));
    let last = (top < bottom).then_some(bottom);
    Ok(ascending_locations(
        side(top)
            .chain(between)
            .chain(last.into_iter().flat_map(side)),
    ))
}
