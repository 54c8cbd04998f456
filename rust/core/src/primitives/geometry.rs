//! Primitives about where things are: edges, corners, lines, boxes, distances and mirrors.
//!
//! Rows count downwards and columns to the right; a location is (row, column).

use super::board::Board;
use super::lines::{all_locations, claim_box, frame, line};
use super::parts::ascending_locations;
use super::table::primitives;
use super::tables;
use super::turns;
use crate::arguments::{self, Extent, Patch};
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Location, Value};

primitives! {
    height(piece) = height;
    width(piece) = width;
    shape(piece) = shape;
    portrait(piece) = portrait;
    square(piece) = square;
    uppermost(patch) = uppermost;
    lowermost(patch) = lowermost;
    leftmost(patch) = leftmost;
    rightmost(patch) = rightmost;
    ulcorner(patch) = ulcorner;
    urcorner(patch) = urcorner;
    llcorner(patch) = llcorner;
    lrcorner(patch) = lrcorner;
    corners(patch) = corners;
    center(patch) = center;
    centerofmass(patch) = centerofmass;
    position(a, b) = position;
    vline(patch) = vline;
    hline(patch) = hline;
    hmatching(a, b) = hmatching;
    vmatching(a, b) = vmatching;
    manhattan(a, b) metered = manhattan;
    adjacent(a, b) = adjacent;
    bordering(patch, grid) = bordering;
    gravitate(source, destination) = gravitate;
    hmirror(piece) = hmirror;
    vmirror(piece) = vmirror;
    dmirror(piece) = dmirror;
    cmirror(piece) = cmirror;
    dneighbors(loc) = dneighbors;
    ineighbors(loc) = ineighbors;
    neighbors(loc) = neighbors;
    connect(a, b) metered = connect;
    shoot(start, direction) metered = shoot;
    vfrontier(location) = vfrontier;
    hfrontier(location) = hfrontier;
    backdrop(patch) metered = backdrop;
    delta(patch) metered = delta;
    box(patch) metered = outline;
    inbox(patch) metered = inbox;
    outbox(patch) metered = outbox;
}

/// How many cells a frontier has: the side of the largest ARC grid.
const FRONTIER_LENGTH: i32 = 30;
/// How far a shot and a fall go.
const REACH: i32 = 42;

/// Rows and columns from a cell to those that share an edge with it.
const DIRECT_STEPS: [(i32, i32); 4] = [(-1, 0), (0, -1), (0, 1), (1, 0)];
/// Rows and columns from a cell to those that share only a corner with it.
const DIAGONAL_STEPS: [(i32, i32); 4] = [(-1, -1), (-1, 1), (1, -1), (1, 1)];
/// Both of them.
const ALL_STEPS: [(i32, i32); 8] = [
    (-1, -1),
    (-1, 0),
    (-1, 1),
    (0, -1),
    (0, 1),
    (1, -1),
    (1, 0),
    (1, 1),
];

const NOT_EMPTY: Failure = Failure::argument("expected patches that are not empty");

/// Makes a pair.
fn pair(row: i32, column: i32) -> Value {
    Value::Pair(row, column)
}

/// The height of a tuple, or of the box around a patch.
pub(super) fn height_of(piece: &Value) -> Outcome<i64> {
    if piece.is_tuple() {
        return Ok(arguments::tuple(piece)?.len() as i64);
    }
    let edges = arguments::places(piece)?.edges();
    Ok(edges.map_or(0, |edges| edges.rows().into()))
}

/// The width of a tuple's first member, or of the box around a patch.
pub(super) fn width_of(piece: &Value) -> Outcome<i64> {
    match piece {
        Value::Grid(grid) => Ok(grid.width() as i64),
        piece if piece.is_tuple() => Ok(arguments::sides(piece)?.1 as i64),
        _ => {
            let edges = arguments::places(piece)?.edges();
            Ok(edges.map_or(0, |edges| edges.columns().into()))
        }
    }
}

/// Both of them.
pub(super) fn dimensions(piece: &Value) -> Outcome<(i64, i64)> {
    match set_edges(piece) {
        Some(edges) => Ok((edges.rows().into(), edges.columns().into())),
        None => Ok((height_of(piece)?, width_of(piece)?)),
    }
}

fn height([piece]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(height_of(piece)?))
}

fn width([piece]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(width_of(piece)?))
}

