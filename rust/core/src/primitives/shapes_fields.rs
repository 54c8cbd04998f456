//! Cells of a rectangle by their place, with their neighbours and connected parts.

use smallvec::SmallVec;

use crate::value::{Grid, Value};

/// Makes a grid of the shape of another one.
pub(super) fn like(grid: &Grid, cells: Vec<i8>) -> Value {
    Value::grid(grid.height(), grid.width(), cells)
}

/// Rows and columns from a cell to those that share an edge with it.
pub(super) const DIRECT_STEPS: &[Step] = &[(-1, 0), (0, -1), (0, 1), (1, 0)];
/// Rows and columns from a cell to those that share only a corner with it.
pub(super) const DIAGONAL_STEPS: &[Step] = &[(-1, -1), (-1, 1), (1, -1), (1, 1)];
/// Both of them.
pub(super) const ALL_STEPS: &[Step] = &[
    (-1, 0),
    (0, -1),
    (0, 1),
    (1, 0),
    (-1, -1),
    (-1, 1),
    (1, -1),
    (1, 1),
];

/// Rows down and columns right.
pub(super) type Step = (isize, isize);

/// The size of a rectangle; a place in it is its row times the width plus its column.
#[derive(Clone, Copy)]
pub(super) struct Field {
    /// How many rows.
    pub(super) height: usize,
    /// How many columns.
    pub(super) width: usize,
}

impl Field {
    /// Measures a grid.
    pub(super) fn of(grid: &Grid) -> Self {
        Self {
            height: grid.height(),
            width: grid.width(),
        }
    }

    /// How many places there are.
    pub(super) fn size(self) -> usize {
        self.height * self.width
    }

    /// The row and the column of a place.
    #[inline]
    pub(super) fn location(self, place: usize) -> (usize, usize) {
        // Most sizes have 32 bits, whose division is quicker.
        match (u32::try_from(place), u32::try_from(self.width)) {
            (Ok(place), Ok(width)) => ((place / width) as usize, (place % width) as usize),
            _ => (place / self.width, place % self.width),
        }
    }

    /// The place that is one step away from a row and column, if it is inside.
    pub(super) fn step(
        self,
        (row, column): (usize, usize),
        (down, right): Step,
    ) -> Option<(usize, usize)> {
        let row = row.checked_add_signed(down)?;
        let column = column.checked_add_signed(right)?;
        (row < self.height && column < self.width).then_some((row, column))
    }

