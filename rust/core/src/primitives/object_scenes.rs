//! Grids taken apart into objects, and the numbers that conditions read off each of them.

use super::connected_components::{at_edge, edges, Rectangle};
use super::parts::{labelled, Connection};
use crate::failure::{Failure, Outcome};
use crate::value::Grid;

/// How many objects a grid has, at most.
pub(crate) const OBJECTS_MAX: usize = 100;
/// How many cells a grid has, at most.
const CELLS_MAX: usize = 4096;

/// The ways to take a grid apart, by the primitives that stand for them.
pub(crate) const PARTITIONS: [&str; 8] = [
    "part_pictures",
    "objects",
    "group_pictures",
    "fgpartition",
    "enclosed",
    "hfrontier",
    "vfrontier",
    "compartments",
];

/// The numbers that an object has, by the primitives that stand for them.
pub(crate) const PROPERTIES: [&str; 29] = [
    "size",
    "height",
    "width",
    "color",
    "numcolors",
    "uppermost",
    "lowermost",
    "leftmost",
    "rightmost",
    "bordering",
    "delta",
    "holes",
    "hmirror",
    "vmirror",
    "dmirror",
    "portrait",
    "square",
    "shape",
    "free_shape",
    "normalize",
    "adjacent",
    "contained",
    "inbox",
    "hmatching",
    "vmatching",
    "colorcount",
    "manhattan",
    "palette",
    "cell_count",
];
/// The places of the properties that are numbers of kinds, which are only equal or not.
pub(crate) const KINDS: [usize; 5] = [3, 17, 18, 19, 27];
pub(crate) const COLOR: usize = 3;
/// The places of the properties that are 0 or 1.
pub(crate) const FLAGS: [usize; 6] = [9, 12, 13, 14, 15, 16];

/// What a condition makes of a property, by the primitives that stand for it: how many different
/// values are greater, how many are less, how many objects have the same, and the rest by two.
pub(crate) const COMPARISONS: [&str; 4] = ["maximum", "minimum", "mostcommon", "even"];

/// A number that is read off an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Feature {
    /// A property as it is.
    Plain(usize),
    /// A comparison of a property, by the places of both.
    Compared(usize, usize),
    /// Whether the object has a colour.
    Has(i8),
    /// Whether a cell of a colour touches the object.
    Touches(i8),
}

/// An object of a grid.
pub(crate) struct Thing {
    /// The places of its cells, ascending.
    pub(crate) places: Vec<usize>,
    /// The box around it.
    pub(crate) edges: Rectangle,
    /// Its most common colour other than the background, the lowest of several.
    pub(crate) color: i8,
    /// Its properties, in order.
    pub(crate) numbers: [i64; PROPERTIES.len()],
}

/// A grid taken apart.
pub(crate) struct Scene<'a> {
    pub(crate) grid: &'a Grid,
    pub(crate) background: i8,
    /// The objects, by their first cell.
    pub(crate) things: Vec<Thing>,
    /// The object of each cell, if it has one.
    pub(crate) owners: Vec<Option<usize>>,
}

fn split(grid: &Grid, background: i8, partition: usize) -> Vec<Vec<usize>> {
    let (height, width) = (grid.height(), grid.width());
    let connected = |one_color, diagonal| {
        let background = Some(background);
        let connection = Connection {
            one_color,
            diagonal,
            background,
        };
        labelled(grid, &connection, |_, row, column| row * width + column)
    };
    match partition {
        0 => connected(true, false),
        1 => connected(true, true),
        2 => connected(false, true),
        3 => {
            let mut found: Vec<(i8, Vec<usize>)> = Vec::new();
            for (place, &color) in grid.cells().iter().enumerate() {
                if color == background {
                    continue;
                }
                match found.iter_mut().find(|(other, _)| *other == color) {
                    Some((_, places)) => places.push(place),
                    None => found.push((color, vec![place])),
                }
            }
            found.into_iter().map(|(_, places)| places).collect()
        }
        4 => {
            let connection = Connection {
                one_color: true,
                diagonal: false,
                background: None,
            };
            let mut all = labelled(grid, &connection, |_, row, column| row * width + column);
            all.retain(|places| grid.cells()[places[0]] == background);
            all
        }
        5 => (0..height)
            .map(|row| (row * width..(row + 1) * width).collect())
            .collect(),
        6 => (0..width)
            .map(|column| (0..height).map(|row| row * width + column).collect())
            .collect(),
        _ => compartments(grid),
    }
}

