//! Primitives that find objects in grids, tell and choose them by colour and size, and move them.

use super::counts::{most_color, Counts};
use super::geometry::{extent, relocate};
use super::parts::{
    all_cells, ascending_locations, by_color, collect_parts, connected, locations_where,
    with_cells, Connection, GridCell,
};
use super::planes::small_parts;
use super::table::primitives;
use super::table_cells;
use crate::arguments::{self, Element, Patch};
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Cell, Grid, Value};

primitives! {
    mostcolor(element) = mostcolor, or table_cells::mostcolor;
    leastcolor(element) = leastcolor, or table_cells::leastcolor;
    colorcount(element, value) = colorcount, or table_cells::colorcount;
    palette(element) = palette, or table_cells::palette;
    numcolors(element) = numcolors, or table_cells::numcolors;
    color(obj) = color, or table_cells::color;
    colorfilter(objs, value) = colorfilter, or table_cells::colorfilter;
    sizefilter(container, n) = sizefilter;
    asindices(grid) metered = asindices, or table_cells::asindices;
    asobject(grid) = asobject, or table_cells::asobject;
    ofcolor(grid, value) = ofcolor, or table_cells::ofcolor;
    toindices(patch) = toindices;
    shift(patch, directions) = shift;
    normalize(patch) = normalize;
    recolor(value, patch) = recolor;
    toobject(patch, grid) = toobject, or table_cells::toobject;
    objects(grid, univalued, diagonal, without_bg) = objects, or table_cells::objects;
    partition(grid) = partition, or table_cells::partition;
    fgpartition(grid) = fgpartition, or table_cells::fgpartition;
    frontiers(grid) = frontiers, or table_cells::frontiers;
    occurrences(grid, obj) metered = occurrences, or table_cells::occurrences;
    hperiod(obj) metered = hperiod, or table_cells::hperiod;
    vperiod(obj) metered = vperiod, or table_cells::vperiod;
    o_g(grid, k) = o_g, or table_cells::o_g;
}

fn mostcolor([element]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(Counts::of_element(element)?.most()?.into()))
}

fn leastcolor([element]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(Counts::of_element(element)?.least()?.into()))
}

fn colorcount([element, value]: [&Value; 2]) -> Outcome<Value> {
    let is_counted = |color: i8| value.color() == Some(color);
    let count = match arguments::element(element)? {
        Element::Grid(grid) => grid
            .cells()
            .iter()
            .filter(|&&cell| is_counted(cell))
            .count(),
        Element::Object(cells) => cells.iter().filter(|cell| is_counted(cell.color)).count(),
    };
    Ok(Value::Int(count as i64))
}

fn palette([element]: [&Value; 1]) -> Outcome<Value> {
    let counts = Counts::of_element(element)?;
    Ok(Value::ascending_set(
        counts
            .colors()
            .map(|color| Value::Int(color.into()))
            .collect(),
    ))
}

fn numcolors([element]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(Counts::of_element(element)?.pairs().len() as i64))
}

/// The first cell's colour: of a set, the lowest.
fn color_of(obj: &Value) -> Outcome<i8> {
    let cells = arguments::object(obj)?;
    let first = cells
        .first()
        .ok_or(Failure::argument("expected an object with cells"))?;
    Ok(first.color)
}

fn color([obj]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(color_of(obj)?.into()))
}

/// Keeps the members that pass a test, in a set.
fn kept_set(container: &Value, mut test: impl FnMut(&Value) -> Outcome<bool>) -> Outcome<Value> {
    let mut kept = Vec::new();
    for member in arguments::container(container)? {
        if test(&member)? {
            kept.push(member);
        }
    }
    Ok(if container.is_set() {
        Value::ascending_set(kept)
    } else {
        Value::set(kept)
    })
}

fn colorfilter([objs, value]: [&Value; 2]) -> Outcome<Value> {
    kept_set(objs, |obj| Ok(value.color() == Some(color_of(obj)?)))
}

fn sizefilter([container, n]: [&Value; 2]) -> Outcome<Value> {
    let wanted = n.number();
    kept_set(container, |member| {
        Ok(wanted == Some(arguments::container(member)?.len() as i64))
    })
}

fn asindices(_: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    Ok(locations_where(arguments::grid(grid)?, |_| true))
}

fn collect_all<C: GridCell>(grid: &Grid) -> Value {
    C::collect(all_cells::<C>(grid))
}

