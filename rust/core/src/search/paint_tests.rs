//! The outputs of covers on the test inputs.

use std::collections::hash_map::Entry;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::value::Value;

use super::cover::{Whole, LAYER_COST};
use super::layers::{Layer, Layers, Paint, Source};
use super::states::StateId;
use super::Limits;

/// Ways to paint one cover that are tried.
const WAYS: usize = 12;

/// A way to paint a cover: layers, top first, the picture under them last.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) cost: u32,
    pub(super) layers: SmallVec<[Source; 4]>,
}

/// A cover with its outputs on the test inputs.
pub(super) struct Cover {
    pub(super) way: Way,
    /// How many ways have these outputs.
    pub(super) derivations: u32,
    pub(super) outputs: Vec<Value>,
}

/// The covers that were found, each with test outputs of its own, cheapest first.
pub(super) struct Covering {
    covers: Vec<Cover>,
}

impl Covering {
    pub(super) fn least_cost(&self) -> Option<u32> {
        self.covers.first().map(|cover| cover.way.cost)
    }

    pub(super) fn into_covers(self) -> Vec<Cover> {
        self.covers
    }
}

/// Gives the value of a state on a sample.
pub(super) type ValueOf<'a> = dyn Fn(StateId, usize) -> Value + 'a;

/// Paints covers, the cheapest first, and keeps those with test outputs of their own.
pub(super) fn paint_all(
    layers: &Layers,
    wholes: &[Whole],
    value_of: &ValueOf<'_>,
    tests: Range<usize>,
    limits: &Limits,
) -> Covering {
    let mut ways: Vec<Way> = wholes
        .iter()
        .flat_map(|(_, numbers)| ways_of(layers, numbers))
        .collect();
    ways.sort_by_key(|way| way.cost);
    let mut covers: Vec<Cover> = Vec::new();
    let mut known: FxHashMap<Vec<Value>, usize> = FxHashMap::default();
    let mut tried = FxHashSet::default();
    for way in ways {
        if !tried.insert(way.layers.clone()) {
            continue;
        }
        let Some(outputs) = tests
            .clone()
            .map(|sample| paint(&way.layers, value_of, sample))
            .collect::<Option<Vec<Value>>>()
        else {
            continue;
        };
        match known.entry(outputs) {
            Entry::Occupied(known) => covers[*known.get()].derivations += 1,
            Entry::Vacant(room) if covers.len() < limits.solutions => {
                let outputs = room.key().clone();
                room.insert(covers.len());
                covers.push(Cover {
                    way,
                    derivations: 1,
                    outputs,
                });
            }
            Entry::Vacant(_) => {}
        }
    }
    Covering { covers }
}

/// The ways to paint a cover: with all sources that paint the same on the demos.
fn ways_of(all: &Layers, layers: &[u32]) -> Vec<Way> {
    let mut ways = vec![Way {
        cost: LAYER_COST * (layers.len() as u32 - 1),
        layers: SmallVec::new(),
    }];
    for &number in layers {
        let Layer { sources, .. } = &all.layers[number as usize];
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

/// Paints layers on one sample; None where their shapes differ.
fn paint(layers: &[Source], value_of: &ValueOf<'_>, sample: usize) -> Option<Value> {
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
    let painted = Value::grid(bottom.height(), bottom.width(), cells);
    painted.as_grid().is_some().then_some(painted)
}
