//! Hashes of numbers, by multiplication: of many bits, so that what has one hash counts as one.

const START: u64 = 0x9e37_79b9_7f4a_7c15;
const FACTOR: u64 = 0xd6e8_feb8_6659_fd93;
const OTHER_FACTOR: u64 = 0xa076_1d64_78bd_642f;

/// Multiplies to 128 bits and folds these: every bit of the result depends on all bits.
#[inline]
pub(super) fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one ^ START) * u128::from(other);
    product as u64 ^ (product >> 64) as u64
}

/// Hashes some words, whose order and number count, to 64 bits.
#[inline]
pub(super) fn fold_to_word(words: impl IntoIterator<Item = u64>) -> u64 {
    let words = words.into_iter();
    words.fold(FACTOR, |hash, word| {
        fold(hash.wrapping_add(1) ^ word, FACTOR)
    })
}

/// Hashes some words, whose order and number count, to 128 bits.
#[inline]
pub(super) fn fold_words(words: impl IntoIterator<Item = u64>) -> u128 {
    let (mut low, mut high) = (FACTOR, OTHER_FACTOR);
    for word in words {
        low = fold(low.wrapping_add(1) ^ word, FACTOR);
        high = fold(high.wrapping_add(1) ^ word, OTHER_FACTOR);
    }
    u128::from(high) << 64 | u128::from(low)
}

#[cfg(test)]
mod tests {
    use rustc_hash::FxHashSet;

    use super::*;

    #[test]
    fn order_and_number_of_the_words_count() {
        let mut words: Vec<Vec<u64>> = Vec::new();
        for length in 0..4 {
            for number in 0..1_u64 << (5 * length) {
                words.push(
                    (0..length)
                        .map(|place| number >> (5 * place) & 31)
                        .collect(),
                );
            }
        }
        let short: FxHashSet<u64> = words
            .iter()
            .map(|words| fold_to_word(words.iter().copied()))
            .collect();
        let long: FxHashSet<u128> = words
            .iter()
            .map(|words| fold_words(words.iter().copied()))
            .collect();
        assert_eq!((short.len(), long.len()), (words.len(), words.len()));
    }
}