fn shape([piece]: [&Value; 1]) -> Outcome<Value> {
    let (rows, columns) = dimensions(piece)?;
    Ok(Value::pair(rows, columns))
}

fn portrait([piece]: [&Value; 1]) -> Outcome<Value> {
    let (rows, columns) = dimensions(piece)?;
    Ok(Value::Bool(rows > columns))
}

fn square([piece]: [&Value; 1]) -> Outcome<Value> {
    if piece.is_tuple() {
        let (height, width) = arguments::sides(piece)?;
        return Ok(Value::Bool(height == width));
    }
    let (rows, columns) = dimensions(piece)?;
    let size = arguments::container(piece)?.len();
    Ok(Value::Bool(
        rows == columns && rows * columns == size as i64,
    ))
}

pub(super) fn extent(patch: &Value) -> Outcome<Extent> {
    arguments::places(patch)?.extent()
}

fn uppermost([patch]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(extent(patch)?.top.into()))
}

fn lowermost([patch]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(extent(patch)?.bottom.into()))
}

fn leftmost([patch]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(extent(patch)?.left.into()))
}

fn rightmost([patch]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(extent(patch)?.right.into()))
}

/// The rows and the columns of a patch, or the columns of a table of numbers.
fn number_columns(patch: &Value) -> Outcome<Vec<Vec<i64>>> {
    let mut rows: Vec<Vec<i64>> = Vec::new();
    for place in arguments::container(&arguments::indices(patch)?)? {
        let numbers = arguments::container(&place)?.map(|part| arguments::number(&part));
        rows.push(numbers.collect::<Outcome<_>>()?);
    }
    let width = rows.iter().map(Vec::len).min().unwrap_or(0);
    let column = |place: usize| rows.iter().map(|row| row[place]).collect();
    Ok((0..width).map(column).collect())
}

type Pick = fn(&[i64]) -> i64;

fn least(numbers: &[i64]) -> i64 {
    numbers.iter().copied().min().unwrap_or(0)
}

fn greatest(numbers: &[i64]) -> i64 {
    numbers.iter().copied().max().unwrap_or(0)
}

/// Picks a number of each column; a corner that picks them in two ways has but two columns.
fn pick_each(patch: &Value, row: Pick, column: Pick, any_width: bool) -> Outcome<Value> {
    let columns = number_columns(patch)?;
    if columns.len() > 2 && !any_width {
        return Err(Failure::argument("expected a patch"));
    }
    let picks = std::iter::once(row).chain(std::iter::repeat(column));
    let picked = columns.iter().zip(picks);
    Ok(Value::tuple(
        picked
            .map(|(numbers, pick)| Value::Int(pick(numbers)))
            .collect(),
    ))
}

/// The edges of a set of locations or of cells, the kind of patch that most are.
fn set_edges(patch: &Value) -> Option<Extent> {
    match patch {
        Value::Indices(_) | Value::Object(_) => arguments::patch(patch).ok()?.edges(),
        _ => None,
    }
}

pub(super) fn ulcorner([patch]: [&Value; 1]) -> Outcome<Value> {
    match set_edges(patch) {
        Some(edges) => Ok(pair(edges.top, edges.left)),
        None => pick_each(patch, least, least, true),
    }
}

fn urcorner([patch]: [&Value; 1]) -> Outcome<Value> {
    match set_edges(patch) {
        Some(edges) => Ok(pair(edges.top, edges.right)),
        None => pick_each(patch, least, greatest, false),
    }
}

fn llcorner([patch]: [&Value; 1]) -> Outcome<Value> {
    match set_edges(patch) {
        Some(edges) => Ok(pair(edges.bottom, edges.left)),
        None => pick_each(patch, greatest, least, false),
    }
}

fn lrcorner([patch]: [&Value; 1]) -> Outcome<Value> {
    match set_edges(patch) {
        Some(edges) => Ok(pair(edges.bottom, edges.right)),
        None => pick_each(patch, greatest, greatest, true),
    }
}

fn corners([patch]: [&Value; 1]) -> Outcome<Value> {
    let all = [ulcorner, urcorner, llcorner, lrcorner].map(|corner| corner([patch]));
    Ok(Value::set(all.into_iter().collect::<Outcome<_>>()?))
}

