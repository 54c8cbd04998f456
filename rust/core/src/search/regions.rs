//! Regions: locations that hold what a picture lacks, found in pairs.
//!
//! Enumeration reaches few common parts of two sets of locations that cost something themselves.
//! Here the wanted cells ask for them: of all sets that hold the wrong cells of one colour those
//! two are joined that have nothing else in common (divide and conquer over partial solutions:
//! Alur et al., "Scaling Enumerative Program Synthesis via Divide and Conquer", 2017).

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use super::bits::{self, Bits};
use super::layers::{Color, Layers};
use super::paint_tests::ValueOf;
use super::states::StateId;
use super::{Grammar, TypeId};

/// Pictures that are completed: the nearest.
const PICTURES: usize = 8;
/// Pictures whose colours are regions as well: the cheapest.
const CLASSED: usize = 120;
/// Bits of the call that finds a colour in a picture.
const CLASS_COST: u32 = 2;
/// Regions around the wrong cells that are tried in pairs.
const AROUND: usize = 200;
/// Regions beside the wrong cells that are tried with each of them.
const BESIDE: usize = 1_000;
/// Pairs that are made for a colour of one picture.
const PAIRS: usize = 2;
/// Pairs that are made at all.
const JOINTS: usize = 40;

/// Some locations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Region {
    /// Those that a state is.
    Locations(StateId),
    /// Those where a picture, the first, has a colour, the second.
    Class(StateId, StateId),
}

/// Two regions whose joint is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Joint {
    cost: u32,
    pub(super) first: Region,
    pub(super) second: Region,
    /// The second is taken away from the first; else they have it in common.
    pub(super) is_without: bool,
}

/// The productions that join regions, by their numbers.
#[derive(Clone, Copy)]
pub(super) struct Joiners {
    pub(super) common: usize,
    pub(super) without: usize,
    pub(super) of_color: usize,
}

impl Joiners {
    pub(super) fn find(grammar: &Grammar) -> Option<Self> {
        let roles = grammar.roles;
        let find = |name: &str, parameters: [TypeId; 2]| {
            grammar.productions.iter().position(|one| {
                one.callee.name() == name
                    && one.parameters[..] == parameters[..]
                    && one.result == roles.indices
            })
        };
        Some(Self {
            common: find("intersection", [roles.indices, roles.indices])?,
            without: find("difference", [roles.indices, roles.indices])?,
            of_color: find("ofcolor", [roles.grid, roles.color])?,
        })
    }
}

/// A region with the cells of the demos that it holds.
struct KnownRegion<'a> {
    region: Region,
    cost: u32,
    cells: Cow<'a, [u64]>,
    /// How many these are.
    count: u32,
}

impl<'a> KnownRegion<'a> {
    fn new(region: Region, cost: u32, cells: Cow<'a, [u64]>) -> Self {
        let count = bits::count(&cells);
        Self {
            region,
            cost,
            cells,
            count,
        }
    }
}

/// Lists pairs of regions that hold what the nearest pictures lack.
pub(super) fn joints(layers: &Layers, value_of: &ValueOf<'_>) -> Vec<Joint> {
    let known = known_regions(layers, value_of);
    let columns = Columns::new(known.iter().map(|one| (one.cost, &*one.cells)));
    let mut joints = Vec::new();
    let mut seen = FxHashSet::default();
    for (_, wrong) in layers.nearest().take(PICTURES) {
        for Color { cost, wanted, .. } in &layers.colors {
            let lacking = bits::common(wrong, wanted);
            if bits::count(&lacking) > 0 && seen.insert((lacking.clone(), wanted)) {
                joints.extend(join(&known, &columns, &lacking, wanted, *cost));
            }
        }
    }
    joints.sort_unstable();
    joints.dedup();
    joints.truncate(JOINTS);
    joints
}

fn known_regions<'a>(layers: &'a Layers, value_of: &ValueOf<'_>) -> Vec<KnownRegion<'a>> {
    let mut known: Vec<KnownRegion<'_>> = layers
        .regions
        .iter()
        .map(|(state, cost, cells)| {
            KnownRegion::new(Region::Locations(*state), *cost, Cow::Borrowed(cells))
        })
        .collect();
    let mut pictures: Vec<(u32, StateId)> = layers
        .layers
        .iter()
        .filter(|layer| layer.is_full)
        .map(|layer| (layer.cost(), layer.sources[0].0.state))
        .collect();
    pictures.sort_unstable();
    for &(cost, picture) in pictures.iter().take(CLASSED) {
        for color in &layers.colors {
            let cells = layers
                .canvas
                .cells_where(&color.colors, |demo| value_of(picture, demo));
            let region = Region::Class(picture, color.state);
            let cost = cost + color.cost + CLASS_COST;
            known.push(KnownRegion::new(region, cost, Cow::Owned(cells.into_vec())));
        }
    }
    known.retain(|one| one.count > 0);
    known.sort_by_key(|one| (one.cost, one.region));
    let mut seen = FxHashSet::default();
    known.retain(|one| seen.insert(bits::key(&one.cells)));
    known
}

