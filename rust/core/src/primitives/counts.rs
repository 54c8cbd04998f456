//! How many cells each colour has.

use smallvec::SmallVec;

use crate::arguments::{self, Element};
use crate::failure::{Failure, Outcome};
use crate::value::{Grid, Value};

/// The place of a colour among all colours.
pub(super) fn slot(color: i8) -> usize {
    (i16::from(color) - i16::from(i8::MIN)) as usize
}

/// The colours that occur, ascending, with how often they do.
pub(super) struct Counts(SmallVec<[(i8, u32); 10]>);

/// Colours below this are counted in few places, four tables side by side: cells that follow
/// each other are mostly alike, and would wait for one another's count.
const FEW: usize = 16;

impl Counts {
    /// Counts the cells of a grid.
    pub(super) fn of_grid(grid: &Grid) -> Self {
        Self::of_colors(grid.cells())
    }

    /// Counts colours.
    pub(super) fn of_colors(cells: &[i8]) -> Self {
        if !cells
            .iter()
            .fold(true, |few, &cell| few & ((cell as u8) < FEW as u8))
        {
            return Self::of_any(cells);
        }
        let mut tables = [[0_u32; FEW]; 4];
        let fours = cells.chunks_exact(4);
        for &cell in fours.remainder() {
            tables[0][cell as usize % FEW] += 1;
        }
        for four in fours {
            for (table, &cell) in tables.iter_mut().zip(four) {
                table[cell as usize % FEW] += 1;
            }
        }
        let count = |color: usize| tables.iter().map(|table| table[color]).sum();
        let counts = (0..FEW).map(|color| (color as i8, count(color)));
        Self(counts.filter(|&(_, count)| count > 0).collect())
    }

    fn of_any(cells: &[i8]) -> Self {
        let mut counts = [0; 256];
        cells.iter().for_each(|&cell| counts[slot(cell)] += 1);
        let counts = (i8::MIN..=i8::MAX).zip(counts);
        Self(counts.filter(|&(_, count)| count > 0).collect())
    }

    /// Counts the cells of a grid or of an object.
    pub(super) fn of_element(element: &Value) -> Outcome<Self> {
        Ok(match arguments::element(element)? {
            Element::Grid(grid) => Self::of_grid(grid),
            // A set's cells ascend, and so do their colours.
            Element::Object(cells) => {
                let runs = cells.chunk_by(|a, b| a.color == b.color);
                Self(runs.map(|run| (run[0].color, run.len() as u32)).collect())
            }
        })
    }

    /// The colours that occur, ascending, with their counts.
    pub(super) fn pairs(&self) -> &[(i8, u32)] {
        &self.0
    }

    /// The colours that occur, ascending.
    pub(super) fn colors(&self) -> impl Iterator<Item = i8> + '_ {
        self.0.iter().map(|&(color, _)| color)
    }

    /// The colour with the most cells, the lowest of equally many.
    pub(super) fn most(&self) -> Outcome<i8> {
        // The first of equal minima wins, but the last of equal maxima.
        first_color(
            self.0
                .iter()
                .min_by_key(|&&(_, count)| std::cmp::Reverse(count)),
        )
    }

    /// The colour with the fewest cells, the lowest of equally many.
    pub(super) fn least(&self) -> Outcome<i8> {
        first_color(self.0.iter().min_by_key(|&&(_, count)| count))
    }
}

fn first_color(found: Option<&(i8, u32)>) -> Outcome<i8> {
    let (color, _) = found.ok_or(Failure::argument("expected a grid or object with cells"))?;
    Ok(*color)
}

/// Returns the most common colour of a grid, the lowest of equally common ones.
pub(super) fn most_color(grid: &Grid) -> Outcome<i8> {
    Counts::of_grid(grid).most()
}

/// Returns the most common of some colours, the lowest of equally common ones.
pub(super) fn most_common(colors: impl Iterator<Item = i8>) -> Option<i8> {
    let mut counts: SmallVec<[(i8, usize); 10]> = SmallVec::new();
    for color in colors {
        match counts.iter_mut().find(|(known, _)| *known == color) {
            Some((_, count)) => *count += 1,
            None => counts.push((color, 1)),
        }
    }
    let best = counts
        .into_iter()
        .min_by_key(|&(color, count)| (std::cmp::Reverse(count), color));
    best.map(|(color, _)| color)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_of_equally_common_colors_wins() {
        assert_eq!(most_common([3, 2, 2, 3, 1].into_iter()), Some(2));
        assert_eq!(most_common([].into_iter()), None);
    }
}
