//! How much an output agrees with the wanted grid.

use crate::value::{Grid, Value};

/// The score of an output that equals the wanted grid.
pub const EXACT: u16 = 1000;

/// Scores an output against the wanted grid.
///
/// 1000 if they are equal. Else floor(999 * equal / area): equal counts the places inside both
/// grids with the same colour, area is that of the smallest rectangle that holds both. What is
/// not a grid scores 0.
pub fn agreement(output: &Value, wanted: &Value) -> u16 {
    if output == wanted {
        return EXACT;
    }
    let Some((height, width)) = rectangle(output) else {
        return 0;
    };
    let (wanted_height, wanted_width) = rectangle(wanted).unwrap_or_default();
    let area = height.max(wanted_height) * width.max(wanted_width);
    if area == 0 {
        return 0;
    }
    let equal = match (output, wanted) {
        (Value::Grid(output), Value::Grid(wanted)) => count_equal_cells(output, wanted),
        _ => count_equal_members(output, wanted),
    };
    (999 * equal / area) as u16
}

/// The height and width of a value that is made of equally long tuples, at least one.
fn rectangle(value: &Value) -> Option<(usize, usize)> {
    if !value.is_tuple() {
        return None;
    }
    if let Value::Grid(grid) = value {
        return (grid.height() > 0).then(|| (grid.height(), grid.width()));
    }
    let mut rows = value.members()?;
    let height = rows.len();
    let width = rows.clone().next().filter(Value::is_tuple)?.size()?;
    rows.all(|row| row.is_tuple() && row.size() == Some(width))
        .then_some((height, width))
}

fn count_equal_cells(a: &Grid, b: &Grid) -> usize {
    (0..a.height().min(b.height()))
        .map(|row| {
            a.row(row)
                .iter()
                .zip(b.row(row))
                .filter(|(a, b)| a == b)
                .count()
        })
        .sum()
}

fn count_equal_members(a: &Value, b: &Value) -> usize {
    let members = |value: &Value| value.members().into_iter().flatten().collect::<Vec<_>>();
    members(a)
        .iter()
        .zip(members(b))
        .map(|(a, b)| {
            members(a)
                .iter()
                .zip(members(&b))
                .filter(|(a, b)| *a == b)
                .count()
        })
        .sum()
}
