//! Primitives about where things are: edges, corners, lines, boxes, distances and mirrors.
//!
//! Rows count downwards and columns to the right; a location is (row, column).

use super::board::Board;
use super::lines::{all_locations, claim_box, frame, line};
use super::parts::ascending_locations;
use super::table::primitives;
use super::turns;
use crate::arguments::{self, Extent, Patch, Piece};
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::Value;

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

fn dimensions(piece: &Value) -> Outcome<(i64, i64)> {
    Ok(match arguments::piece(piece)? {
        Piece::Grid(grid) => (grid.height() as i64, grid.width() as i64),
        Piece::Patch(patch) => patch.edges().map_or((0, 0), |edges| {
            (edges.rows().into(), edges.columns().into())
        }),
    })
}

fn height([piece]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(dimensions(piece)?.0))
}

fn width([piece]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(dimensions(piece)?.1))
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
        let grid = arguments::rows(piece)?;
        return Ok(Value::Bool(grid.height() == grid.width()));
    }
    let patch = arguments::patch(piece)?;
    let (rows, columns) = dimensions(piece)?;
    Ok(Value::Bool(
        rows == columns && rows * columns == patch.len() as i64,
    ))
}

fn extent(patch: &Value) -> Outcome<Extent> {
    arguments::patch(patch)?.extent()
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

/// Picks a corner of a patch's box; the empty tuple if there is none.
fn corner(patch: &Value, pick: fn(Extent) -> (i32, i32)) -> Outcome<Value> {
    let edges = arguments::patch(patch)?.edges();
    Ok(edges
        .map(pick)
        .map_or_else(Value::empty_tuple, |(row, column)| pair(row, column)))
}

fn ulcorner([patch]: [&Value; 1]) -> Outcome<Value> {
    corner(patch, |edges| (edges.top, edges.left))
}

fn urcorner([patch]: [&Value; 1]) -> Outcome<Value> {
    corner(patch, |edges| (edges.top, edges.right))
}

fn llcorner([patch]: [&Value; 1]) -> Outcome<Value> {
    corner(patch, |edges| (edges.bottom, edges.left))
}

fn lrcorner([patch]: [&Value; 1]) -> Outcome<Value> {
    corner(patch, |edges| (edges.bottom, edges.right))
}

fn corners([patch]: [&Value; 1]) -> Outcome<Value> {
    Ok(match arguments::patch(patch)?.edges() {
        None => Value::set(vec![Value::empty_tuple()]),
        Some(Extent {
            top,
            left,
            bottom,
            right,
        }) => {
            let corners = [(top, left), (top, right), (bottom, left), (bottom, right)];
            // The edges of a patch are coordinates of 16 bits.
            Value::indices(
                corners
                    .map(|(row, column)| (row as i16, column as i16))
                    .into(),
            )
        }
    })
}

pub(super) fn middle(patch: &Value) -> Outcome<(i32, i32)> {
    let edges = extent(patch)?;
    Ok((
        edges.top + edges.rows() / 2,
        edges.left + edges.columns() / 2,
    ))
}

fn center([patch]: [&Value; 1]) -> Outcome<Value> {
    let (row, column) = middle(patch)?;
    Ok(pair(row, column))
}

fn centerofmass([patch]: [&Value; 1]) -> Outcome<Value> {
    let patch = arguments::patch(patch)?;
    if patch.is_empty() {
        return Ok(Value::empty_tuple());
    }
    let (mut rows, mut columns) = (0_i64, 0_i64);
    for &(row, column) in patch.locations().iter() {
        rows += i64::from(row);
        columns += i64::from(column);
    }
    let count = patch.len() as i64;
    Ok(Value::pair(
        rows.div_euclid(count),
        columns.div_euclid(count),
    ))
}

fn position([a, b]: [&Value; 2]) -> Outcome<Value> {
    let ((row, column), (goal_row, goal_column)) = (middle(a)?, middle(b)?);
    let down = (goal_row - row).signum();
    if down != 0 && column == goal_column {
        return Ok(pair(down, 0));
    }
    Ok(pair(down, if column < goal_column { 1 } else { -1 }))
}

fn is_line(patch: &Value, tell: fn(Extent, usize) -> bool) -> Outcome<Value> {
    let patch = arguments::patch(patch)?;
    Ok(Value::Bool(
        patch.edges().is_some_and(|edges| tell(edges, patch.len())),
    ))
}

fn vline([patch]: [&Value; 1]) -> Outcome<Value> {
    is_line(patch, |edges, size| {
        edges.columns() == 1 && edges.rows() as usize == size
    })
}

fn hline([patch]: [&Value; 1]) -> Outcome<Value> {
    is_line(patch, |edges, size| {
        edges.rows() == 1 && edges.columns() as usize == size
    })
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
    let (a, b) = (arguments::patch(a)?, arguments::patch(b)?);
    Ok(Value::Bool(share(&a, &b, |row, _| row)))
}

fn vmatching([a, b]: [&Value; 2]) -> Outcome<Value> {
    let (a, b) = (arguments::patch(a)?, arguments::patch(b)?);
    Ok(Value::Bool(share(&a, &b, |_, column| column)))
}

fn manhattan(meter: &mut Meter<'_>, [a, b]: [&Value; 2]) -> Outcome<Value> {
    let (a, b) = (arguments::patch(a)?, arguments::patch(b)?);
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
    let (a, b) = (arguments::patch(a)?, arguments::patch(b)?);
    let (Some(_), Some(edges)) = (a.edges(), b.edges()) else {
        return Err(NOT_EMPTY);
    };
    Ok(Value::Bool(touches(&a, (0, 0), &Board::new(&b, edges))))
}

fn bordering([patch, grid]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::rows(grid)?;
    let edges = extent(patch)?;
    let borders = edges.top == 0
        || edges.left == 0
        || i64::from(edges.bottom) == grid.height() as i64 - 1
        || i64::from(edges.right) == grid.width() as i64 - 1;
    Ok(Value::Bool(borders))
}

fn gravitate([source, destination]: [&Value; 2]) -> Outcome<Value> {
    let ((row, column), (goal_row, goal_column)) = (middle(source)?, middle(destination)?);
    let (source, destination) = (arguments::patch(source)?, arguments::patch(destination)?);
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

fn hmirror([piece]: [&Value; 1]) -> Outcome<Value> {
    match arguments::piece(piece)? {
        Piece::Grid(grid) => Ok(turns::flip_rows(grid)),
        Piece::Patch(patch) => {
            let edges = patch.extent()?;
            Ok(patch.relocate(|row, column| (edges.top + edges.bottom - row, column)))
        }
    }
}

fn vmirror([piece]: [&Value; 1]) -> Outcome<Value> {
    match arguments::piece(piece)? {
        Piece::Grid(grid) => Ok(turns::flip_columns(grid)),
        Piece::Patch(patch) => {
            let edges = patch.extent()?;
            Ok(patch.relocate(|row, column| (row, edges.left + edges.right - column)))
        }
    }
}

fn dmirror([piece]: [&Value; 1]) -> Outcome<Value> {
    match arguments::piece(piece)? {
        Piece::Grid(grid) => Ok(turns::transpose(grid)),
        Piece::Patch(patch) => {
            let Extent { top, left, .. } = patch.extent()?;
            Ok(patch.relocate(|row, column| (top + column - left, left + row - top)))
        }
    }
}

fn cmirror([piece]: [&Value; 1]) -> Outcome<Value> {
    match arguments::piece(piece)? {
        Piece::Grid(grid) => Ok(turns::transpose_backwards(grid)),
        Piece::Patch(patch) => {
            let Extent {
                top,
                left,
                bottom,
                right,
            } = patch.extent()?;
            Ok(patch.relocate(|row, column| (top + right - column, left + bottom - row)))
        }
    }
}

/// Makes the set of the locations that are ascending steps away from one.
fn around(loc: &Value, steps: &[(i32, i32)]) -> Outcome<Value> {
    let (row, column) = arguments::location(loc)?;
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
    let (down, right) = arguments::location(direction)?;
    line(
        meter,
        (row, column),
        (row + REACH * down, column + REACH * right),
    )
}

fn vfrontier([location]: [&Value; 1]) -> Outcome<Value> {
    let (_, column) = arguments::location(location)?;
    Ok(ascending_locations(
        (0..FRONTIER_LENGTH).map(|row| (row, column)),
    ))
}

fn hfrontier([location]: [&Value; 1]) -> Outcome<Value> {
    let (row, _) = arguments::location(location)?;
    Ok(ascending_locations(
        (0..FRONTIER_LENGTH).map(|column| (row, column)),
    ))
}

fn backdrop(meter: &mut Meter<'_>, [patch]: [&Value; 1]) -> Outcome<Value> {
    let Some(edges) = arguments::patch(patch)?.edges() else {
        return Ok(Value::empty_set());
    };
    claim_box(meter, edges)?;
    Ok(ascending_locations(all_locations(edges)))
}

fn delta(meter: &mut Meter<'_>, [patch]: [&Value; 1]) -> Outcome<Value> {
    let patch = arguments::patch(patch)?;
    let Some(edges) = patch.edges() else {
        return Ok(Value::empty_set());
    };
    claim_box(meter, edges)?;
    let taken = Board::new(&patch, edges);
    let free = all_locations(edges).filter(|&(row, column)| !taken.contains(row, column));
    Ok(ascending_locations(free))
}

fn outline(meter: &mut Meter<'_>, [patch]: [&Value; 1]) -> Outcome<Value> {
    match arguments::patch(patch)?.edges() {
        Some(edges) => frame(meter, edges),
        None => Ok(Value::empty_set()),
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