/// The middle of a patch; a tuple is as high and wide as its members tell.
fn middle(patch: &Value) -> Outcome<(i64, i64)> {
    let (edges, (rows, columns)) = match set_edges(patch) {
        Some(edges) => (edges, (edges.rows().into(), edges.columns().into())),
        None => (extent(patch)?, dimensions(patch)?),
    };
    Ok((
        i64::from(edges.top) + rows / 2,
        i64::from(edges.left) + columns / 2,
    ))
}

fn center([patch]: [&Value; 1]) -> Outcome<Value> {
    let (row, column) = middle(patch)?;
    Ok(Value::pair(row, column))
}

fn centerofmass([patch]: [&Value; 1]) -> Outcome<Value> {
    let count = arguments::container(patch)?.len() as i64;
    let mean = |sum: i128| Value::Int(sum.div_euclid(count.into()) as i64);
    if let Value::Indices(_) | Value::Object(_) = patch {
        if count > 0 {
            let (mut rows, mut columns) = (0, 0);
            for &(row, column) in arguments::patch(patch)?.locations().iter() {
                rows += i128::from(row);
                columns += i128::from(column);
            }
            return Ok(Value::two(mean(rows), mean(columns)));
        }
    }
    let columns = number_columns(patch)?;
    let sum = |numbers: &Vec<i64>| mean(numbers.iter().map(|&number| i128::from(number)).sum());
    Ok(Value::tuple(columns.iter().map(sum).collect()))
}

/// The middle of the indices of a patch.
fn middle_of_indices(patch: &Value) -> Outcome<(i64, i64)> {
    match patch {
        Value::Indices(_) | Value::Object(_) => middle(patch),
        _ => middle(&arguments::indices(patch)?),
    }
}

fn position([a, b]: [&Value; 2]) -> Outcome<Value> {
    let (row, column) = middle_of_indices(a)?;
    let (goal_row, goal_column) = middle_of_indices(b)?;
    let down = (goal_row - row).signum();
    if down != 0 && column == goal_column {
        return Ok(Value::pair(down, 0));
    }
    Ok(Value::pair(down, if column < goal_column { 1 } else { -1 }))
}

fn vline([patch]: [&Value; 1]) -> Outcome<Value> {
    let (rows, columns) = dimensions(patch)?;
    let size = arguments::container(patch)?.len() as i64;
    Ok(Value::Bool(rows == size && columns == 1))
}

fn hline([patch]: [&Value; 1]) -> Outcome<Value> {
    let (rows, columns) = dimensions(patch)?;
    let size = arguments::container(patch)?.len() as i64;
    Ok(Value::Bool(columns == size && rows == 1))
}

/// Returns whether two patches have a coordinate in common: a row, or a column.
fn share(a: &Patch<'_>, b: &Patch<'_>, coordinate: fn(i32, i32) -> i32) -> bool {
    let project = |patch: &Patch<'_>| {
        let mut coordinates = Vec::with_capacity(patch.len());
        patch.for_each(|row, column| coordinates.push(coordinate(row, column)));
        coordinates.sort_unstable();
        coordinates
    };
    let (a, b) = (project(a), project(b));
    a.iter()
        .any(|coordinate| b.binary_search(coordinate).is_ok())
}

fn hmatching([a, b]: [&Value; 2]) -> Outcome<Value> {
    let (a, b) = (arguments::places(a)?, arguments::places(b)?);
    Ok(Value::Bool(share(&a, &b, |row, _| row)))
}

fn vmatching([a, b]: [&Value; 2]) -> Outcome<Value> {
    let (a, b) = (arguments::places(a)?, arguments::places(b)?);
    Ok(Value::Bool(share(&a, &b, |_, column| column)))
}

fn manhattan(meter: &mut Meter<'_>, [a, b]: [&Value; 2]) -> Outcome<Value> {
    let (a, b) = (arguments::places(a)?, arguments::places(b)?);
    if a.is_empty() || b.is_empty() {
        return Err(NOT_EMPTY);
    }
    meter.claim_steps(a.len() as i128 * b.len() as i128)?;
    let mut nearest = i32::MAX;
    a.for_each(|row, column| {
        b.for_each(|goal_row, goal_column| {
            nearest = nearest.min((row - goal_row).abs() + (column - goal_column).abs());
        });
    });
    Ok(Value::Int(nearest.into()))
}

