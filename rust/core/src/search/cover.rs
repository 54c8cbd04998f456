//! Covers: layers over each other, from the top down, that paint all wanted cells rightly.
//!
//! A layer may be wrong only where a layer above it paints, so that the whole is right.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use super::beam::Best;
use super::bits::{self, Bits};
use super::layers::{Layer, Layers};
use super::paint_tests::{paint_all, Covering, ValueOf};
use super::Limits;
use crate::evaluate::Cancelled;

/// Bits that one more layer costs: the call that paints it.
pub(super) const LAYER_COST: u32 = 6;
/// Bits that a picture without any right cell would be worth.
const OPEN_COST: u32 = 40;
/// Covers that are painted on the test inputs.
const PAINTED: usize = 200;
/// Pictures that are mended one layer after the other.
const MENDED: usize = 24;
/// Layers whose cells are turned into sets of layers at a time.
const BLOCK: usize = if cfg!(test) { 2 } else { 64 } * bits::WORD;

/// Some layers that are right as far as they go.
#[derive(Clone)]
struct Partial {
    layers: SmallVec<[u32; 4]>,
    owned: Bits,
    count: u32,
    shape: Option<u32>,
    cost: u32,
}

impl Partial {
    /// Returns whether a layer can lie under it.
    fn takes(&self, layer: &Layer) -> bool {
        layer.wrong_count <= self.count
            && !clash(self.shape, layer.shape)
            && bits::is_inside(&layer.wrong, &self.owned)
    }
}

/// What decides whether a layer can be of use, side by side for all layers.
#[derive(Clone, Copy)]
struct Counted<'a> {
    number: u32,
    cost: u32,
    /// How many cells it paints.
    painted: u32,
    /// How many of them wrongly.
    wrong: u32,
    layer: &'a Layer,
}

/// Layers in the orders in which they may be of use.
struct Ranked<'a> {
    /// Those first that would be worth most if all that they paint were new.
    by_worth: Vec<Counted<'a>>,
    /// Those first that paint most.
    by_size: Vec<Counted<'a>>,
}

/// A partial cover by its number with a layer by its own, behind what they are ordered by.
type Extension<T> = (T, u32, u32, u32);

/// Layers that cover everything, top first, behind their cost.
pub(super) type Whole = (u32, SmallVec<[u32; 4]>);

/// Lays layers over each other.
pub(super) struct Assembler<'a> {
    pub(super) layers: &'a Layers,
    pub(super) limits: &'a Limits,
    pub(super) cancel: &'a AtomicBool,
}

