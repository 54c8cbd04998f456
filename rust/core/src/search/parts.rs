//! Parts: pictures that hold the wanted ones, or are held by them, on all demos.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::value::Grid;

use super::layers::Canvas;
use super::states::StateId;

/// A picture that is a step on the way to a smaller or a larger one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    /// Cells that one of the two has and the other has not, on all demos.
    missing: usize,
    cost: u32,
    state: StateId,
}

/// All of them.
#[derive(Default)]
pub(super) struct Parts {
    parts: Vec<Part>,
}

impl Parts {
    /// Adds a picture that has another shape than the wanted ones.
    pub(super) fn add(&mut self, state: StateId, cost: u32, canvas: &Canvas, grids: &[&Grid]) {
        let pairs = || canvas.demos().map(|(_, wanted)| wanted).zip(grids);
        let holds = pairs().all(|(wanted, grid)| is_part(wanted, grid));
        if !holds && !pairs().all(|(wanted, grid)| is_part(grid, wanted)) {
            return;
        }
        let missing = pairs()
            .map(|(wanted, grid)| wanted.cells().len().abs_diff(grid.cells().len()))
            .sum();
        self.parts.push(Part {
            missing,
            cost,
            state,
        });
    }

    /// Goes through the pictures, those first that lack the fewest cells.
    pub(super) fn nearest(&self) -> impl Iterator<Item = StateId> {
        let mut parts: BinaryHeap<Reverse<Part>> =
            self.parts.iter().copied().map(Reverse).collect();
        std::iter::from_fn(move || parts.pop()).map(|Reverse(part)| part.state)
    }

    /// Returns whether there is a picture that costs more than some bits.
    pub(super) fn has_near(&self, bits: u32) -> bool {
        self.parts.iter().any(|part| part.cost > bits)
    }
}

/// Returns whether a picture is somewhere in another one.
fn is_part(small: &Grid, large: &Grid) -> bool {
    if small.height() > large.height() || small.width() > large.width() {
        return false;
    }
    let (width, cells) = (large.width(), large.cells());
    let rows = || small.cells().chunks(small.width());
    (0..=large.height() - small.height()).any(|top| {
        (0..=width - small.width()).any(|left| {
            rows().enumerate().all(|(row, wanted)| {
                let start = (top + row) * width + left;
                &cells[start..start + wanted.len()] == wanted
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    fn grid(rows: &[&[i8]]) -> Value {
        Value::grid(rows.len(), rows[0].len(), rows.concat())
    }

    fn held(small: &[&[i8]], large: &[&[i8]]) -> bool {
        let (small, large) = (grid(small), grid(large));
        is_part(
            small.as_grid().expect("a grid"),
            large.as_grid().expect("a grid"),
        )
    }

    #[test]
    fn a_part_may_be_anywhere() {
        let large: &[&[i8]] = &[&[1, 2, 3], &[4, 5, 6]];
        assert!(held(&[&[5, 6]], large));
        assert!(held(&[&[2], &[5]], large));
        assert!(held(large, large));
        assert!(!held(&[&[3, 4]], large));
        assert!(!held(&[&[5], &[2]], large));
        assert!(!held(&[&[1, 2, 3, 0]], large));
    }

    #[test]
    fn what_lacks_the_fewest_cells_comes_first() {
        let canvas = Canvas::new(&[grid(&[&[1, 2]])]);
        let mut parts = Parts::default();
        for (state, rows) in [
            (0, grid(&[&[3, 1, 2, 4]])),
            (1, grid(&[&[2, 1]])),
            (2, grid(&[&[1]])),
            (3, grid(&[&[1, 2, 4]])),
        ] {
            parts.add(state, 5, &canvas, &[rows.as_grid().expect("a grid")]);
        }
        assert!(parts.nearest().eq([2, 3, 0]));
        assert!(parts.has_near(4) && !parts.has_near(5));
    }
}
