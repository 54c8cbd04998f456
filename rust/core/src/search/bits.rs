//! Sets of cells of all demos at once, a bit for each.

use smallvec::SmallVec;
use xxhash_rust::xxh3::xxh3_128;

pub(super) const WORD: usize = u64::BITS as usize;

/// A set of cells.
pub(super) type Bits = Box<[u64]>;

/// Makes an empty set with room for a number of cells.
#[inline]
pub(super) fn empty(cells: usize) -> Bits {
    vec![0; cells.div_ceil(WORD)].into()
}

/// Makes the set of all cells.
#[inline]
pub(super) fn full(cells: usize) -> Bits {
    let mut bits = empty(cells);
    for cell in 0..cells {
        insert(&mut bits, cell);
    }
    bits
}

/// Adds a cell.
#[inline]
pub(super) fn insert(bits: &mut [u64], cell: usize) {
    bits[cell / WORD] |= 1 << (cell % WORD);
}

/// Counts the cells.
#[inline]
pub(super) fn count(bits: &[u64]) -> u32 {
    bits.iter().map(|word| word.count_ones()).sum()
}

/// Counts the cells that are in the first set and not in the second.
#[inline]
pub(super) fn count_without(bits: &[u64], without: &[u64]) -> u32 {
    bits.iter()
        .zip(without)
        .map(|(word, without)| (word & !without).count_ones())
        .sum()
}

/// Returns whether all cells of the first set are in the second.
#[inline]
pub(super) fn is_inside(bits: &[u64], other: &[u64]) -> bool {
    bits.iter()
        .zip(other)
        .all(|(word, other)| word & !other == 0)
}

/// Returns the union of two sets.
#[inline]
pub(super) fn union(bits: &[u64], other: &[u64]) -> Bits {
    bits.iter()
        .zip(other)
        .map(|(word, other)| word | other)
        .collect()
}

/// Adds the cells of the second set to the first.
#[inline]
pub(super) fn add(bits: &mut [u64], other: &[u64]) {
    for (word, other) in bits.iter_mut().zip(other) {
        *word |= other;
    }
}

/// Counts the cells that both sets have.
#[inline]
pub(super) fn count_shared(bits: &[u64], other: &[u64]) -> u32 {
    bits.iter()
        .zip(other)
        .map(|(word, other)| (word & other).count_ones())
        .sum()
}

/// Returns whether two sets have no cell in common.
#[inline]
pub(super) fn are_apart(bits: &[u64], other: &[u64]) -> bool {
    bits.iter()
        .zip(other)
        .all(|(word, other)| word & other == 0)
}

/// The place of the word that has most of the cells; 0 for no words.
pub(super) fn densest(bits: &[u64]) -> usize {
    let words = bits.iter().enumerate();
    let densest = words.max_by_key(|(_, word)| word.count_ones());
    densest.map_or(0, |(place, _)| place)
}

/// Returns a number that no other set has.
pub(super) fn key(bits: &[u64]) -> u128 {
    let mut bytes: SmallVec<[u8; 512]> = SmallVec::new();
    for word in bits {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    xxh3_128(&bytes)
}

/// Returns the cells of the first set that are not in the second.
#[inline]
pub(super) fn without(bits: &[u64], without: &[u64]) -> Bits {
    bits.iter()
        .zip(without)
        .map(|(word, without)| word & !without)
        .collect()
}

/// Keeps what both sets have in the first one, and tells whether anything is left.
#[inline]
pub(super) fn intersect(bits: &mut [u64], other: &[u64]) -> bool {
    let mut left = 0;
    for (word, other) in bits.iter_mut().zip(other) {
        *word &= other;
        left |= *word;
    }
    left != 0
}

/// The members of a set, in ascending order.
#[inline]
pub(super) fn members(bits: &[u64]) -> impl Iterator<Item = usize> + '_ {
    bits.iter().enumerate().flat_map(|(place, &word)| {
        std::iter::successors((word != 0).then_some(word), |word| {
            let rest = word & (word - 1);
            (rest != 0).then_some(rest)
        })
        .map(move |word| place * WORD + word.trailing_zeros() as usize)
    })
}

/// Returns the cells that both sets have.
#[inline]
pub(super) fn common(bits: &[u64], other: &[u64]) -> Bits {
    bits.iter()
        .zip(other)
        .map(|(word, other)| word & other)
        .collect()
}
