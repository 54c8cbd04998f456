//! Covers: layers over each other, from the top down, that paint all wanted cells rightly.
//!
//! A layer may be wrong only where a layer above it paints, so that the whole is right.

use std::collections::hash_map::Entry;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use xxhash_rust::xxh3::xxh3_128;

use crate::value::{Grid, Value};

use super::bits::{self, Bits};
use super::layers::{Layer, Layers, Paint, Source};
use super::states::StateId;
use super::Limits;

/// Bits that one more layer costs: the call that paints it.
const LAYER_COST: u32 = 6;
/// Bits that a picture without any right cell would be worth.
const OPEN_COST: u32 = 40;
/// Covers that are painted on the test inputs.
const PAINTED: usize = 200;
/// Pictures that are mended one layer after the other.
const MENDED: usize = 24;
/// Ways to paint one cover that are tried.
const WAYS: usize = 12;

/// Layers, top first, the picture under them last.
#[derive(Clone, Debug)]
pub(super) struct Cover {
    pub(super) cost: u32,
    pub(super) layers: SmallVec<[Source; 4]>,
    pub(super) derivations: u32,
}

/// The covers that were found, each with test outputs of its own, cheapest first.
pub(super) struct Covering {
    covers: Vec<Cover>,
}

impl Covering {
    pub(super) fn least_cost(&self) -> Option<u32> {
        self.covers.first().map(|cover| cover.cost)
    }

    pub(super) fn into_covers(self) -> Vec<Cover> {
        self.covers
    }
}

/// Some layers that are right as far as they go.
#[derive(Clone)]
struct Partial {
    layers: SmallVec<[u32; 4]>,
    owned: Bits,
    count: u32,
    shape: Option<u32>,
    cost: u32,
}

/// Gives the value of a state on a sample.
pub(super) type ValueOf<'a> = dyn Fn(StateId, usize) -> Value + 'a;

impl Layers {
    /// Covers the wanted grids with as many layers as the limits allow.
    pub(super) fn cover(
        &self,
        value_of: &ValueOf<'_>,
        tests: Range<usize>,
        limits: &Limits,
    ) -> Covering {
        let mut complete: Vec<(u32, SmallVec<[u32; 4]>)> = Vec::new();
        let mut beam = vec![Partial {
            layers: SmallVec::new(),
            owned: bits::empty(self.canvas.cells),
            count: 0,
            shape: None,
            cost: 0,
        }];
        for depth in 1..limits.layers {
            let mut next = self.extend(&beam);
            if depth == 1 {
                for partial in &next {
                    self.finish(partial, &mut complete);
                }
                self.choose(&mut next, limits.beam);
            } else {
                self.choose(&mut next, limits.beam);
                for partial in &next {
                    self.finish(partial, &mut complete);
                }
            }
            beam = next;
        }
        self.mend(limits, &mut complete);
        complete.sort();
        complete.dedup();
        complete.truncate(PAINTED);
        self.paint_all(&complete, value_of, tests, limits)
    }

    /// Lays over the pictures with the fewest wrong cells what paints these rightly, and nothing
    /// wrongly: each time the layer that costs least for a cell.
    fn mend(&self, limits: &Limits, complete: &mut Vec<(u32, SmallVec<[u32; 4]>)>) {
        let (full, above): (Vec<u32>, Vec<u32>) =
            (0..self.layers.len() as u32).partition(|&number| self.layer(number).is_full);
        let right: Vec<u32> = above
            .into_iter()
            .filter(|&number| bits::count(&self.layer(number).wrong) == 0)
            .collect();
        let mut pictures: Vec<(u32, u32, u32)> = full
            .into_iter()
            .map(|number| {
                let layer = self.layer(number);
                (bits::count(&layer.wrong), layer.cost(), number)
            })
            .collect();
        pictures.sort_unstable();
        for &(_, _, picture) in pictures.iter().take(MENDED) {
            let bottom = self.layer(picture);
            let mut layers = SmallVec::from_elem(picture, 1);
            let mut left = bottom.wrong.clone();
            while bits::count(&left) > 0 && layers.len() < limits.layers {
                let best = right
                    .iter()
                    .filter(|&&number| !clash(bottom.shape, self.layer(number).shape))
                    .filter_map(|&number| {
                        let layer = self.layer(number);
                        let gain = bits::count_shared(&layer.painted, &left);
                        (gain > 0).then_some((layer.cost() + LAYER_COST, gain, number))
                    })
                    .min_by_key(|&(cost, gain, number)| (1000 * cost / gain, number));
                let Some((_, _, number)) = best else { break };
                left = bits::without(&left, &self.layer(number).painted);
                layers.insert(0, number);
            }
            if bits::count(&left) == 0 {
                self.simplify(&mut layers);
                complete.push((self.cost(&layers), layers));
            }
        }
    }

