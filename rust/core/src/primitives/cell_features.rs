//! What a cell of a grid is like: numbers and colours from which a rule about cells is learnt.
//!
//! A cell of colour 0 is empty, all others are coloured. Each list has one entry per cell, row by
//! row.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::connected_components::{at_edge, bodies, edges, groups, parts, Region};
use super::counts::{most_common, Counts};
use super::measures::{count_holes, lattice};
use super::shapes_fields::{Field, Step, ALL_STEPS, DIAGONAL_STEPS, DIRECT_STEPS};
use crate::failure::Outcome;
use crate::meter::Meter;
use crate::value::Grid;

/// What lies beyond the edge, or on the other side of a mirror that the grid does not have.
const OUTSIDE: i32 = -1;
/// Parts of more cells are known by their number of cells alone.
const SHAPE_CELLS: usize = 40;

pub(super) type Feature = Vec<i32>;
/// Rows and columns of a region's cells, ascending, moved to row 0 and column 0.
type Shape = Vec<(i32, i32)>;

/// The numbers of shapes, each known by its least turned or mirrored form.
#[derive(Default)]
pub(super) struct Shapes(FxHashMap<Shape, i32>);

impl Shapes {
    fn number(&mut self, shape: &Shape) -> i32 {
        let mut least = shape.clone();
        let mut form = shape.clone();
        for _ in 0..4 {
            form = moved(form.iter().map(|&(i, j)| (j, -i)));
            let mirrored = moved(form.iter().map(|&(i, j)| (i, -j)));
            least = least.min(mirrored).min(form.clone());
        }
        let next = -1 - self.0.len() as i32;
        *self.0.entry(least).or_insert(next)
    }
}

/// Moves locations to row 0 and column 0 and sorts them.
fn moved(locations: impl Iterator<Item = (i32, i32)>) -> Shape {
    let mut all: Shape = locations.collect();
    let top = all.iter().map(|place| place.0).min().unwrap_or(0);
    let left = all.iter().map(|place| place.1).min().unwrap_or(0);
    for place in &mut all {
        *place = (place.0 - top, place.1 - left);
    }
    all.sort_unstable();
    all
}

/// The features of a grid with cells: those that are colours, its own first, and numbers.
pub(super) struct Features {
    pub(super) colors: Vec<Feature>,
    pub(super) numbers: Vec<Feature>,
}

pub(super) fn features(meter: &Meter<'_>, grid: &Grid, shapes: &mut Shapes) -> Outcome<Features> {
    let of = Looked::new(grid);
    let found = groups(grid);
    let lots: Vec<Region> = lattice(grid).into_iter().map(|lot| lot.places).collect();
    let mut colors = of.own_colors();
    colors.push(of.regions(&found, |group| of.main(group, |_| true)));
    colors.push(of.regions(&found, |group| {
        let counts = Counts::of_colors(&of.colors(group));
        counts.least().map_or(0, i32::from)
    }));
    colors.push(of.regions(&lots, |lot| of.main(lot, |color| color != 0)));
    let mut numbers = of.part_features(meter, shapes)?;
    numbers.extend(of.group_features(&found));
    numbers.extend(of.empty_features());
    numbers.extend(of.neighbor_features());
    numbers.extend(of.place_features());
    numbers.extend(of.sight_features());
    numbers.extend(of.line_features());
    numbers.extend(of.rank_features());
    numbers.extend(of.counted(&lots));
    Ok(Features { colors, numbers })
}

/// Gives some sizes numbers from 1 for the greatest.
fn ranks(sizes: impl Iterator<Item = usize>) -> FxHashMap<usize, i32> {
    let mut sizes: Vec<usize> = sizes.collect();
    sizes.sort_unstable_by_key(|&size| Reverse(size));
    sizes.dedup();
    sizes.into_iter().zip(1..).collect()
}

/// Returns a set of colours as a number.
fn set_of(colors: impl Iterator<Item = i32>) -> i32 {
    colors
        .filter(|&color| color >= 0)
        .fold(0, |set, color| set | 1 << color)
}

fn colored(colors: impl Iterator<Item = i32>) -> i32 {
    colors.filter(|&color| color > 0).count() as i32
}

/// Turns the features of each cell into a list for each feature.
fn columns<const N: usize>(rows: impl Iterator<Item = [i32; N]>) -> Vec<Feature> {
    let mut features = vec![Feature::new(); N];
    for row in rows {
        for (feature, value) in features.iter_mut().zip(row) {
            feature.push(value);
        }
    }
    features
}

/// A grid with what its cells see.
struct Looked<'a> {
    grid: &'a Grid,
    field: Field,
    sights: Vec<Feature>,
}

