//! States read as layers: which cells each would paint, and which of these rightly.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::value::{Grid, Value};

use super::bits::{self, Bits};
use super::hashing::fold_to_word;
use super::ids::IdTable;
use super::parts::Parts;
use super::states::StateId;
use super::{Roles, TypeId};

/// Other states with the same cells on the demos that are remembered: the test inputs tell them
/// apart.
const ALTERNATIVES: usize = 3;
/// Colours that are tried on sets of locations.
const COLORS: usize = 24;
/// Layers that are kept at most.
const LAYERS: usize = 200_000;
/// The most wrong cells that a layer may paint for each right one.
const WRONG_PER_RIGHT: u32 = 3;

/// How a state is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Paint {
    /// All cells of a grid.
    All,
    /// The coloured cells of a grid.
    Foreground,
    /// The empty cells of a grid: those of colour 0.
    Background,
    /// The cells of an object.
    Cells,
    /// Locations, in the colour that another state is.
    Locations(StateId),
}

/// A state with the way to paint it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Source {
    pub(super) state: StateId,
    pub(super) paint: Paint,
}

/// What a source paints on the demos.
pub(super) struct Layer {
    /// The cheapest source first.
    pub(super) sources: SmallVec<[(Source, u32); 1]>,
    /// How many sources there were.
    pub(super) derivations: u32,
    /// Shapes on the test inputs, by number; none for what has no shape of its own.
    pub(super) shape: Option<u32>,
    /// Cells that it paints, without any words for a layer that paints every cell.
    pub(super) painted: Bits,
    /// Cells that it paints with a wrong colour, without any words if there are none.
    pub(super) wrong: Bits,
    /// How many these are.
    pub(super) wrong_count: u32,
    /// Whether it paints every cell.
    pub(super) is_full: bool,
}

impl Layer {
    pub(super) fn cost(&self) -> u32 {
        self.sources[0].1
    }
}

/// The cells of all wanted grids, one after the other.
pub(super) struct Canvas {
    wanted: Vec<Value>,
    /// Of each demo: the place of its first cell.
    starts: Vec<usize>,
    pub(super) cells: usize,
}

impl Canvas {
    pub(super) fn new(wanted: &[Value]) -> Self {
        let mut cells = 0;
        let starts = wanted
            .iter()
            .map(|value| {
                let start = cells;
                cells += value.as_grid().map_or(0, |grid| grid.cells().len());
                start
            })
            .collect();
        Self {
            wanted: wanted.to_vec(),
            starts,
            cells,
        }
    }

    /// The cells that are wanted in a colour; it may differ from demo to demo.
    pub(super) fn cells_of(&self, colors: &[i8]) -> Bits {
        self.cells_where(colors, |demo| self.wanted[demo].clone())
    }

    /// The cells that have a colour in pictures of the wanted shapes.
    pub(super) fn cells_where(&self, colors: &[i8], picture: impl Fn(usize) -> Value) -> Bits {
        let mut cells = bits::empty(self.cells);
        for (demo, (&start, &color)) in self.starts.iter().zip(colors).enumerate() {
            if let Some(grid) = picture(demo).as_grid() {
                bits::insert_color(&mut cells, start, grid.cells(), color);
            }
        }
        cells
    }

    pub(super) fn demos(&self) -> impl Iterator<Item = (usize, &Grid)> {
        self.starts
            .iter()
            .copied()
            .zip(self.wanted.iter().filter_map(Value::as_grid))
    }
}

/// A state that is a colour on every demo.
pub(super) struct Color {
    pub(super) state: StateId,
    pub(super) cost: u32,
    /// The colours.
    pub(super) colors: Vec<i8>,
    /// The cells that are wanted in it.
    pub(super) wanted: Bits,
    /// The place of the first colour for which the same cells are wanted.
    first: usize,
}

/// Bytes that a set takes beside its own size, with what an allocator adds.
fn set_bytes(cells: &[u64]) -> usize {
    if cells.is_empty() {
        return 0;
    }
    size_of_val(cells) + 16
}

/// All layers of a search.
pub(super) struct Layers {
    pub(super) canvas: Canvas,
    /// All cells.
    all: Bits,
    pub(super) layers: Vec<Layer>,
    known: IdTable,
    bytes: usize,
    shapes: FxHashMap<Vec<(usize, usize)>, u32>,
    /// Colours for sets of locations.
    pub(super) colors: Vec<Color>,
    /// Sets of locations: the state, its cost, and the cells of the demos.
    pub(super) regions: Vec<(StateId, u32, Bits)>,
    /// Pictures that hold the wanted ones, or are held by them.
    pub(super) parts: Parts,
}

