//! Other looks at a task: colours renamed by their frequency or their first place, and back, the
//! background as colour 0, what stands laid down, and the lines between compartments left out.

use super::connected_components::check_cells;
use super::counts::Counts;
use super::cuts::{separators, without_lines};
use super::ordering::check_function;
use super::samples::check_samples;
use super::table::primitives;
use super::turns;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    rank_colors(grid, reference) = rank_colors;
    unrank_colors(grid, reference) = unrank_colors;
    place_colors(grid, reference) = place_colors;
    unplace_colors(grid, reference) = unplace_colors;
    swap_background(grid, reference) = swap_background;
    lay_down(grid, reference) = lay_down;
    without_separators(grid, reference) = without_separators;
    with_separators(grid, reference) = with_separators;
    map_samples(samples, function) metered = map_samples;
    map_inputs(samples, function) metered = map_inputs;
}

const COLORS: usize = 10;
const WANTED: Failure = Failure::argument("expected a grid of the colours 0..9");

/// The place of a colour among the ten.
fn place(color: i8) -> Outcome<usize> {
    usize::try_from(color)
        .ok()
        .filter(|&place| place < COLORS)
        .ok_or(WANTED)
}

/// Lists the ten colours: those of a grid by falling count, then the others, ascending.
fn ranking(reference: &Grid) -> Outcome<[i8; COLORS]> {
    let mut counts = [0_usize; COLORS];
    for &cell in reference.cells() {
        counts[place(cell)?] += 1;
    }
    let mut colors: [i8; COLORS] = std::array::from_fn(|color| color as i8);
    colors.sort_by_key(|&color| std::cmp::Reverse(counts[color as usize]));
    Ok(colors)
}

fn rename(grid: &Grid, names: [i8; COLORS]) -> Outcome<Value> {
    let cells = grid
        .cells()
        .iter()
        .map(|&cell| Ok(names[place(cell)?]))
        .collect::<Outcome<Vec<i8>>>()?;
    Ok(Value::grid(grid.height(), grid.width(), cells))
}

/// Lists the ten colours: 0, those of a grid in the order of its cells, the others ascending.
fn appearance(reference: &Grid) -> Outcome<[i8; COLORS]> {
    let mut colors = [0; COLORS];
    let mut is_known = [false; COLORS];
    let mut count = 0;
    for color in std::iter::once(0)
        .chain(reference.cells().iter().copied())
        .chain(0..COLORS as i8)
    {
        if !std::mem::replace(&mut is_known[place(color)?], true) {
            colors[count] = color;
            count += 1;
        }
    }
    Ok(colors)
}

/// Returns the index of each colour in a list of all.
fn indices(colors: [i8; COLORS]) -> [i8; COLORS] {
    let mut indices = [0; COLORS];
    for (index, color) in colors.into_iter().enumerate() {
        indices[color as usize] = index as i8;
    }
    indices
}

fn place_colors([grid, reference]: [&Value; 2]) -> Outcome<Value> {
    let places = indices(appearance(arguments::grid(reference)?)?);
    rename(arguments::grid(grid)?, places)
}

fn unplace_colors([grid, reference]: [&Value; 2]) -> Outcome<Value> {
    let colors = appearance(arguments::grid(reference)?)?;
    rename(arguments::grid(grid)?, colors)
}

fn rank_colors([grid, reference]: [&Value; 2]) -> Outcome<Value> {
    let ranks = indices(ranking(arguments::grid(reference)?)?);
    rename(arguments::grid(grid)?, ranks)
}

fn unrank_colors([grid, reference]: [&Value; 2]) -> Outcome<Value> {
    let colors = ranking(arguments::grid(reference)?)?;
    rename(arguments::grid(grid)?, colors)
}