/// Finds the rectangles between the rows and columns of the one colour that crosses the grid.
fn compartments(grid: &Grid) -> Vec<Vec<usize>> {
    let (height, width) = (grid.height(), grid.width());
    let one_color = |mut places: Box<dyn Iterator<Item = i8> + '_>| {
        let first = places.next()?;
        places.all(|color| color == first).then_some(first)
    };
    let rows: Vec<Option<i8>> = (0..height)
        .map(|row| one_color(Box::new(grid.row(row).iter().copied())))
        .collect();
    let columns: Vec<Option<i8>> = (0..width)
        .map(|column| one_color(Box::new((0..height).map(move |row| grid.at(row, column)))))
        .collect();
    // The colour that lines have most often, the lowest of several; 0 separates nothing.
    let count = |color: i8| {
        let lines = rows.iter().chain(&columns);
        lines.filter(|&&line| line == Some(color)).count()
    };
    let Some(line) = (1..10)
        .filter(|&color| count(color) > 0)
        .max_by_key(|&color| (count(color), -color))
    else {
        return Vec::new();
    };
    let runs = |lines: &[Option<i8>]| {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (place, _) in lines
            .iter()
            .enumerate()
            .filter(|(_, &color)| color != Some(line))
        {
            match found.last_mut() {
                Some((_, end)) if *end == place => *end += 1,
                _ => found.push((place, place + 1)),
            }
        }
        found
    };
    let across = runs(&columns);
    let mut found = Vec::new();
    for (top, bottom) in runs(&rows) {
        for &(left, right) in &across {
            let rows = top..bottom;
            found.push(
                rows.flat_map(|row| (left..right).map(move |column| row * width + column))
                    .collect(),
            );
        }
    }
    found
}

/// Returns the most common of some colours, the lowest of several.
pub(crate) fn most_common(colors: impl Iterator<Item = i8>) -> Option<i8> {
    let mut counts = [0_u32; 256];
    colors.for_each(|color| counts[usize::from(color as u8)] += 1);
    (i8::MIN..=i8::MAX)
        .filter(|&color| counts[usize::from(color as u8)] > 0)
        .max_by_key(|&color| (counts[usize::from(color as u8)], std::cmp::Reverse(color)))
}

impl<'a> Scene<'a> {
    /// Takes a grid apart.
    pub(crate) fn new(grid: &'a Grid, background: i8, partition: usize) -> Outcome<Self> {
        if grid.cells().is_empty() || grid.cells().len() > CELLS_MAX {
            return Err(Failure::argument("expected a grid of 1 to 4096 cells"));
        }
        let found = split(grid, background, partition);
        if found.len() > OBJECTS_MAX {
            return Err(Failure::argument("expected a grid of up to 100 objects"));
        }
        let mut owners = vec![None; grid.cells().len()];
        for (number, places) in found.iter().enumerate() {
            for &place in places {
                owners[place] = Some(number);
            }
        }
        let things = found.into_iter().map(|places| Thing {
            edges: edges(grid, &places),
            color: {
                let colors = places.iter().map(|&place| grid.cells()[place]);
                most_common(colors.filter(|&color| color != background)).unwrap_or(background)
            },
            places,
            numbers: [0; PROPERTIES.len()],
        });
        let mut scene = Self {
            grid,
            background,
            things: things.collect(),
            owners,
        };
        scene.measure();
        Ok(scene)
    }

    /// The place of a row and a column, if it is inside the grid.
    pub(crate) fn place(&self, row: i32, column: i32) -> Option<usize> {
        let (row, column) = (usize::try_from(row).ok()?, usize::try_from(column).ok()?);
        (row < self.grid.height() && column < self.grid.width())
            .then(|| row * self.grid.width() + column)
    }

    /// The row and the column of a place.
    pub(crate) fn location(&self, place: usize) -> (i32, i32) {
        let width = self.grid.width();
        ((place / width) as i32, (place % width) as i32)
    }