impl Assembler<'_> {
    /// Covers the wanted grids with as many layers as the limits allow.
    ///
    /// Fails if it is cancelled.
    pub(super) fn cover(
        &self,
        value_of: &ValueOf<'_>,
        tests: Range<usize>,
    ) -> Result<Covering, Cancelled> {
        let (full, above): (Vec<u32>, Vec<u32>) =
            (0..self.layers.layers.len() as u32).partition(|&number| self.layer(number).is_full);
        let right: Vec<u32> = above
            .iter()
            .copied()
            .filter(|&number| self.layer(number).wrong_count == 0)
            .collect();
        let mut wholes = Best::new(PAINTED);
        let mut beam = vec![Partial {
            layers: SmallVec::new(),
            owned: bits::empty(self.layers.canvas.cells),
            count: 0,
            shape: None,
            cost: 0,
        }];
        let above = self.ranked(&above);
        for depth in 1..self.limits.layers {
            if depth == 1 {
                beam = self.extend(&beam, &self.ranked(&right))?;
                self.pair(&right, &full, &mut wholes)?;
            } else {
                beam = self.extend(&beam, &above)?;
                for partial in &beam {
                    self.finish(partial, &full, &mut wholes);
                }
            }
        }
        self.mend(&right, &full, &mut wholes);
        let wholes = wholes.into_sorted(whole_key);
        Ok(paint_all(
            self.layers,
            &wholes,
            value_of,
            tests,
            self.limits,
        ))
    }

    /// Lays over the pictures with the fewest wrong cells what paints these rightly, and nothing
    /// wrongly: each time the layer that costs least for a cell.
    fn mend(&self, right: &[u32], full: &[u32], wholes: &mut Best<Whole>) {
        let mut pictures: Vec<(u32, u32, u32)> = full
            .iter()
            .map(|&number| {
                let layer = self.layer(number);
                (layer.wrong_count, layer.cost(), number)
            })
            .collect();
        pictures.sort_unstable();
        for &(_, _, picture) in pictures.iter().take(MENDED) {
            let bottom = self.layer(picture);
            let mut layers = SmallVec::from_elem(picture, 1);
            let mut left = bottom.wrong.clone();
            while bits::count(&left) > 0 && layers.len() < self.limits.layers {
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
                wholes.add((self.cost(&layers), layers), whole_key);
            }
        }
    }

    fn layer(&self, number: u32) -> &Layer {
        &self.layers.layers[number as usize]
    }

    fn ranked(&self, numbers: &[u32]) -> Ranked<'_> {
        let cells = self.layers.canvas.cells as i64;
        let counted = |&number: &u32| {
            let layer = self.layer(number);
            Counted {
                number,
                cost: layer.cost(),
                painted: bits::count(&layer.painted),
                wrong: layer.wrong_count,
                layer,
            }
        };
        let mut by_size: Vec<Counted<'_>> = numbers.iter().map(counted).collect();
        let mut by_worth = by_size.clone();
        by_size.sort_by_key(|one| Reverse(one.painted));
        by_worth.sort_by_key(|one| {
            i64::from(one.cost) * cells - i64::from(OPEN_COST) * i64::from(one.painted)
        });
        Ranked { by_worth, by_size }
    }

    fn cost(&self, layers: &[u32]) -> u32 {
        let own = layers.iter().map(|&number| self.layer(number).cost());
        own.sum::<u32>() + LAYER_COST * (layers.len() as u32 - 1)
    }

    /// Adds one of some layers to each partial cover in every way, and keeps the best: some by
    /// their cost and what they cover, the others by what they cover.
    fn extend(&self, beam: &[Partial], above: &Ranked<'_>) -> Result<Vec<Partial>, Cancelled> {
        let wanted = self.limits.beam;
        let cells = self.layers.canvas.cells as u32;
        let mut worthy: Best<Extension<u32>> = Best::new(wanted);
        let mut large: Best<Extension<Reverse<u32>>> = Best::new(wanted);
        for (place, partial) in beam.iter().enumerate() {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(Cancelled);
            }
            let place = place as u32;
            let cost_of = |one: &Counted<'_>| partial.cost + one.cost + LAYER_COST;
            let open = cells - partial.count;
            let gain_of = |one: &Counted<'_>| {
                let is_taken = one.wrong <= partial.count && partial.takes(one.layer);
                let gain =
                    is_taken.then(|| bits::count_without(&one.layer.painted, &partial.owned));
                gain.filter(|&gain| gain > 0)
            };
            // No layer after one that would not be among the best, were all that it paints new, is
            // among them.
            for one in &above.by_worth {
                let cost = cost_of(one);
                let worth = |gain| {
                    let bits = cost * cells + OPEN_COST * open;
                    bits.saturating_sub(OPEN_COST * gain)
                };
                if !worthy.takes(&(worth(one.painted), 0, 0, 0)) {
                    break;
                }
                if !worthy.takes(&(worth(one.painted.min(open)), 0, 0, 0)) {
                    continue;
                }
                if let Some(gain) = gain_of(one) {
                    worthy.add((worth(gain), cost, place, one.number), |&one| {
                        self.owned(beam, one)
                    });
                }
            }
            for one in &above.by_size {
                let most = Reverse(partial.count + one.painted.min(open));
                if !large.takes(&(most, 0, 0, 0)) {
                    break;
                }
                if !large.takes(&(most, cost_of(one), 0, 0)) {
                    continue;
                }
                if let Some(gain) = gain_of(one) {
                    let count = Reverse(partial.count + gain);
                    large.add((count, cost_of(one), place, one.number), |&one| {
                        self.owned(beam, one)
                    });
                }
            }
        }
        let half = wanted / 2;
        let mut known = FxHashSet::default();
        let mut next = Vec::new();
        for &(_, cost, place, number) in worthy
            .into_sorted(|&one| self.owned(beam, one))
            .iter()
            .take(half)
        {
            known.insert(self.owned(beam, ((), cost, place, number)));
            next.push(self.extended(beam, cost, place, number));
        }
        for &(_, cost, place, number) in &large.into_sorted(|&one| self.owned(beam, one)) {
            if next.len() == wanted {
                break;
            }
            if known.insert(self.owned(beam, ((), cost, place, number))) {
                next.push(self.extended(beam, cost, place, number));
            }
        }
        Ok(next)
    }

    /// What a partial cover and a layer own together: those that own the same are one.
    fn owned<T>(&self, beam: &[Partial], one: Extension<T>) -> (u128, Option<u32>) {
        let (_, _, place, number) = one;
        let (partial, layer) = (&beam[place as usize], self.layer(number));
        let owned = bits::union(&partial.owned, &layer.painted);
        (bits::key(&owned), partial.shape.or(layer.shape))
    }

    fn extended(&self, beam: &[Partial], cost: u32, place: u32, number: u32) -> Partial {
        let (partial, layer) = (&beam[place as usize], self.layer(number));
        let owned = bits::union(&partial.owned, &layer.painted);
        let mut layers = partial.layers.clone();
        layers.push(number);
        Partial {
            layers,
            count: bits::count(&owned),
            owned,
            shape: partial.shape.or(layer.shape),
            cost,
        }
    }

    /// Finds all pictures that are right with one right layer over them.
    ///
    /// For each cell there is a set of layers that paint it; what they have in common for all
    /// cells that a picture has wrong can lie over that picture.
    fn pair(&self, right: &[u32], full: &[u32], wholes: &mut Best<Whole>) -> Result<(), Cancelled> {
        let Some(least) = right.iter().map(|&number| self.layer(number).cost()).min() else {
            return Ok(());
        };
        for block in right.chunks(BLOCK) {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(Cancelled);
            }
            let words = block.len().div_ceil(bits::WORD);
            let mut painters = vec![0_u64; words * self.layers.canvas.cells];
            for (place, &number) in block.iter().enumerate() {
                for cell in bits::members(&self.layer(number).painted) {
                    bits::insert(&mut painters[cell * words..], place);
                }
            }
            for &picture in full {
                let bottom = self.layer(picture);
                let cost = bottom.cost() + LAYER_COST;
                if !wholes.takes(&(cost + least, SmallVec::new())) {
                    continue;
                }
                let mut common = bits::full(block.len());
                for cell in bits::members(&bottom.wrong) {
                    if !bits::intersect(&mut common, &painters[cell * words..][..words]) {
                        break;
                    }
                }
                for place in bits::members(&common) {
                    let number = block[place];
                    if clash(self.layer(number).shape, bottom.shape) {
                        continue;
                    }
                    let mut layers = SmallVec::from_slice(&[number, picture]);
                    self.simplify(&mut layers);
                    wholes.add((self.cost(&layers), layers), whole_key);
                }
            }
        }
        Ok(())
    }

    /// Puts under a partial cover each picture that is right where it shows.
    fn finish(&self, partial: &Partial, full: &[u32], wholes: &mut Best<Whole>) {
        for &number in full {
            let layer = self.layer(number);
            if !partial.takes(layer) {
                continue;
            }
            let mut layers = partial.layers.clone();
            layers.push(number);
            self.simplify(&mut layers);
            wholes.add((self.cost(&layers), layers), whole_key);
        }
    }

    /// Drops layers that change nothing; the last one, a whole picture, stays.
    fn simplify(&self, layers: &mut SmallVec<[u32; 4]>) {
        let mut above = bits::empty(self.layers.canvas.cells);
        let mut owned = above.clone();
        let mut place = 0;
        while place + 1 < layers.len() {
            owned.copy_from_slice(&above);
            if self.is_right_under(&layers[place + 1..], &mut owned) {
                layers.remove(place);
            } else {
                bits::add(&mut above, &self.layer(layers[place]).painted);
                place += 1;
            }
        }
    }

    /// Returns whether layers are wrong only where what is above them paints: some cells that are
    /// owned, and each other.
    fn is_right_under(&self, layers: &[u32], owned: &mut [u64]) -> bool {
        layers.iter().all(|&number| {
            let layer = self.layer(number);
            let is_right = bits::is_inside(&layer.wrong, owned);
            bits::add(owned, &layer.painted);
            is_right
        })
    }
}