/// Joins the regions in pairs that have all lacking cells and no unwanted ones.
fn join(
    known: &[KnownRegion<'_>],
    columns: &Columns,
    lacking: &[u64],
    wanted: &[u64],
    color_cost: u32,
) -> Vec<Joint> {
    let word = bits::densest(lacking);
    let column = columns.cheap(word, 0, |_| true);
    let around: Vec<&KnownRegion<'_>> = known
        .iter()
        .zip(column)
        .filter(|(one, &cells)| lacking[word] & !cells == 0 && bits::is_inside(lacking, &one.cells))
        .map(|(one, _)| one)
        .take(AROUND)
        .collect();
    if around.iter().any(|one| bits::is_inside(&one.cells, wanted)) {
        return Vec::new();
    }
    let surplus: Vec<Bits> = around
        .iter()
        .map(|one| bits::without(&one.cells, wanted))
        .collect();
    let joint = |one: &KnownRegion<'_>, other: &KnownRegion<'_>, is_without| Joint {
        cost: one.cost + other.cost + color_cost,
        first: one.region,
        second: other.region,
        is_without,
    };
    let mut best = BestJoints::default();
    let beyond = Columns::new(
        around
            .iter()
            .zip(&surplus)
            .map(|(one, surplus)| (one.cost, &**surplus)),
    );
    for (place, one) in around.iter().enumerate() {
        let own = &surplus[place];
        let word = bits::densest(own);
        let others = beyond.cheap(word, place + 1, |cost| {
            best.takes(one.cost + cost + color_cost)
        });
        let mut others = (place + 1..).zip(others);
        let other = others.find(|&(number, beyond)| {
            own[word] & beyond == 0 && bits::are_apart(own, &surplus[number])
        });
        if let Some((number, _)) = other {
            best.add(joint(one, around[number], false));
        }
    }
    let beside: Vec<&KnownRegion<'_>> = known
        .iter()
        .filter(|one| bits::are_apart(&one.cells, lacking))
        .take(BESIDE)
        .collect();
    let held = Columns::new(beside.iter().map(|one| (one.cost, &*one.cells)));
    for (one, surplus) in around.iter().zip(&surplus) {
        let word = bits::densest(surplus);
        let others = held.cheap(word, 0, |cost| best.takes(one.cost + cost + color_cost));
        let other = others.iter().zip(&beside).find(|(&cells, other)| {
            surplus[word] & !cells == 0 && bits::is_inside(surplus, &other.cells)
        });
        if let Some((_, other)) = other {
            best.add(joint(one, other, true));
        }
    }
    best.joints
}

/// The cheapest joints, ascending.
#[derive(Default)]
struct BestJoints {
    joints: Vec<Joint>,
}

impl BestJoints {
    /// Returns whether a joint of a cost may be among them.
    fn takes(&self, cost: u32) -> bool {
        self.joints.len() < PAIRS || self.joints[PAIRS - 1].cost >= cost
    }

    fn add(&mut self, joint: Joint) {
        let place = self.joints.partition_point(|other| *other < joint);
        self.joints.insert(place, joint);
        self.joints.truncate(PAIRS);
    }
}

/// The words of many sets, those at the same place side by side: most sets differ in the word where
/// one of them has most of its cells.
struct Columns {
    /// What the sets cost, ascending.
    costs: Vec<u32>,
    words: Vec<u64>,
}

impl Columns {
    /// Notes sets with what they cost, ascending.
    fn new<'a>(sets: impl ExactSizeIterator<Item = (u32, &'a [u64])> + Clone) -> Self {
        let count = sets.len();
        let length = sets.clone().next().map_or(0, |(_, set)| set.len());
        let mut words = vec![0; count * length];
        for (number, (_, set)) in sets.clone().enumerate() {
            for (place, &word) in set.iter().enumerate() {
                words[place * count + number] = word;
            }
        }
        Self {
            costs: sets.map(|(cost, _)| cost).collect(),
            words,
        }
    }

    /// The words at a place, of the sets from a first one on that are cheap enough.
    fn cheap(&self, place: usize, first: usize, is_cheap: impl Fn(u32) -> bool) -> &[u64] {
        let end = self.costs.partition_point(|&cost| is_cheap(cost));
        let start = place * self.costs.len();
        &self.words[start + first.min(end)..start + end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(state: StateId, cost: u32, cells: u64) -> KnownRegion<'static> {
        KnownRegion::new(Region::Locations(state), cost, vec![cells].into())
    }

    fn join(
        known: &[KnownRegion<'_>],
        lacking: &[u64],
        wanted: &[u64],
        color_cost: u32,
    ) -> Vec<Joint> {
        let columns = Columns::new(known.iter().map(|one| (one.cost, &*one.cells)));
        super::join(known, &columns, lacking, wanted, color_cost)
    }

    #[test]
    fn two_regions_have_just_the_lacking_cells_in_common() {
        let known = [
            region(1, 1, 0b0111),
            region(2, 2, 0b1110),
            region(3, 3, 0b1010),
            region(4, 4, 0b1000),
        ];
        let joints = join(&known, &[0b0010], &[0b0010], 3);
        let found: Vec<_> = joints
            .iter()
            .map(|one| (one.cost, one.first, one.second, one.is_without))
            .collect();
        let [one, three, four] = [1, 3, 4].map(Region::Locations);
        assert_eq!(found, [(7, one, three, false), (10, three, four, true)]);
    }

    #[test]
    fn cells_that_are_right_anyway_may_be_painted_again() {
        let known = [region(1, 1, 0b0111), region(2, 2, 0b1110)];
        let joints = join(&known, &[0b0010], &[0b0110], 3);
        assert_eq!(joints.len(), 1);
        assert!(!joints[0].is_without);
    }

    #[test]
    fn one_region_that_is_enough_is_left_to_the_layers() {
        let known = [region(1, 1, 0b0111), region(2, 2, 0b0010)];
        assert!(join(&known, &[0b0010], &[0b0010], 3).is_empty());
    }
}