    /// Lists the cells that share an edge with an object and do not belong to it.
    pub(crate) fn beside(&self, number: usize) -> Vec<usize> {
        let mut found = Vec::new();
        for &place in &self.things[number].places {
            let (row, column) = self.location(place);
            for (down, right) in [(-1, 0), (0, -1), (0, 1), (1, 0)] {
                if let Some(other) = self.place(row + down, column + right) {
                    if self.owners[other] != Some(number) {
                        found.push(other);
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Lists the cells of an object relative to its box, turned, with their colours, ascending.
    fn turned(&self, number: usize, turn: usize) -> Vec<(i32, i32, i8)> {
        let thing = &self.things[number];
        let (height, width) = (thing.edges.height() as i32, thing.edges.width() as i32);
        let mut cells: Vec<(i32, i32, i8)> = thing
            .places
            .iter()
            .map(|&place| {
                let (row, column) = self.location(place);
                let (row, column) = turned(
                    (
                        row - thing.edges.top as i32,
                        column - thing.edges.left as i32,
                    ),
                    (height, width),
                    turn,
                );
                (row, column, self.grid.cells()[place])
            })
            .collect();
        cells.sort_unstable();
        cells
    }

    /// Counts the regions inside an object's box that are not of it and don't reach the box's edge.
    pub(crate) fn holes(&self, number: usize) -> Vec<Vec<usize>> {
        let edges = self.things[number].edges;
        let width = self.grid.width();
        let mut seen = vec![false; edges.area()];
        let mut found = Vec::new();
        let own = |row: usize, column: usize| {
            self.owners[(row + edges.top) * width + column + edges.left] == Some(number)
        };
        for start in 0..edges.area() {
            let (row, column) = (start / edges.width(), start % edges.width());
            if seen[start] || own(row, column) {
                continue;
            }
            seen[start] = true;
            let (mut open, mut region, mut closed) = (vec![(row, column)], Vec::new(), true);
            while let Some((row, column)) = open.pop() {
                region.push((row + edges.top) * width + column + edges.left);
                if row == 0
                    || column == 0
                    || row + 1 == edges.height()
                    || column + 1 == edges.width()
                {
                    closed = false;
                }
                for (down, right) in [(-1_isize, 0_isize), (0, -1), (0, 1), (1, 0)] {
                    let row = row.wrapping_add_signed(down);
                    let column = column.wrapping_add_signed(right);
                    if row < edges.height() && column < edges.width() {
                        let place = row * edges.width() + column;
                        if !seen[place] && !own(row, column) {
                            seen[place] = true;
                            open.push((row, column));
                        }
                    }
                }
            }
            if closed {
                region.sort_unstable();
                found.push(region);
            }
        }
        found
    }

    /// How many rows and columns lie between two boxes.
    pub(crate) fn distance(&self, one: usize, other: usize) -> i64 {
        let (one, other) = (self.things[one].edges, self.things[other].edges);
        let gap = |low: usize, high: usize, from: usize, to: usize| {
            (from as i64 - high as i64)
                .max(low as i64 - to as i64)
                .max(0)
        };
        gap(one.top, one.bottom, other.top, other.bottom)
            + gap(one.left, one.right, other.left, other.right)
    }

    /// Returns whether one object's box lies in another's.
    pub(crate) fn is_inside(&self, inner: usize, outer: usize) -> bool {
        let (inner, outer) = (self.things[inner].edges, self.things[outer].edges);
        outer.top <= inner.top
            && inner.bottom <= outer.bottom
            && outer.left <= inner.left
            && inner.right <= outer.right
    }

    pub(crate) fn share_rows(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.things[one].edges, self.things[other].edges);
        one.top <= other.bottom && other.top <= one.bottom
    }

    pub(crate) fn share_columns(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.things[one].edges, self.things[other].edges);
        one.left <= other.right && other.left <= one.right
    }

    fn measure(&mut self) {
        let count = self.things.len();
        let plain: Vec<Vec<(i32, i32, i8)>> =
            (0..count).map(|number| self.turned(number, 0)).collect();
        let without = |cells: &[(i32, i32, i8)]| -> Vec<(i32, i32)> {
            cells.iter().map(|cell| (cell.0, cell.1)).collect()
        };
        let shapes: Vec<Vec<(i32, i32)>> = plain.iter().map(|cells| without(cells)).collect();
        let mut free: Vec<Vec<(i32, i32)>> = Vec::with_capacity(count);
        let mut palettes: Vec<Vec<i8>> = Vec::with_capacity(count);
        for (number, cells) in plain.iter().enumerate() {
            let turns = (0..8).map(|turn| without(&self.turned(number, turn)));
            free.push(turns.min().unwrap_or_default());
            let mut colors: Vec<i8> = cells.iter().map(|cell| cell.2).collect();
            colors.sort_unstable();
            colors.dedup();
            palettes.push(colors);
        }
        let all: Vec<[i64; PROPERTIES.len()]> = (0..count)
            .map(|number| {
                let thing = &self.things[number];
                let edges = thing.edges;
                let (height, width) = (edges.height() as i64, edges.width() as i64);
                let size = thing.places.len() as i64;
                let others = || (0..count).filter(|&other| other != number);
                let mut touching: Vec<usize> = self
                    .beside(number)
                    .iter()
                    .filter_map(|&place| self.owners[place])
                    .collect();
                touching.sort_unstable();
                touching.dedup();
                let same = |turn: usize| i64::from(self.turned(number, turn) == plain[number]);
                let kind = |equal: &dyn Fn(usize) -> bool| {
                    (0..=number).find(|&other| equal(other)).unwrap_or(number) as i64
                };
                let of_color = |test: &dyn Fn(usize) -> bool| {
                    others()
                        .filter(|&other| self.things[other].color == thing.color && test(other))
                        .count() as i64
                };
                let main = plain[number]
                    .iter()
                    .filter(|cell| cell.2 == thing.color)
                    .count() as i64;
                [
                    size,
                    height,
                    width,
                    thing.color.into(),
                    palettes[number].len() as i64,
                    edges.top as i64,
                    edges.bottom as i64,
                    edges.left as i64,
                    edges.right as i64,
                    i64::from(at_edge(self.grid, &thing.places)),
                    height * width - size,
                    self.holes(number).len() as i64,
                    same(1),
                    same(2),
                    same(4),
                    i64::from(height > width),
                    i64::from(height == width),
                    kind(&|other| shapes[other] == shapes[number]),
                    kind(&|other| free[other] == free[number]),
                    kind(&|other| plain[other] == plain[number]),
                    touching.len() as i64,
                    others()
                        .filter(|&other| self.is_inside(other, number))
                        .count() as i64,
                    others()
                        .filter(|&other| self.is_inside(number, other))
                        .count() as i64,
                    of_color(&|other| self.share_rows(number, other)),
                    of_color(&|other| self.share_columns(number, other)),
                    size - main,
                    others()
                        .map(|other| self.distance(number, other))
                        .min()
                        .unwrap_or(0),
                    kind(&|other| palettes[other] == palettes[number]),
                    plain[number]
                        .iter()
                        .filter(|cell| cell.2 != self.background)
                        .count() as i64,
                ]
            })
            .collect();
        for (thing, numbers) in self.things.iter_mut().zip(all) {
            thing.numbers = numbers;
        }
    }

    /// Reads a feature off every object.
    pub(crate) fn read(&self, feature: Feature) -> Vec<i64> {
        let values = |property: usize| {
            let things = self.things.iter();
            things
                .map(|thing| thing.numbers[property])
                .collect::<Vec<i64>>()
        };
        match feature {
            Feature::Plain(property) => values(property),
            Feature::Compared(comparison, property) => {
                let values = values(property);
                let mut distinct = values.clone();
                distinct.sort_unstable();
                distinct.dedup();
                let compare = |value: &i64| -> i64 {
                    let below = distinct.partition_point(|other| other < value);
                    match comparison {
                        0 => (distinct.len() - 1 - below) as i64,
                        1 => below as i64,
                        2 => values.iter().filter(|other| *other == value).count() as i64,
                        _ => value.rem_euclid(2),
                    }
                };
                values.iter().map(compare).collect()
            }
            Feature::Has(color) => self
                .things
                .iter()
                .map(|thing| {
                    let mut cells = thing.places.iter();
                    i64::from(cells.any(|&place| self.grid.cells()[place] == color))
                })
                .collect(),
            Feature::Touches(color) => (0..self.things.len())
                .map(|number| {
                    let beside = self.beside(number);
                    i64::from(
                        beside
                            .iter()
                            .any(|&place| self.grid.cells()[place] == color),
                    )
                })
                .collect(),
        }
    }
}

/// Turns a location in a box of a height and a width; all eight turns, as `mir_rot` numbers them
/// up to order: 0 none, 1 top to bottom, 2 left to right, 3 both, 4 to 7 the same after swapping
/// rows and columns.
pub(crate) fn turned(
    (row, column): (i32, i32),
    (height, width): (i32, i32),
    turn: usize,
) -> (i32, i32) {
    let (row, column, height, width) = if turn >= 4 {
        (column, row, width, height)
    } else {
        (row, column, height, width)
    };
    (
        if turn & 1 == 1 { height - 1 - row } else { row },
        if turn & 2 == 2 {
            width - 1 - column
        } else {
            column
        },
    )
}