    /// The places that are some steps away from one, those inside.
    pub(super) fn beside(
        self,
        place: usize,
        steps: &[Step],
    ) -> impl Iterator<Item = usize> + use<'_> {
        let location = self.location(place);
        steps.iter().filter_map(move |&step| {
            let (row, column) = self.step(location, step)?;
            Some(row * self.width + column)
        })
    }

    /// Returns whether a row and column are neither the first nor the last ones.
    #[inline]
    pub(super) fn is_inner(self, (row, column): (usize, usize)) -> bool {
        row > 0 && column > 0 && row + 1 < self.height && column + 1 < self.width
    }

    /// How far the places are that steps lead to, where they lead inside.
    pub(super) fn strides(self, steps: &[Step]) -> SmallVec<[isize; 8]> {
        let width = self.width as isize;
        steps
            .iter()
            .map(|&(down, right)| down * width + right)
            .collect()
    }

    /// Walks all lines in a direction, each from one edge to another.
    pub(super) fn for_each_line(self, direction: Step, mut visit: impl FnMut(&[usize])) {
        let (down, right) = direction;
        let stride = down * self.width as isize + right;
        let length = |place: usize, size: usize, step: isize| match step {
            0 => usize::MAX,
            1.. => (size - place).div_ceil(step.unsigned_abs()),
            _ => place / step.unsigned_abs() + 1,
        };
        let mut line = Vec::with_capacity(self.height.max(self.width));
        let width = self.width;
        for row in 0..self.height {
            // A line starts where the place before it would be outside.
            let above = row.checked_add_signed(-down);
            let starts = if above.is_none_or(|above| above >= self.height) {
                0..width
            } else if right > 0 {
                0..width.min(right.unsigned_abs())
            } else {
                width.saturating_sub(right.unsigned_abs())..width
            };
            for column in starts {
                let places = length(row, self.height, down).min(length(column, width, right));
                let start = row * width + column;
                line.clear();
                line.extend(
                    (0..places as isize).map(|step| start.wrapping_add_signed(step * stride)),
                );
                visit(&line);
            }
        }
    }

    /// Takes what is connected with some starts out of the unseen and appends it to the starts.
    pub(super) fn take_connected(
        self,
        unseen: &mut [bool],
        starts: &mut Vec<usize>,
        steps: &[Step],
    ) {
        let strides = self.strides(steps);
        let mut next = 0;
        while let Some(&place) = starts.get(next) {
            next += 1;
            let location = self.location(place);
            if !self.is_inner(location) {
                for &step in steps {
                    if let Some((row, column)) = self.step(location, step) {
                        let beside = row * self.width + column;
                        if std::mem::take(&mut unseen[beside]) {
                            starts.push(beside);
                        }
                    }
                }
                continue;
            }
            for &stride in &strides {
                let beside = place.wrapping_add_signed(stride);
                if std::mem::take(&mut unseen[beside]) {
                    starts.push(beside);
                }
            }
        }
    }

    /// Keeps those of the open places from which no steps over open ones lead to the edge.
    pub(super) fn keep_shut_in(self, open: &mut [bool], steps: &[Step]) {
        let mut starts = Vec::new();
        for row in 0..self.height {
            let is_outermost = row == 0 || row + 1 == self.height;
            let apart = if is_outermost {
                1
            } else {
                self.width.max(2) - 1
            };
            for column in (0..self.width).step_by(apart) {
                let place = row * self.width + column;
                if std::mem::take(&mut open[place]) {
                    starts.push(place);
                }
            }
        }
        self.take_connected(open, &mut starts, steps);
    }

    /// Returns the connected parts of some places; these are used up.
    pub(super) fn parts(self, places: &mut [bool], steps: &[Step]) -> Vec<Vec<usize>> {
        let mut parts = Vec::new();
        for place in 0..places.len() {
            if std::mem::take(&mut places[place]) {
                let mut part = vec![place];
                self.take_connected(places, &mut part, steps);
                parts.push(part);
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: Field = Field {
        height: 3,
        width: 4,
    };

    fn marks(picture: &str) -> Vec<bool> {
        picture
            .chars()
            .filter(|mark| !mark.is_whitespace())
            .map(|mark| mark != '.')
            .collect()
    }

    #[test]
    fn neighbors_end_at_the_edge() {
        let beside = |place| FIELD.beside(place, DIRECT_STEPS).collect::<Vec<_>>();
        assert_eq!(beside(0), [1, 4]);
        assert_eq!(beside(5), [1, 4, 6, 9]);
        assert_eq!(beside(11), [7, 10]);
        assert_eq!(FIELD.beside(3, ALL_STEPS).count(), 3);
    }

    #[test]
    fn lines_cover_every_place_once() {
        for &direction in ALL_STEPS {
            let mut seen = vec![0; FIELD.size()];
            FIELD.for_each_line(direction, |line| {
                line.iter().for_each(|&place| seen[place] += 1);
                let steps = line.windows(2);
                assert!(steps.into_iter().all(|two| {
                    FIELD.step(FIELD.location(two[0]), direction) == Some(FIELD.location(two[1]))
                }));
            });
            assert_eq!(seen, [1; 12]);
        }
    }

    #[test]
    fn corners_connect_with_all_steps_only() {
        let picture = marks("x..x .x.. ...x");
        let count = |steps| FIELD.parts(&mut picture.clone(), steps).len();
        assert_eq!(count(DIRECT_STEPS), 4);
        assert_eq!(count(ALL_STEPS), 3);
    }

    #[test]
    fn what_reaches_the_edge_is_not_shut_in() {
        let mut open = marks("..x. .x.. x.x.");
        FIELD.keep_shut_in(&mut open, DIRECT_STEPS);
        assert_eq!(open, marks(".... .x.. ...."));
        FIELD.keep_shut_in(&mut open, ALL_STEPS);
        assert_eq!(open, marks(".... .x.. ...."));
        let mut open = marks("..x. .x.. x.x.");
        FIELD.keep_shut_in(&mut open, ALL_STEPS);
        assert_eq!(open, marks(".... .... ...."));
    }

    #[test]
    fn fields_without_places_have_no_lines() {
        for (height, width) in [(0, 0), (2, 0)] {
            let field = Field { height, width };
            field.for_each_line((1, 1), |_| panic!("a line"));
            assert!(field.parts(&mut [], ALL_STEPS).is_empty());
        }
    }
}