    fn layer(&self, number: u32) -> &Layer {
        &self.layers[number as usize]
    }

    fn cost(&self, layers: &[u32]) -> u32 {
        let own = layers.iter().map(|&number| self.layer(number).cost());
        own.sum::<u32>() + LAYER_COST * (layers.len() as u32 - 1)
    }

    /// Adds a layer to each partial cover in every way.
    fn extend(&self, beam: &[Partial]) -> Vec<Partial> {
        let mut best: FxHashMap<(u128, Option<u32>), u32> = FxHashMap::default();
        let mut next: Vec<Partial> = Vec::new();
        for partial in beam {
            for (number, layer) in self.layers.iter().enumerate() {
                if layer.is_full || clash(partial.shape, layer.shape) {
                    continue;
                }
                if !bits::is_inside(&layer.wrong, &partial.owned) {
                    continue;
                }
                let gain = bits::count_without(&layer.painted, &partial.owned);
                if gain == 0 {
                    continue;
                }
                let mut layers = partial.layers.clone();
                layers.push(number as u32);
                let child = Partial {
                    layers,
                    owned: bits::union(&partial.owned, &layer.painted),
                    count: partial.count + gain,
                    shape: partial.shape.or(layer.shape),
                    cost: partial.cost + layer.cost() + LAYER_COST,
                };
                match best.entry((key(&child.owned), child.shape)) {
                    Entry::Occupied(mut known) => {
                        let known = known.get_mut();
                        if child.cost < next[*known as usize].cost {
                            next[*known as usize] = child;
                        }
                    }
                    Entry::Vacant(room) => {
                        room.insert(next.len() as u32);
                        next.push(child);
                    }
                }
            }
        }
        next
    }

    /// Keeps the best: some by what they cover, some by their cost as well.
    fn choose(&self, partials: &mut Vec<Partial>, beam: usize) {
        if partials.len() <= beam {
            return;
        }
        let cells = self.canvas.cells as u32;
        let worth = |one: &Partial| one.cost * cells + OPEN_COST * (cells - one.count);
        partials.sort_by(|a, b| (worth(a), &a.layers).cmp(&(worth(b), &b.layers)));
        let mut rest = partials.split_off(beam / 2);
        rest.sort_by(|a, b| (b.count, a.cost, &a.layers).cmp(&(a.count, b.cost, &b.layers)));
        rest.truncate(beam - beam / 2);
        partials.append(&mut rest);
    }

    /// Puts under a partial cover each picture that is right where it shows.
    fn finish(&self, partial: &Partial, complete: &mut Vec<(u32, SmallVec<[u32; 4]>)>) {
        for (number, layer) in self.layers.iter().enumerate() {
            if !layer.is_full
                || clash(partial.shape, layer.shape)
                || !bits::is_inside(&layer.wrong, &partial.owned)
            {
                continue;
            }
            let mut layers = partial.layers.clone();
            layers.push(number as u32);
            self.simplify(&mut layers);
            complete.push((self.cost(&layers), layers));
        }
    }

    /// Drops layers that change nothing.
    fn simplify(&self, layers: &mut SmallVec<[u32; 4]>) {
        let mut place = 0;
        while layers.len() > 1 && place + 1 < layers.len() {
            let without: SmallVec<[u32; 4]> = layers
                .iter()
                .enumerate()
                .filter(|&(other, _)| other != place)
                .map(|(_, &number)| number)
                .collect();
            if self.is_right(&without) {
                *layers = without;
            } else {
                place += 1;
            }
        }
    }