impl<'a> Looked<'a> {
    fn new(grid: &'a Grid) -> Self {
        let field = Field::of(grid);
        let mut looked = Self {
            grid,
            field,
            sights: Vec::new(),
        };
        looked.sights = ALL_STEPS.iter().map(|&step| looked.sight(step)).collect();
        looked
    }

    fn color(&self, place: usize) -> i32 {
        self.grid.cells()[place].into()
    }

    fn places(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (0..self.field.size()).map(|place| self.field.location(place))
    }

    /// Makes a feature of what each row and column has.
    fn cells(&self, feature: impl Fn(usize, usize) -> i32) -> Feature {
        self.places().map(|(i, j)| feature(i, j)).collect()
    }

    fn beside(&self, location: (usize, usize), step: Step) -> i32 {
        self.field
            .step(location, step)
            .map_or(OUTSIDE, |(i, j)| self.grid.at(i, j).into())
    }

    fn colors(&self, region: &[usize]) -> Vec<i8> {
        region
            .iter()
            .map(|&place| self.grid.cells()[place])
            .collect()
    }

    /// Returns the most common of some colours in a region; 0 without one.
    fn main(&self, region: &[usize], counts: impl Fn(i8) -> bool) -> i32 {
        let colors = region.iter().map(|&place| self.grid.cells()[place]);
        most_common(colors.filter(|&color| counts(color))).map_or(0, i32::from)
    }

    fn sight(&self, step: Step) -> Feature {
        let mut feature = vec![0; self.field.size()];
        self.field.for_each_line((-step.0, -step.1), |line| {
            for two in line.windows(2) {
                let beside = self.color(two[0]);
                feature[two[1]] = if beside == 0 { feature[two[0]] } else { beside };
            }
        });
        feature
    }

    fn own_colors(&self) -> Vec<Feature> {
        let (height, width) = (self.field.height, self.field.width);
        let at = |i: usize, j: usize| i32::from(self.grid.at(i, j));
        let agreed = |ahead: Step| {
            let seen = |step: Step| {
                let number = ALL_STEPS.iter().position(|&one| one == step);
                &self.sights[number.unwrap_or(0)]
            };
            let both = seen(ahead).iter().zip(seen((-ahead.0, -ahead.1)));
            both.map(|(&one, &other)| if one == other { one } else { 0 })
                .collect::<Feature>()
        };
        let row = |i: usize| (0..width).map(|j| i * width + j).collect::<Region>();
        let column = |j: usize| (0..height).map(|i| i * width + j).collect::<Region>();
        let line_main = |line: Region| self.main(&line, |color| color != 0);
        let rows: Vec<i32> = (0..height).map(|i| line_main(row(i))).collect();
        let columns: Vec<i32> = (0..width).map(|j| line_main(column(j))).collect();
        let ranked = self.ranked_colors();
        let first = ranked.first().copied().unwrap_or(0);
        let last = ranked.last().copied().unwrap_or(0);
        let mut all = vec![self.cells(at)];
        all.extend([(0, 1), (1, 0), (1, 1), (1, -1)].map(agreed));
        all.push(self.cells(|i, j| at(i, width - 1 - j)));
        all.push(self.cells(|i, j| at(height - 1 - i, j)));
        all.push(self.cells(|i, j| at(height - 1 - i, width - 1 - j)));
        all.push(self.cells(|i, j| if height == width { at(j, i) } else { OUTSIDE }));
        all.extend_from_slice(&self.sights[..4]);
        all.extend(
            DIRECT_STEPS
                .iter()
                .map(|&step| self.cells(|i, j| self.beside((i, j), step))),
        );
        all.push(self.cells(|i, _| rows[i]));
        all.push(self.cells(|_, j| columns[j]));
        all.push(self.cells(|_, _| first));
        all.push(self.cells(|_, _| last));
        all
    }

    /// Lists the colours other than 0 by falling count, the lower of equally frequent ones first.
    fn ranked_colors(&self) -> SmallVec<[i32; 10]> {
        let counts = Counts::of_grid(self.grid);
        let mut pairs: SmallVec<[(i8, u32); 10]> = counts
            .pairs()
            .iter()
            .copied()
            .filter(|pair| pair.0 != 0)
            .collect();
        pairs.sort_by_key(|&(color, count)| (Reverse(count), color));
        pairs.iter().map(|pair| pair.0.into()).collect()
    }

    /// Gives the cells of each region its measure, and all other cells 0.
    fn regions(&self, found: &[Region], measure: impl Fn(&[usize]) -> i32) -> Feature {
        self.within(found, |region| {
            let value = measure(region);
            move |_| value
        })
    }

    /// Gives the cells of each region what it says about their place, all others 0.
    fn within<F: Fn(usize) -> i32>(
        &self,
        found: &[Region],
        measure: impl Fn(&[usize]) -> F,
    ) -> Feature {
        let mut feature = vec![0; self.field.size()];
        for region in found {
            let value = measure(region);
            region
                .iter()
                .for_each(|&place| feature[place] = value(place));
        }
        feature
    }