fn asobject([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(with_cells!(grid, collect_all(grid)))
}

fn ofcolor([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(match value.color() {
        Some(color) => locations_where(grid, |cell| cell == color),
        None => Value::empty_set(),
    })
}

fn toindices([patch]: [&Value; 1]) -> Outcome<Value> {
    if let Value::Object(_) = patch {
        let locations = arguments::patch(patch)?.locations().into_owned();
        return Ok(Value::ascending_indices(locations));
    }
    arguments::indices(patch)
}

/// Moves a patch by so many rows down and columns right; an empty one stays empty.
pub(super) fn shift([patch, directions]: [&Value; 2]) -> Outcome<Value> {
    if arguments::container(patch)?.len() == 0 {
        return Ok(patch.clone());
    }
    let (down, right) = arguments::location(directions)?;
    match arguments::patch(patch) {
        Ok(typed) => Ok(typed.translate(down, right)),
        Err(_) => relocate(patch, |_, row, column| (row + down, column + right)),
    }
}

fn normalize([patch]: [&Value; 1]) -> Outcome<Value> {
    if arguments::container(patch)?.len() == 0 {
        return Ok(patch.clone());
    }
    let edges = extent(patch)?;
    match arguments::patch(patch) {
        Ok(typed) => Ok(typed.translate(-edges.top, -edges.left)),
        Err(_) => relocate(patch, |edges, row, column| {
            (row - edges.top, column - edges.left)
        }),
    }
}

fn recolor([value, patch]: [&Value; 2]) -> Outcome<Value> {
    if let (Some(color), Value::Indices(_) | Value::Object(_)) = (value.color(), patch) {
        let patch = arguments::patch(patch)?;
        let cell = |&location: &_| Cell::new(color, location);
        let cells = patch.locations().iter().map(cell).collect();
        return Ok(Value::ascending_object(cells));
    }
    let indices = arguments::indices(patch)?;
    let cell = |index| Value::two(value.clone(), index);
    Ok(Value::set(
        arguments::container(&indices)?.map(cell).collect(),
    ))
}

fn toobject([patch, grid]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid_with_rows(grid)?;
    let patch = arguments::patch(patch)?;
    let mut cells = Vec::with_capacity(patch.len());
    for &location in patch.locations().iter() {
        if let Some(place) = grid.place(location) {
            cells.push(Cell::new(grid.cells()[place], location));
        }
    }
    Ok(Value::object(cells))
}

/// Returns the connected parts of a grid that has rows.
pub(super) fn find_objects(
    grid: &Grid,
    one_color: bool,
    diagonal: bool,
    without_background: bool,
) -> Outcome<Value> {
    let background = without_background.then(|| most_color(grid)).transpose()?;
    let connection = Connection {
        one_color,
        diagonal,
        background,
    };
    if let Some(parts) = small_parts(grid, &connection) {
        return Ok(collect_parts(parts));
    }
    Ok(with_cells!(grid, connected(grid, &connection)))
}

fn objects([grid, univalued, diagonal, without_bg]: [&Value; 4]) -> Outcome<Value> {
    let is_set = |value: &Value| Ok(arguments::number(value)? != 0);
    find_objects(
        arguments::grid_with_rows(grid)?,
        is_set(univalued)?,
        is_set(diagonal)?,
        is_set(without_bg)?,
    )
}

fn colors_apart<C: GridCell>(grid: &Grid, background: Option<i8>) -> Value {
    collect_parts(by_color::<C>(grid, background))
}

fn partition([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(with_cells!(grid, colors_apart(grid, None)))
}

fn fgpartition([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let background = most_color(grid)?;
    Ok(with_cells!(grid, colors_apart(grid, Some(background))))
}

fn uniform_lines<C: GridCell>(grid: &Grid) -> Value {
    let mut lines = Vec::new();
    for row in 0..grid.height() {
        let cells = grid.row(row);
        if cells
            .first()
            .is_some_and(|first| cells.iter().all(|cell| cell == first))
        {
            let cell = |(column, &color)| C::new(color, row, column);
            lines.push(cells.iter().enumerate().map(cell).collect::<Vec<C>>());
        }
    }
    for column in 0..grid.width() {
        let first = grid.at(0, column);
        if (1..grid.height()).all(|row| grid.at(row, column) == first) {
            lines.push(
                (0..grid.height())
                    .map(|row| C::new(first, row, column))
                    .collect(),
            );
        }
    }
    Value::set(lines.into_iter().map(C::collect).collect())
}

fn frontiers([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid_with_rows(grid)?;
    Ok(with_cells!(grid, uniform_lines(grid)))
}

fn occurrences(meter: &mut Meter<'_>, [grid, obj]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid_with_rows(grid)?;
    if obj.is_tuple() {
        return Err(Failure::argument("expected a set of cells"));
    }
    let cells = arguments::object(obj)?;
    let size = cells.len();
    let patch = Patch::Cells(cells);
    let edges = patch.edges();
    let box_size = edges.map_or((0, 0), |edges| (edges.rows(), edges.columns()));
    let top_places = grid.height() as i64 + 1 - i64::from(box_size.0);
    let left_places = grid.width() as i64 + 1 - i64::from(box_size.1);
    if top_places <= 0 || left_places <= 0 {
        return Ok(Value::empty_set());
    }
    meter.claim_steps(i128::from(top_places) * i128::from(left_places) * size as i128)?;
    let pattern = offsets(grid, &patch);
    let mut found = Vec::new();
    for top in 0..top_places {
        for left in 0..left_places {
            let start = top as usize * grid.width() + left as usize;
            if pattern
                .iter()
                .all(|&(color, offset)| grid.cells()[start + offset] == color)
            {
                found.push((top as i32, left as i32));
            }
        }
    }
    Ok(ascending_locations(found.into_iter()))
}

/// The colours of a pattern with their distances, in places of a grid, from its upper left corner.
fn offsets(grid: &Grid, pattern: &Patch<'_>) -> Vec<(i8, usize)> {
    let (Patch::Cells(cells), Some(edges)) = (pattern, pattern.edges()) else {
        return Vec::new();
    };
    let offset = |cell: &Cell| {
        let down = (i32::from(cell.location.0) - edges.top) as usize;
        let right = (i32::from(cell.location.1) - edges.left) as usize;
        (cell.color, down * grid.width() + right)
    };
    cells.iter().map(offset).collect()
}

/// Returns the least distance along an axis by which a pattern repeats itself.
fn period(meter: &Meter<'_>, obj: &Value, axis: fn((i32, i32)) -> (i32, i32)) -> Outcome<Value> {
    let cells = arguments::object(obj)?;
    let mut pattern: Vec<(i8, i32, i32)> = cells
        .iter()
        .map(|cell| {
            let (along, across) = axis((cell.location.0.into(), cell.location.1.into()));
            (cell.color, along, across)
        })
        .collect();
    let alongs = || pattern.iter().map(|&(_, along, _)| along);
    let (Some(first), Some(last)) = (alongs().min(), alongs().max()) else {
        return Ok(Value::Int(0));
    };
    let length = last - first + 1;
    meter.claim_steps(i128::from(length) * cells.len() as i128)?;
    pattern.sort_unstable();
    pattern.dedup();
    let repeats = |distance: &i32| {
        // Both walks ascend, so that one pass finds whether the moved part lies in the pattern.
        let mut rest = pattern.iter();
        pattern
            .iter()
            .filter(|&&(_, along, _)| along - first >= *distance)
            .all(|&(color, along, across)| {
                rest.any(|&cell| cell == (color, along - distance, across))
            })
    };
    Ok(Value::Int(
        (1..length).find(repeats).unwrap_or(length).into(),
    ))
}

fn hperiod(meter: &mut Meter<'_>, [obj]: [&Value; 1]) -> Outcome<Value> {
    period(meter, obj, |(row, column)| (column, row))
}

fn vperiod(meter: &mut Meter<'_>, [obj]: [&Value; 1]) -> Outcome<Value> {
    period(meter, obj, |(row, column)| (row, column))
}

/// Requires a number for the flags of `objects`.
pub(super) fn object_flags(k: &Value) -> Outcome<i64> {
    let flags = arguments::number(k)?;
    if !(0..=7).contains(&flags) {
        return Err(Failure::argument("expected a number in 0..7"));
    }
    Ok(flags)
}

fn o_g([grid, k]: [&Value; 2]) -> Outcome<Value> {
    let flags = object_flags(k)?;
    let grid = arguments::grid_with_rows(grid)?;
    let found = find_objects(grid, flags & 4 != 0, flags & 2 != 0, flags & 1 != 0)?;
    Ok(Value::tuple(
        found.members().into_iter().flatten().collect(),
    ))
}