    fn is_right(&self, layers: &[u32]) -> bool {
        let mut owned = bits::empty(self.canvas.cells);
        for &number in layers {
            let layer = &self.layers[number as usize];
            if !bits::is_inside(&layer.wrong, &owned) {
                return false;
            }
            owned = bits::union(&owned, &layer.painted);
        }
        owned == bits::full(self.canvas.cells)
    }

    fn paint_all(
        &self,
        complete: &[(u32, SmallVec<[u32; 4]>)],
        value_of: &ValueOf<'_>,
        tests: Range<usize>,
        limits: &Limits,
    ) -> Covering {
        let mut ways: Vec<Cover> = complete
            .iter()
            .flat_map(|(_, layers)| self.ways(layers))
            .collect();
        ways.sort_by_key(|way| way.cost);
        let mut covers: Vec<Cover> = Vec::new();
        let mut known: FxHashMap<Vec<Grid>, usize> = FxHashMap::default();
        let mut tried = FxHashSet::default();
        for way in ways {
            if !tried.insert(way.layers.clone()) {
                continue;
            }
            let Some(outputs) = tests
                .clone()
                .map(|sample| paint(&way.layers, value_of, sample))
                .collect::<Option<Vec<Grid>>>()
            else {
                continue;
            };
            match known.entry(outputs) {
                Entry::Occupied(known) => covers[*known.get()].derivations += way.derivations,
                Entry::Vacant(room) if covers.len() < limits.solutions => {
                    room.insert(covers.len());
                    covers.push(way);
                }
                Entry::Vacant(_) => {}
            }
        }
        Covering { covers }
    }

    /// The ways to paint a cover: with all sources that paint the same on the demos.
    fn ways(&self, layers: &[u32]) -> Vec<Cover> {
        let mut ways = vec![Cover {
            cost: LAYER_COST * (layers.len() as u32 - 1),
            layers: SmallVec::new(),
            derivations: 1,
        }];
        for &number in layers {
            let Layer { sources, .. } = &self.layers[number as usize];
            ways = ways
                .iter()
                .flat_map(|way| {
                    sources.iter().map(move |&(source, cost)| {
                        let mut way = way.clone();
                        way.cost += cost;
                        way.layers.push(source);
                        way
                    })
                })
                .collect();
            ways.sort_by_key(|way| way.cost);
            ways.truncate(WAYS);
        }
        ways
    }
}

fn clash(one: Option<u32>, other: Option<u32>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

/// Paints layers on one sample; nothing comes of it where their shapes differ.
fn paint(layers: &[Source], value_of: &ValueOf<'_>, sample: usize) -> Option<Grid> {
    let (bottom, above) = layers.split_last()?;
    let bottom = value_of(bottom.state, sample);
    let bottom = bottom.as_grid()?;
    let mut cells = bottom.cells().to_vec();
    for Source { state, paint } in above.iter().rev() {
        let value = value_of(*state, sample);
        match (paint, &value) {
            (Paint::All | Paint::Foreground | Paint::Background, Value::Grid(grid)) => {
                if (grid.height(), grid.width()) != (bottom.height(), bottom.width()) {
                    return None;
                }
                for (cell, &over) in cells.iter_mut().zip(grid.cells()) {
                    let is_painted = match paint {
                        Paint::Foreground => over != 0,
                        Paint::Background => over == 0,
                        _ => true,
                    };
                    if is_painted {
                        *cell = over;
                    }
                }
            }
            (Paint::Cells, Value::Object(object)) => {
                for cell in object.iter() {
                    if let Some(place) = bottom.place(cell.location) {
                        cells[place] = cell.color;
                    }
                }
            }
            (Paint::Locations(color), Value::Indices(locations)) => {
                let color = value_of(*color, sample).color()?;
                for &location in locations.iter() {
                    if let Some(place) = bottom.place(location) {
                        cells[place] = color;
                    }
                }
            }
            // An empty object counts as an empty set of locations.
            (Paint::Cells, Value::Indices(locations)) if locations.is_empty() => {}
            _ => return None,
        }
    }
    match Value::grid(bottom.height(), bottom.width(), cells) {
        Value::Grid(grid) => Some((*grid).clone()),
        _ => None,
    }
}

fn key(bits: &[u64]) -> u128 {
    let bytes: Vec<u8> = bits.iter().flat_map(|word| word.to_le_bytes()).collect();
    xxh3_128(&bytes)
}