    /// Returns whether rows and columns into its region's box are odd.
    fn parity(&self, found: &[Region]) -> Feature {
        self.within(found, |region| {
            let edges = edges(self.grid, region);
            move |place| {
                let (i, j) = self.field.location(place);
                1 + ((i - edges.top) % 2) as i32 + 2 * ((j - edges.left) % 2) as i32
            }
        })
    }

    /// Tells on which frame of its region's box a cell is, from 1 for the outermost.
    fn depth(&self, found: &[Region]) -> Feature {
        self.within(found, |region| {
            let edges = edges(self.grid, region);
            move |place| {
                let (i, j) = self.field.location(place);
                let rows = (i - edges.top).min(edges.bottom - i);
                let columns = (j - edges.left).min(edges.right - j);
                1 + rows.min(columns) as i32
            }
        })
    }

    fn part_features(&self, meter: &Meter<'_>, shapes: &mut Shapes) -> Outcome<Vec<Feature>> {
        let grid = self.grid;
        let (found, whole) = (parts(grid), bodies(grid));
        let by_size = ranks(found.iter().map(Vec::len));
        let of_bodies = ranks(whole.iter().map(Vec::len));
        let mut forms = FxHashMap::default();
        for part in &found {
            *forms.entry(self.shape(part)).or_insert(0) += 1;
        }
        let mut rows = Vec::with_capacity(found.len());
        for part in &found {
            let edges = edges(grid, part);
            let shape = self.shape(part);
            let is_flat = moved(shape.iter().map(|&(i, j)| (i, -j))) == shape;
            let is_upright = moved(shape.iter().map(|&(i, j)| (-i, j))) == shape;
            let (height, width) = (edges.height(), edges.width());
            let rank = by_size[&part.len()];
            rows.push([
                rank,
                1 + by_size.len() as i32 - rank,
                part.len() as i32,
                1 + count_holes(meter, grid, part)? as i32,
                if part.len() <= SHAPE_CELLS {
                    shapes.number(&shape)
                } else {
                    part.len() as i32
                },
                forms[&shape],
                1 + i32::from(at_edge(grid, part)),
                1 + i32::from(height > width) + 2 * i32::from(height < width),
                1 + i32::from(edges.area() == part.len()),
                1 + i32::from(is_flat) + 2 * i32::from(is_upright),
            ]);
        }
        let mut all = self.rows_of(&found, &rows);
        all.push(self.parity(&found));
        all.push(self.depth(&found));
        all.push(self.regions(&whole, |body| body.len() as i32));
        all.push(self.regions(&whole, |body| of_bodies[&body.len()]));
        Ok(all)
    }

    /// Gives the cells of each region the numbers of its row, as many features as it has.
    fn rows_of<const N: usize>(&self, found: &[Region], rows: &[[i32; N]]) -> Vec<Feature> {
        let mut all = vec![vec![0; self.field.size()]; N];
        for (region, row) in found.iter().zip(rows) {
            for (feature, &value) in all.iter_mut().zip(row) {
                region.iter().for_each(|&place| feature[place] = value);
            }
        }
        all
    }

    fn shape(&self, region: &[usize]) -> Shape {
        let location = |&place: &usize| {
            let (row, column) = self.field.location(place);
            (row as i32, column as i32)
        };
        moved(region.iter().map(location))
    }

    fn group_features(&self, found: &[Region]) -> Vec<Feature> {
        let by_size = ranks(found.iter().map(Vec::len));
        vec![
            self.regions(found, |group| by_size[&group.len()]),
            self.regions(found, |group| {
                let counts = Counts::of_colors(&self.colors(group));
                counts.pairs().len() as i32
            }),
            self.regions(found, |group| 1 + i32::from(at_edge(self.grid, group))),
            self.parity(found),
            self.depth(found),
        ]
    }

    fn empty_features(&self) -> Vec<Feature> {
        let cells = self.grid.cells().iter();
        let mut empty: Vec<bool> = cells.map(|&color| color == 0).collect();
        let found = self.field.parts(&mut empty, DIRECT_STEPS);
        let by_size = ranks(found.iter().map(Vec::len));
        vec![
            self.regions(&found, |region| 1 - i32::from(at_edge(self.grid, region))),
            self.regions(&found, |region| region.len() as i32),
            self.regions(&found, |region| by_size[&region.len()]),
            self.regions(&found, |region| {
                let edges = edges(self.grid, region);
                1 + i32::from(edges.area() == region.len())
                    + 2 * i32::from(edges.height() == edges.width())
            }),
        ]
    }

