//! The simplest tests that tell objects from others.

use super::{Task, KEPT};
use crate::primitives::object_rules::Test;
use crate::primitives::object_scenes::{Feature, COLOR, COMPARISONS, FLAGS, KINDS, PROPERTIES};

/// The largest number that a feature can have.
const MOST: i64 = 9999;

impl Task<'_> {
    /// Lists the simplest tests that all of some objects pass and none of others.
    pub(super) fn separate(
        &mut self,
        positives: &[bool],
        negatives: &[bool],
    ) -> Option<Vec<(u32, Vec<Test>)>> {
        if !negatives.contains(&true) {
            return Some(vec![(1, Vec::new())]);
        }
        if !positives.contains(&true) {
            return None;
        }
        let mut found = Vec::new();
        for (feature, bits, values) in &self.features {
            if let Some((more, test)) = single(*feature, values, positives, negatives) {
                found.push((bits + more, vec![test]));
            }
        }
        if found.is_empty() && self.pairs_left > 0 {
            self.pairs_left -= 1;
            found = self.pairs(positives, negatives);
        }
        found.sort_by_key(|(bits, _)| *bits);
        found.truncate(KEPT);
        (!found.is_empty()).then_some(found)
    }

    fn pairs(&self, positives: &[bool], negatives: &[bool]) -> Vec<(u32, Vec<Test>)> {
        let against: Vec<usize> = (0..negatives.len())
            .filter(|&each| negatives[each])
            .collect();
        let words = against.len().div_ceil(64);
        let mut halves: Vec<(u32, Test, Vec<u64>)> = Vec::new();
        for (feature, bits, values) in &self.features {
            let own = || those_of(values, positives);
            let (Some(low), Some(high)) = (own().min(), own().max()) else {
                continue;
            };
            let mut ranges = vec![(low, MOST, 3), (0, high, 3)];
            if low == high {
                ranges.push((low, high, 3));
            }
            if *feature == Feature::Plain(COLOR) {
                ranges.drain(..2);
            }
            for (low, high, more) in ranges {
                let mut out = vec![0_u64; words];
                for (place, &each) in against.iter().enumerate() {
                    if !(low <= values[each] && values[each] <= high) {
                        out[place / 64] |= 1 << (place % 64);
                    }
                }
                if out.iter().any(|word| *word != 0) {
                    let feature = *feature;
                    halves.push((bits + more, Test { feature, low, high }, out));
                }
            }
        }
        let full = |one: &[u64], other: &[u64]| {
            let count: u32 = one
                .iter()
                .zip(other)
                .map(|(a, b)| (a | b).count_ones())
                .sum();
            count as usize == against.len()
        };
        let mut found = Vec::new();
        for (place, (bits, test, out)) in halves.iter().enumerate() {
            for (more, second, beside) in &halves[..place] {
                if full(out, beside) {
                    found.push((bits + more, vec![*second, *test]));
                }
            }
        }
        found
    }

    pub(super) fn passes(&self, tests: &[Test], thing: usize) -> bool {
        tests.iter().all(|test| {
            let known = self
                .features
                .iter()
                .find(|(feature, _, _)| *feature == test.feature);
            known.is_some_and(|(_, _, values)| {
                test.low <= values[thing] && values[thing] <= test.high
            })
        })
    }
}

pub(super) fn bits_of(feature: Feature) -> u32 {
    match feature {
        Feature::Plain(0 | 1 | 2 | 3 | 4 | 9 | 11) => 5,
        Feature::Plain(10 | 12..=16 | 20..=25) => 6,
        Feature::Plain(_) => 7,
        Feature::Compared(0 | 1, 0) => 4,
        Feature::Compared(2, 3 | 17 | 0) => 5,
        Feature::Compared(0 | 1, 1 | 2 | 5..=8 | 11 | 28 | 4 | 25) => 6,
        Feature::Compared(2, 18 | 19) => 6,
        Feature::Compared(_, _) => 8,
        Feature::Has(_) | Feature::Touches(_) => 7,
    }
}

pub(super) fn all_features(colors: &[i8]) -> Vec<Feature> {
    let mut found = Vec::new();
    for property in 0..PROPERTIES.len() {
        let is_kind = KINDS.contains(&property);
        if !is_kind || property == COLOR {
            found.push(Feature::Plain(property));
        }
        for comparison in 0..COMPARISONS.len() {
            let fits = match comparison {
                2 => true,
                3 => matches!(property, 0 | 1 | 2 | 5 | 7 | 11),
                _ => !is_kind && !FLAGS.contains(&property),
            };
            if fits {
                found.push(Feature::Compared(comparison, property));
            }
        }
    }
    found.extend(colors.iter().map(|&color| Feature::Has(color)));
    found.extend(colors.iter().map(|&color| Feature::Touches(color)));
    found
}

/// The values of those objects that are marked.
fn those_of<'a>(values: &'a [i64], marks: &'a [bool]) -> impl Iterator<Item = i64> + 'a {
    let marked = values
        .iter()
        .zip(marks)
        .filter(|(_, is_marked)| **is_marked);
    marked.map(|(value, _)| *value)
}

/// Finds a test of one feature that separates objects, with the bits of its numbers.
fn single(
    feature: Feature,
    values: &[i64],
    positives: &[bool],
    negatives: &[bool],
) -> Option<(u32, Test)> {
    let own = || those_of(values, positives);
    let others = || those_of(values, negatives);
    let (low, high) = (own().min()?, own().max()?);
    if others().any(|value| low <= value && value <= high) {
        return None;
    }
    let below = others().filter(|&value| value < low).max();
    let above = others().filter(|&value| value > high).min();
    let (low, high, bits) = match (feature, below, above) {
        (Feature::Plain(COLOR), _, _) if low != high => return None,
        (Feature::Plain(COLOR), _, _) => (low, high, 3),
        (Feature::Compared(..), Some(_), None) => (low, MOST, 2),
        (Feature::Compared(..), None, Some(_)) => (0, high, 1),
        (_, Some(below), None) => ((below + low + 1).div_euclid(2), MOST, 3),
        (_, None, Some(above)) => (0, (above + high).div_euclid(2), 3),
        _ => (low, high, if low == high { 3 } else { 6 }),
    };
    Some((bits, Test { feature, low, high }))
}