impl Layers {
    pub(super) fn new(canvas: Canvas) -> Self {
        Self {
            all: bits::full(canvas.cells),
            canvas,
            layers: Vec::new(),
            known: IdTable::default(),
            bytes: 0,
            shapes: FxHashMap::default(),
            colors: Vec::new(),
            regions: Vec::new(),
            parts: Parts::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.layers.len()
    }

    /// Bytes that the layers take, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.known.bytes()
    }

    /// Goes through the whole pictures with some wrong cells, those with the fewest first, one for
    /// each way to be wrong.
    pub(super) fn nearest(&self) -> impl Iterator<Item = (StateId, &Bits)> {
        let pictures = self.layers.iter().filter(|layer| layer.is_full);
        let mut pictures: BinaryHeap<Reverse<(u32, u32, StateId, &Bits)>> = pictures
            .map(|layer| {
                let state = layer.sources[0].0.state;
                Reverse((layer.wrong_count, layer.cost(), state, &layer.wrong))
            })
            .filter(|Reverse((wrong, ..))| *wrong > 0)
            .collect();
        std::iter::from_fn(move || pictures.pop()).map(|Reverse((.., state, wrong))| (state, wrong))
    }

    /// The share of the wanted cells that the nearest whole picture has right.
    pub(super) fn nearness(&self) -> f64 {
        let pictures = self.layers.iter().filter(|layer| layer.is_full);
        let wrong = pictures.map(|layer| layer.wrong_count).min();
        wrong.map_or(0.0, |wrong| {
            1.0 - f64::from(wrong) / self.canvas.cells.max(1) as f64
        })
    }

    /// Returns whether there is a whole picture with wrong cells that costs more than some bits.
    pub(super) fn has_near(&self, bits: u32) -> bool {
        let is_near = |layer: &Layer| layer.is_full && layer.wrong_count > 0 && layer.cost() > bits;
        self.layers.iter().any(is_near)
    }

    /// Reads a state as layers, where it can be.
    ///
    /// `values` are those on all samples, demos first.
    pub(super) fn add(
        &mut self,
        id: StateId,
        cost: u32,
        type_id: TypeId,
        values: &[&Value],
        roles: Roles,
    ) {
        if self.canvas.cells == 0 {
            return;
        }
        if type_id == roles.grid {
            self.add_grid(id, cost, values);
        } else if type_id == roles.object {
            self.add_object(id, cost, values);
        } else if type_id == roles.indices {
            self.add_locations(id, cost, values);
        } else if type_id == roles.color && self.colors.len() < COLORS {
            let demos = self.canvas.wanted.len();
            let colors = values[..demos].iter().map(|value| value.color());
            if let Some(colors) = colors.collect::<Option<Vec<i8>>>() {
                let wanted = self.canvas.cells_of(&colors);
                let mut others = self.colors.iter();
                let first = others.position(|other| other.wanted == wanted);
                self.colors.push(Color {
                    state: id,
                    cost,
                    colors,
                    wanted,
                    first: first.unwrap_or(self.colors.len()),
                });
            }
        }
    }

    fn add_grid(&mut self, id: StateId, cost: u32, values: &[&Value]) {
        let demos = self.canvas.wanted.len();
        let Some(grids) = values
            .iter()
            .map(|value| value.as_grid())
            .collect::<Option<Vec<&Grid>>>()
        else {
            return;
        };
        let fits = self
            .canvas
            .demos()
            .zip(&grids)
            .all(|((_, wanted), grid)| shape(wanted) == shape(grid));
        if !fits {
            self.parts.add(id, cost, &self.canvas, &grids);
            return;
        }
        let mut right = bits::scratch(self.canvas.cells);
        let mut blank = right.clone();
        for ((start, wanted), grid) in self.canvas.demos().zip(&grids) {
            bits::insert_equal(&mut right, start, grid.cells(), wanted.cells());
            bits::insert_color(&mut blank, start, grid.cells(), 0);
        }
        let next = self.shapes.len() as u32;
        let shapes = grids[demos..].iter().map(|grid| shape(grid)).collect();
        let shape = Some(*self.shapes.entry(shapes).or_insert(next));
        let all = bits::Scratch::from_slice(&self.all);
        let colored = bits::without_in(&all, &blank);
        let mut insert = |paint, more, painted: &[u64]| {
            let wrong = bits::without_in(painted, &right);
            self.insert(
                Source { state: id, paint },
                cost + more,
                shape,
                painted,
                &wrong,
            );
        };
        insert(Paint::All, 0, &all);
        if bits::count(&colored) > 0 && bits::count(&blank) > 0 {
            insert(Paint::Foreground, 1, &colored);
            insert(Paint::Background, 2, &blank);
        }
    }