    fn neighbor_features(&self) -> Vec<Feature> {
        columns(self.places().map(|location| {
            let own = self.grid.at(location.0, location.1).into();
            let beside = |&step: &Step| self.beside(location, step);
            let direct: SmallVec<[i32; 4]> = DIRECT_STEPS.iter().map(beside).collect();
            let mut every: SmallVec<[i32; 8]> = direct.iter().copied().collect();
            every.extend(DIAGONAL_STEPS.iter().map(beside));
            let same = |colors: &[i32]| colors.iter().filter(|&&color| color == own).count() as i32;
            let kinds = direct.iter().rev().fold(0, |sum, color| {
                sum * 3 + 1 + i32::from(*color > 0) - i32::from(*color < 0)
            });
            let pattern = every
                .iter()
                .rev()
                .fold(0, |sum, &color| sum * 2 + i32::from(color > 0));
            [
                same(&direct),
                same(&every),
                colored(direct.iter().copied()),
                colored(every.iter().copied()),
                kinds,
                pattern,
                set_of(every.iter().copied()),
                set_of(direct.iter().copied()),
            ]
        }))
    }

    fn place_features(&self) -> Vec<Feature> {
        let (height, width) = (self.field.height, self.field.width);
        columns(self.places().map(|(i, j)| {
            let (below, right) = (height - 1 - i, width - 1 - j);
            [
                i % 2,
                j % 2,
                (i + j) % 2,
                i % 3,
                j % 3,
                below % 2,
                right % 2,
                i.min(j).min(below).min(right),
            ]
            .map(|number| number as i32)
        }))
    }

    fn sight_features(&self) -> Vec<Feature> {
        columns((0..self.field.size()).map(|place| {
            let seen = |count: usize| self.sights[..count].iter().map(move |sight| sight[place]);
            let direct = DIRECT_STEPS.len();
            [
                colored(seen(direct)),
                set_of(seen(direct)),
                set_of(seen(ALL_STEPS.len())),
            ]
        }))
    }

    fn line_features(&self) -> Vec<Feature> {
        let (height, width) = (self.field.height, self.field.width);
        let at = |i: usize, j: usize| i32::from(self.grid.at(i, j));
        let row = |i: usize| (0..width).map(move |j| at(i, j));
        let column = |j: usize| (0..height).map(move |i| at(i, j));
        let of_rows: Vec<_> = (0..height)
            .map(|i| (set_of(row(i)), colored(row(i))))
            .collect();
        let of_columns: Vec<_> = (0..width)
            .map(|j| (set_of(column(j)), colored(column(j))))
            .collect();
        vec![
            self.cells(|i, _| of_rows[i].0),
            self.cells(|_, j| of_columns[j].0),
            self.cells(|i, _| of_rows[i].1),
            self.cells(|_, j| of_columns[j].1),
        ]
    }

    fn rank_features(&self) -> Vec<Feature> {
        let ranked = self.ranked_colors();
        let rank = |color: i32| {
            let place = ranked.iter().position(|&one| one == color);
            place.map_or(0, |place| place as i32 + 1)
        };
        let cells = self.cells(|i, j| rank(self.grid.at(i, j).into()));
        let backwards = |&rank: &i32| match rank {
            0 => 0,
            rank => 1 + ranked.len() as i32 - rank,
        };
        let from_least = cells.iter().map(backwards).collect();
        vec![cells, from_least]
    }

    /// Counts the coloured cells of each field of a lattice, and ranks the counts.
    fn counted(&self, lots: &[Region]) -> Vec<Feature> {
        let count = |lot: &[usize]| colored(lot.iter().map(|&place| self.color(place)));
        let by_count = ranks(lots.iter().map(|lot| count(lot) as usize));
        vec![
            self.regions(lots, count),
            self.regions(lots, |lot| by_count[&(count(lot) as usize)]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn turned_and_mirrored_shapes_have_one_number() {
        let mut shapes = Shapes::default();
        let ell = moved([(0, 0), (1, 0), (1, 1), (1, 2)].into_iter());
        let turned = moved([(4, 5), (4, 6), (5, 5), (6, 5)].into_iter());
        let bar = moved([(0, 0), (0, 1), (0, 2), (0, 3)].into_iter());
        assert_eq!(shapes.number(&ell), shapes.number(&turned));
        assert_ne!(shapes.number(&ell), shapes.number(&bar));
    }

    #[test]
    fn the_first_colored_cell_is_seen() {
        let value = Value::grid(1, 4, vec![3, 0, 0, 4]);
        let looked = Looked::new(value.as_grid().expect("a grid"));
        let right = ALL_STEPS.iter().position(|&step| step == (0, 1));
        assert_eq!(looked.sights[right.expect("a step")], [4, 4, 4, 0]);
    }
}