fn swap_background([grid, reference]: [&Value; 2]) -> Outcome<Value> {
    let background = Counts::of_grid(arguments::grid(reference)?).most()?;
    let grid = arguments::grid(grid)?;
    let swapped = |&cell: &i8| match cell {
        0 => background,
        _ if cell == background => 0,
        _ => cell,
    };
    let cells: Vec<i8> = grid.cells().iter().map(swapped).collect();
    Ok(Value::grid(grid.height(), grid.width(), cells))
}

fn lay_down([grid, reference]: [&Value; 2]) -> Outcome<Value> {
    let laid = arguments::grid(grid)?;
    let reference = arguments::grid(reference)?;
    if reference.height() > reference.width() {
        return Ok(turns::transpose(laid));
    }
    Ok(grid.clone())
}

/// For each row and each column of a grid whether it is a coloured separator.
fn colored_separators(reference: &Value) -> Outcome<(&Grid, Vec<bool>, Vec<bool>)> {
    let grid = check_cells(reference)?;
    let (rows, columns) = separators(grid)?;
    let row = rows.iter().position(|&separates| separates).unwrap_or(0);
    let column = columns.iter().position(|&separates| separates).unwrap_or(0);
    if grid.at(row, column) == 0 {
        return Err(Failure::argument(
            "expected a grid with coloured separators",
        ));
    }
    Ok((grid, rows, columns))
}

fn without_separators([grid, reference]: [&Value; 2]) -> Outcome<Value> {
    let (reference, rows, columns) = colored_separators(reference)?;
    let grid = check_cells(grid)?;
    let (height, width) = (reference.height(), reference.width());
    if (grid.height(), grid.width()) != (height, width) {
        return Err(Failure::argument("expected two grids of one shape"));
    }
    let is_same = (0..height).all(|i| {
        (0..width).all(|j| !(rows[i] || columns[j]) || grid.at(i, j) == reference.at(i, j))
    });
    if !is_same {
        return Err(Failure::argument(
            "expected a grid with the separators of the other one",
        ));
    }
    without_lines(grid, &rows, &columns)
}

fn with_separators([grid, reference]: [&Value; 2]) -> Outcome<Value> {
    let (reference, rows, columns) = colored_separators(reference)?;
    let grid = check_cells(grid)?;
    let kept = |separates: &[bool]| separates.iter().filter(|&&one| !one).count();
    if (grid.height(), grid.width()) != (kept(&rows), kept(&columns)) {
        return Err(Failure::argument(
            "expected a grid that fits between the separators",
        ));
    }
    let mut cells = grid.cells().iter();
    let mut made = Vec::with_capacity(reference.cells().len());
    for (i, &is_line) in rows.iter().enumerate() {
        for (j, &is_column) in columns.iter().enumerate() {
            let own = if is_line || is_column {
                None
            } else {
                cells.next()
            };
            made.push(own.copied().unwrap_or_else(|| reference.at(i, j)));
        }
    }
    Ok(Value::grid(reference.height(), reference.width(), made))
}

fn map_samples(meter: &mut Meter<'_>, [samples, function]: [&Value; 2]) -> Outcome<Value> {
    check_function(function, 2)?;
    changed(samples, |given, wanted| {
        let seen = meter.invoke(function, &[given, given])?;
        Ok(Value::two(seen, meter.invoke(function, &[wanted, given])?))
    })
}

fn map_inputs(meter: &mut Meter<'_>, [samples, function]: [&Value; 2]) -> Outcome<Value> {
    check_function(function, 1)?;
    changed(samples, |given, wanted| {
        let seen = meter.invoke(function, &[given])?;
        Ok(Value::two(seen, wanted.clone()))
    })
}

/// Changes the input and the output of each sample; fails if a result is no sample.
fn changed(
    samples: &Value,
    mut change: impl FnMut(&Value, &Value) -> Outcome<Value>,
) -> Outcome<Value> {
    let pairs = check_samples(samples)?;
    let made: Vec<Value> = pairs
        .into_iter()
        .map(|[given, wanted]| change(&given, &wanted))
        .collect::<Outcome<_>>()?;
    let made = Value::tuple(made);
    check_samples(&made)?;
    Ok(made)
}