/// Two covers are one if they have the same layers.
fn whole_key(whole: &Whole) -> SmallVec<[u32; 4]> {
    whole.1.clone()
}

fn clash(one: Option<u32>, other: Option<u32>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::layers::{Canvas, Paint, Source};
    use crate::value::Value;

    const CELLS: usize = 70;

    fn layer(number: u32, painted: &[usize], wrong: &[usize]) -> Layer {
        let set = |cells: &[usize]| {
            let mut bits = bits::empty(CELLS);
            cells.iter().for_each(|&cell| bits::insert(&mut bits, cell));
            bits
        };
        let source = Source {
            state: number,
            paint: Paint::All,
        };
        Layer {
            sources: SmallVec::from_elem((source, 3 + number % 7), 1),
            derivations: 1,
            shape: (number % 3 > 0).then_some(number % 3),
            painted: set(painted),
            wrong: set(wrong),
            wrong_count: wrong.len() as u32,
            is_full: painted.len() == CELLS,
        }
    }

    /// Makes right layers and pictures with some wrong cells.
    fn layers() -> Layers {
        let wanted = Value::grid(7, 10, vec![1; CELLS]);
        let mut layers = Layers::new(Canvas::new(&[wanted]));
        let all: Vec<usize> = (0..CELLS).collect();
        for number in 0..900_usize {
            let some: Vec<usize> = (0..CELLS)
                .filter(|cell| (cell * 31 + number * 17) % 101 < 20 + number % 50)
                .collect();
            let few: Vec<usize> = some.iter().copied().step_by(9).collect();
            let (painted, wrong) = if number % 3 == 0 {
                (&all, &few)
            } else {
                (&some, &Vec::new())
            };
            layers.layers.push(layer(number as u32, painted, wrong));
        }
        layers
    }

    #[test]
    fn pairs_are_all_that_are_right() {
        let layers = layers();
        let limits = Limits {
            evaluations: 0,
            time: None,
            bytes: 0,
            node_fuel: 0,
            value_leaves: 0,
            layers: 2,
            beam: 0,
            solutions: 0,
            slack: 0,
        };
        let (never, now) = (AtomicBool::new(false), AtomicBool::new(true));
        let assembler = |cancel| Assembler {
            layers: &layers,
            limits: &limits,
            cancel,
        };
        let laid = assembler(&never);
        let (full, right): (Vec<u32>, Vec<u32>) =
            (0..900).partition(|&number| laid.layer(number).is_full);
        let mut wholes = Best::new(PAINTED);
        laid.pair(&right, &full, &mut wholes)
            .expect("nobody cancels");
        let mut wanted: Vec<Whole> = Vec::new();
        for &over in &right {
            for &below in &full {
                let pair = [over, below];
                let (above, picture) = (laid.layer(over), laid.layer(below));
                if !clash(above.shape, picture.shape)
                    && bits::is_inside(&picture.wrong, &above.painted)
                {
                    wanted.push((laid.cost(&pair), SmallVec::from_slice(&pair)));
                }
            }
        }
        assert!(wanted.len() > 3 * PAINTED, "{}", wanted.len());
        wanted.sort();
        wanted.truncate(PAINTED);
        assert_eq!(wholes.into_sorted(whole_key), wanted);
        let cancelled = assembler(&now).pair(&right, &full, &mut Best::new(PAINTED));
        assert!(cancelled.is_err());
    }
}