/// Returns whether a patch, moved so far, touches the board along an edge without overlapping it.
fn touches(patch: &Patch<'_>, (down, right): (i32, i32), board: &Board) -> bool {
    let (mut overlaps, mut beside) = (false, false);
    patch.for_each(|row, column| {
        let (row, column) = (row + down, column + right);
        overlaps |= board.contains(row, column);
        beside |= DIRECT_STEPS
            .iter()
            .any(|&(i, j)| board.contains(row + i, column + j));
    });
    beside && !overlaps
}

fn adjacent([a, b]: [&Value; 2]) -> Outcome<Value> {
    let (a, b) = (arguments::places(a)?, arguments::places(b)?);
    let (Some(_), Some(edges)) = (a.edges(), b.edges()) else {
        return Err(NOT_EMPTY);
    };
    Ok(Value::Bool(touches(&a, (0, 0), &Board::new(&b, edges))))
}

fn bordering([patch, grid]: [&Value; 2]) -> Outcome<Value> {
    let edges = extent(patch)?;
    let ends_with = |edge: i32, length: usize| i64::from(edge) == length as i64 - 1;
    Ok(Value::Bool(
        edges.top == 0
            || edges.left == 0
            || ends_with(edges.bottom, arguments::container(grid)?.len())
            || ends_with(edges.right, arguments::sides(grid)?.1),
    ))
}

fn gravitate([source, destination]: [&Value; 2]) -> Outcome<Value> {
    let ((row, column), (goal_row, goal_column)) = (middle(source)?, middle(destination)?);
    let (source, destination) = (arguments::places(source)?, arguments::places(destination)?);
    let (down, right) = if share(&source, &destination, |_, column| column) {
        (if row < goal_row { 1 } else { -1 }, 0)
    } else {
        (0, if column < goal_column { 1 } else { -1 })
    };
    let board = Board::new(&destination, destination.extent()?);
    let steps = (0..REACH)
        .find(|steps| touches(&source, (steps * down, steps * right), &board))
        .unwrap_or(REACH);
    Ok(pair(steps * down, steps * right))
}

/// The mirrors of a grid or a patch: upside down, left to right, and at either diagonal.
pub(super) const MIRRORS: [Mirror; 4] = [hmirror, vmirror, dmirror, cmirror];

/// A kernel of one argument.
pub(super) type Mirror = fn([&Value; 1]) -> Outcome<Value>;

/// Moves every location of a set, whose cells may have any value as their colour.
pub(super) fn relocate(
    patch: &Value,
    place: impl Fn(Extent, i32, i32) -> (i32, i32),
) -> Outcome<Value> {
    let edges = extent(patch)?;
    let place = |row, column| place(edges, row, column);
    if let Ok(typed) = arguments::patch(patch) {
        return Ok(typed.relocate(place));
    }
    let moved = |(value, (row, column)): (Value, Location)| {
        let (row, column) = place(row.into(), column.into());
        Value::two(value, pair(row, column))
    };
    let cells = arguments::cells(patch)?;
    Ok(Value::set(cells.into_iter().map(moved).collect()))
}

fn hmirror([piece]: [&Value; 1]) -> Outcome<Value> {
    match piece {
        Value::Grid(grid) => Ok(turns::flip_rows(grid)),
        _ if piece.is_tuple() => tables::hmirror(piece),
        _ => relocate(piece, |edges, row, column| {
            (edges.top + edges.bottom - row, column)
        }),
    }
}

fn vmirror([piece]: [&Value; 1]) -> Outcome<Value> {
    match piece {
        Value::Grid(grid) => Ok(turns::flip_columns(grid)),
        _ if piece.is_tuple() => tables::vmirror(piece),
        _ => relocate(piece, |edges, row, column| {
            (row, edges.left + edges.right - column)
        }),
    }
}

fn dmirror([piece]: [&Value; 1]) -> Outcome<Value> {
    match piece {
        Value::Grid(grid) => Ok(turns::transpose(grid)),
        _ if piece.is_tuple() => tables::dmirror(piece),
        _ => relocate(piece, |Extent { top, left, .. }, row, column| {
            (top + column - left, left + row - top)
        }),
    }
}

fn cmirror([piece]: [&Value; 1]) -> Outcome<Value> {
    match piece {
        Value::Grid(grid) => Ok(turns::transpose_backwards(grid)),
        _ if piece.is_tuple() => tables::cmirror(piece),
        _ => relocate(piece, |edges, row, column| {
            (
                edges.top + edges.right - column,
                edges.left + edges.bottom - row,
            )
        }),
    }
}