    fn add_object(&mut self, id: StateId, cost: u32, values: &[&Value]) {
        let mut painted = bits::scratch(self.canvas.cells);
        let mut wrong = painted.clone();
        for ((start, wanted), value) in self.canvas.demos().zip(values) {
            match value {
                Value::Object(cells) => {
                    for cell in cells.iter() {
                        if let Some(place) = wanted.place(cell.location) {
                            bits::insert(&mut painted, start + place);
                            if wanted.cells()[place] != cell.color {
                                bits::insert(&mut wrong, start + place);
                            }
                        }
                    }
                }
                value if value.size() == Some(0) => {}
                _ => return,
            }
        }
        self.insert(
            Source {
                state: id,
                paint: Paint::Cells,
            },
            cost,
            None,
            &painted,
            &wrong,
        );
    }

    fn add_locations(&mut self, id: StateId, cost: u32, values: &[&Value]) {
        let mut cells = bits::scratch(self.canvas.cells);
        for ((start, wanted), value) in self.canvas.demos().zip(values) {
            let Value::Indices(locations) = value else {
                continue;
            };
            for place in locations
                .iter()
                .filter_map(|&location| wanted.place(location))
            {
                bits::insert(&mut cells, start + place);
            }
        }
        let count = bits::count(&cells);
        if count == 0 {
            return;
        }
        // Of each colour: how many of the cells are wanted in it.
        let mut shared: SmallVec<[u32; COLORS]> = SmallVec::new();
        for place in 0..self.colors.len() {
            let color = &self.colors[place];
            // Most locations are far from what is wanted in a colour.
            let right = match shared.get(color.first) {
                Some(&right) => right,
                None => bits::count_shared(&cells, &color.wanted),
            };
            shared.push(right);
            if is_worth_it(right, count - right) {
                let paint = Paint::Locations(color.state);
                let cost = cost + color.cost;
                let wrong = bits::without_in(&cells, &color.wanted);
                self.insert(Source { state: id, paint }, cost, None, &cells, &wrong);
            }
        }
        if self.regions.len() < LAYERS {
            self.bytes += size_of::<(StateId, u32, Bits)>() + set_bytes(&cells);
            self.regions.push((id, cost, Bits::from(&cells[..])));
        }
    }

    fn insert(
        &mut self,
        source: Source,
        cost: u32,
        shape: Option<u32>,
        painted: &[u64],
        wrong: &[u64],
    ) {
        let wrong_count = bits::count(wrong);
        let is_full = source.paint == Paint::All;
        let right = bits::count(painted) - wrong_count;
        let is_worth_it = if is_full {
            right > 0
        } else {
            is_worth_it(right, wrong_count)
        };
        if !is_worth_it || self.len() >= LAYERS {
            return;
        }
        let painted = if is_full { &[] } else { painted };
        let wrong = if wrong_count == 0 { &[] } else { wrong };
        let hash = fold_to_word(
            painted
                .iter()
                .chain(wrong)
                .copied()
                .chain([shape.map_or(u64::MAX, u64::from), u64::from(is_full)]),
        );
        let is_it = |number| {
            let layer = &self.layers[number as usize];
            layer.is_full == is_full
                && layer.shape == shape
                && *layer.painted == *painted
                && *layer.wrong == *wrong
        };
        if let Some(known) = self.known.find(hash, is_it) {
            let layer = &mut self.layers[known as usize];
            layer.derivations = layer.derivations.saturating_add(1);
            if layer.sources.len() <= ALTERNATIVES {
                layer.sources.push((source, cost));
                self.bytes += 2 * size_of::<(Source, u32)>();
            }
            return;
        }
        self.known.insert(hash, self.layers.len() as u32);
        self.bytes += size_of::<Layer>() + set_bytes(painted) + set_bytes(wrong);
        self.layers.push(Layer {
            sources: SmallVec::from_elem((source, cost), 1),
            derivations: 1,
            shape,
            painted: painted.into(),
            wrong: wrong.into(),
            wrong_count,
            is_full,
        });
    }
}

/// Returns whether a layer is kept, by the numbers of its right and wrong cells.
fn is_worth_it(right: u32, wrong: u32) -> bool {
    right > 0 && wrong <= WRONG_PER_RIGHT * right
}

fn shape(grid: &Grid) -> (usize, usize) {
    (grid.height(), grid.width())
}
