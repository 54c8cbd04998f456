//! Fast tests of whether a location belongs to a patch.

use crate::arguments::{Extent, Patch};
use crate::value::Location;

/// The box around a patch with one flag a location, unless the box is far larger than the patch.
pub(super) struct Board {
    edges: Extent,
    places: Places,
}

enum Places {
    Flags(Vec<bool>),
    Ascending(Vec<Location>),
}

/// Boxes of up to so many locations are kept as flags.
const FLAGS: i64 = 4096;

impl Board {
    /// Makes the board of a patch that has these edges.
    pub(super) fn new(patch: &Patch<'_>, edges: Extent) -> Self {
        let area = i64::from(edges.rows()) * i64::from(edges.columns());
        let places = if area <= FLAGS {
            let mut flags = vec![false; area as usize];
            patch.for_each(|row, column| {
                flags[((row - edges.top) * edges.columns() + column - edges.left) as usize] = true;
            });
            Places::Flags(flags)
        } else {
            Places::Ascending(patch.locations().into_owned())
        };
        Self { edges, places }
    }

    /// Returns whether the patch has a location.
    pub(super) fn contains(&self, row: i32, column: i32) -> bool {
        let Extent {
            top,
            left,
            bottom,
            right,
        } = self.edges;
        if row < top || row > bottom || column < left || column > right {
            return false;
        }
        match &self.places {
            Places::Flags(flags) => {
                flags[((row - top) * self.edges.columns() + column - left) as usize]
            }
            // Inside the edges both numbers are coordinates of 16 bits.
            Places::Ascending(locations) => locations
                .binary_search(&(row as i16, column as i16))
                .is_ok(),
        }
    }
}