/// Makes the set of the locations that are ascending steps away from one.
fn around(loc: &Value, steps: &[(i32, i32)]) -> Outcome<Value> {
    let (row, column) = arguments::start(loc)?;
    Ok(ascending_locations(
        steps
            .iter()
            .map(|(down, right)| (row + down, column + right)),
    ))
}

fn dneighbors([loc]: [&Value; 1]) -> Outcome<Value> {
    around(loc, &DIRECT_STEPS)
}

fn ineighbors([loc]: [&Value; 1]) -> Outcome<Value> {
    around(loc, &DIAGONAL_STEPS)
}

fn neighbors([loc]: [&Value; 1]) -> Outcome<Value> {
    around(loc, &ALL_STEPS)
}

fn connect(meter: &mut Meter<'_>, [a, b]: [&Value; 2]) -> Outcome<Value> {
    line(meter, arguments::location(a)?, arguments::location(b)?)
}

fn shoot(meter: &mut Meter<'_>, [start, direction]: [&Value; 2]) -> Outcome<Value> {
    let (row, column) = arguments::location(start)?;
    let (down, right) = arguments::start(direction)?;
    line(
        meter,
        (row, column),
        (row + REACH * down, column + REACH * right),
    )
}

fn vfrontier([location]: [&Value; 1]) -> Outcome<Value> {
    if let Some((_, column)) = location.location() {
        let rows = 0..FRONTIER_LENGTH;
        return Ok(ascending_locations(rows.map(|row| (row, column.into()))));
    }
    let (_, column) = arguments::first_two(location)?;
    let places = (0..FRONTIER_LENGTH).map(|row| Value::two(Value::Int(row.into()), column.clone()));
    Ok(Value::ascending_set(places.collect()))
}

fn hfrontier([location]: [&Value; 1]) -> Outcome<Value> {
    if let Some((row, _)) = location.location() {
        let columns = 0..FRONTIER_LENGTH;
        let places = columns.map(|column| (row.into(), column));
        return Ok(ascending_locations(places));
    }
    let (row, _) = arguments::first_two(location)?;
    let places =
        (0..FRONTIER_LENGTH).map(|column| Value::two(row.clone(), Value::from(i64::from(column))));
    Ok(Value::ascending_set(places.collect()))
}

fn backdrop(meter: &mut Meter<'_>, [patch]: [&Value; 1]) -> Outcome<Value> {
    let Some(edges) = arguments::places(patch)?.edges() else {
        return Ok(Value::empty_set());
    };
    claim_box(meter, edges)?;
    Ok(ascending_locations(all_locations(edges)))
}

fn delta(meter: &mut Meter<'_>, [patch]: [&Value; 1]) -> Outcome<Value> {
    let places = arguments::places(patch)?;
    let Some(edges) = places.edges() else {
        return Ok(Value::empty_set());
    };
    claim_box(meter, edges)?;
    if patch.is_tuple() && !arguments::consists_of_cells(patch)? {
        return Err(Failure::argument("expected a set"));
    }
    let taken = Board::new(&places, edges);
    let free = all_locations(edges).filter(|&(row, column)| !taken.contains(row, column));
    Ok(ascending_locations(free))
}

fn outline(meter: &mut Meter<'_>, [patch]: [&Value; 1]) -> Outcome<Value> {
    match arguments::places(patch)?.edges() {
        Some(edges) => frame(meter, edges),
        None => Ok(patch.clone()),
    }
}

fn inbox(meter: &mut Meter<'_>, [patch]: [&Value; 1]) -> Outcome<Value> {
    let Extent {
        top,
        left,
        bottom,
        right,
    } = extent(patch)?;
    let ascending = |a: i32, b: i32| (a.min(b), a.max(b));
    let (top, bottom) = ascending(top + 1, bottom - 1);
    let (left, right) = ascending(left + 1, right - 1);
    frame(
        meter,
        Extent {
            top,
            left,
            bottom,
            right,
        },
    )
}

fn outbox(meter: &mut Meter<'_>, [patch]: [&Value; 1]) -> Outcome<Value> {
    let Extent {
        top,
        left,
        bottom,
        right,
    } = extent(patch)?;
    frame(
        meter,
        Extent {
            top: top - 1,
            left: left - 1,
            bottom: bottom + 1,
            right: right + 1,
        },
    )
}
