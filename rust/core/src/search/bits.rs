//! Sets of cells of all demos at once, a bit for each.

use smallvec::SmallVec;

use super::hashing::fold_words;

pub(super) const WORD: usize = u64::BITS as usize;

/// A set of cells.
pub(super) type Bits = Box<[u64]>;

/// A set of cells that is needed for a moment.
pub(super) type Scratch = SmallVec<[u64; 64]>;

/// Makes an empty set for a moment.
#[inline]
pub(super) fn scratch(cells: usize) -> Scratch {
    SmallVec::from_elem(0, cells.div_ceil(WORD))
}

/// Makes an empty set with room for a number of cells.
#[inline]
pub(super) fn empty(cells: usize) -> Bits {
    vec![0; cells.div_ceil(WORD)].into()
}

/// Makes the set of all cells.
pub(super) fn full(cells: usize) -> Bits {
    let mut bits = empty(cells);
    bits.fill(u64::MAX);
    if let Some(last) = bits.last_mut() {
        *last >>= cells.next_multiple_of(WORD) - cells;
    }
    bits
}

/// Adds the cells, from a first one on, that have the same colour in two pictures.
pub(super) fn insert_equal(bits: &mut [u64], first: usize, one: &[i8], other: &[i8]) {
    let mut cell = first;
    for (one, other) in one.chunks(BYTES).zip(other.chunks(BYTES)) {
        insert_byte(
            bits,
            cell,
            zero_bytes(word_of(one) ^ word_of(other)),
            one.len(),
        );
        cell += BYTES;
    }
}

/// Adds the cells, from a first one on, that have a colour.
pub(super) fn insert_color(bits: &mut [u64], first: usize, cells: &[i8], color: i8) {
    let wanted = u64::from_le_bytes([color as u8; BYTES]);
    let mut cell = first;
    for some in cells.chunks(BYTES) {
        insert_byte(bits, cell, zero_bytes(word_of(some) ^ wanted), some.len());
        cell += BYTES;
    }
}

/// Colours that fit into a word.
const BYTES: usize = 8;

/// At most eight colours as a word.
#[inline]
fn word_of(cells: &[i8]) -> u64 {
    let mut bytes = [0; BYTES];
    for (byte, &cell) in bytes.iter_mut().zip(cells) {
        *byte = cell as u8;
    }
    u64::from_le_bytes(bytes)
}

/// Makes a bit for each byte of a word that is zero.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let zero = !(((word & LOW) + LOW) | word | LOW);
    // The factor moves the highest bit of each byte into the highest byte, each to its own place.
    (zero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Adds those of at most eight cells, from a first one on, that have a bit.
#[inline]
fn insert_byte(bits: &mut [u64], first: usize, byte: u64, cells: usize) {
    let byte = byte & ((1 << cells) - 1);
    let (word, shift) = (first / WORD, first % WORD);
    bits[word] |= byte << shift;
    if shift + cells > WORD {
        bits[word + 1] |= byte >> (WORD - shift);
    }
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
    fold_words(bits.iter().copied())
}

/// Returns the cells of the first set that are not in the second.
#[inline]
pub(super) fn without(bits: &[u64], without: &[u64]) -> Bits {
    bits.iter()
        .zip(without)
        .map(|(word, without)| word & !without)
        .collect()
}

/// Returns the same for a moment.
#[inline]
pub(super) fn without_in(bits: &[u64], without: &[u64]) -> Scratch {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_cells_are_in_the_full_set() {
        for cells in [0, 1, 63, 64, 65, 128, 200] {
            assert!(members(&full(cells)).eq(0..cells));
        }
    }

    #[test]
    fn cells_are_compared_by_eight() {
        let colors = [0, 1, -1, 127, -128, 2];
        for (first, count) in [(0, 0), (0, 8), (3, 61), (60, 5), (57, 7), (61, 140)] {
            let one: Vec<i8> = (0..count).map(|cell| colors[cell * 5 % 6]).collect();
            let other: Vec<i8> = (0..count).map(|cell| colors[cell * 7 % 11 % 6]).collect();
            let mut equal = empty(first + count);
            insert_equal(&mut equal, first, &one, &other);
            let wanted = (0..count).filter(|&cell| one[cell] == other[cell]);
            assert!(members(&equal).eq(wanted.map(|cell| first + cell)));
            for color in colors {
                let mut found = empty(first + count);
                insert_color(&mut found, first, &one, color);
                let wanted = (0..count).filter(|&cell| one[cell] == color);
                assert!(members(&found).eq(wanted.map(|cell| first + cell)));
            }
        }
    }
}
