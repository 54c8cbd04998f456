//! Insides, hulls and outlines of patches.

use super::board::Board;
use super::counts::Counts;
use super::lines::claim_box;
use super::parts::ascending_locations;
use super::shapes_fields::{Field, Step, ALL_STEPS, DIRECT_STEPS};
use crate::arguments::{self, Extent, Patch};
use crate::failure::Outcome;
use crate::meter::Meter;
use crate::value::{Cell, Location, Value};

/// The locations of a patch's box, those of the patch marked.
struct PatchBox {
    edges: Extent,
    field: Field,
    taken: Vec<bool>,
}

impl PatchBox {
    /// Draws the box of a patch; nothing if the patch is empty.
    fn draw(meter: &Meter<'_>, patch: &Patch<'_>) -> Outcome<Option<Self>> {
        let Some(edges) = patch.edges() else {
            return Ok(None);
        };
        claim_box(meter, edges)?;
        let field = Field {
            height: edges.rows() as usize,
            width: edges.columns() as usize,
        };
        let mut taken = vec![false; field.size()];
        patch.for_each(|row, column| {
            taken[(row - edges.top) as usize * field.width + (column - edges.left) as usize] = true;
        });
        Ok(Some(Self {
            edges,
            field,
            taken,
        }))
    }

    /// Returns the marked ones of all locations, ascending.
    fn locations(&self, marked: &[bool]) -> Vec<Location> {
        let mut locations = Vec::new();
        for (row, marked) in (self.edges.top..).zip(marked.chunks(self.field.width)) {
            // The box of a patch has coordinates of 16 bits.
            for (column, _) in (self.edges.left..).zip(marked).filter(|(_, &is)| is) {
                locations.push((row as i16, column as i16));
            }
        }
        locations
    }

    fn free(&self) -> Vec<bool> {
        self.taken.iter().map(|&is_taken| !is_taken).collect()
    }

    fn interior(&self) -> Vec<bool> {
        let mut open = self.free();
        self.field.keep_shut_in(&mut open, DIRECT_STEPS);
        open
    }

    /// Marks what lies between two taken places of a row or of a column.
    fn between(&self) -> Vec<bool> {
        let mut between = vec![false; self.taken.len()];
        for direction in [(0, 1), (1, 0)] {
            self.field.for_each_line(direction, |line| {
                let is_taken = |&&place: &&usize| self.taken[place];
                let first = line.iter().position(|place| is_taken(&place));
                let last = line.iter().rposition(|place| is_taken(&place));
                if let (Some(first), Some(last)) = (first, last) {
                    for &place in &line[first..last] {
                        between[place] |= !self.taken[place];
                    }
                }
            });
        }
        between
    }
}

/// Adds marked locations of its box to a patch, to an object in its most common colour.
fn extended(meter: &Meter<'_>, patch: &Value, mark: fn(&PatchBox) -> Vec<bool>) -> Outcome<Value> {
    let patch = arguments::patch(patch)?;
    let Some(drawn) = PatchBox::draw(meter, &patch)? else {
        return Ok(Value::empty_set());
    };
    let mut more = drawn.locations(&mark(&drawn));
    Ok(match patch {
        Patch::Locations(locations) => {
            more.extend_from_slice(&locations);
            Value::indices(more)
        }
        Patch::Cells(cells) => {
            let mut cells = cells.into_owned();
            cells.sort_unstable();
            cells.dedup();
            let colors: Vec<i8> = cells.iter().map(|cell| cell.color).collect();
            let color = Counts::of_colors(&colors).most()?;
            cells.extend(more.into_iter().map(|location| Cell::new(color, location)));
            Value::object(cells)
        }
    })
}

pub(super) fn solid(meter: &mut Meter<'_>, [patch]: [&Value; 1]) -> Outcome<Value> {
    extended(meter, patch, PatchBox::interior)
}

pub(super) fn block(meter: &mut Meter<'_>, [patch]: [&Value; 1]) -> Outcome<Value> {
    extended(meter, patch, PatchBox::free)
}

pub(super) fn hull(meter: &mut Meter<'_>, [patch]: [&Value; 1]) -> Outcome<Value> {
    extended(meter, patch, PatchBox::between)
}

/// Collects the locations that are some steps away from a patch and not in it.
fn beside(patch: &Value, steps: &[Step]) -> Outcome<Value> {
    let patch = arguments::patch(patch)?;
    let Some(edges) = patch.edges() else {
        return Ok(Value::empty_set());
    };
    let taken = Board::new(&patch, edges);
    let mut found = Vec::new();
    patch.for_each(|row, column| {
        for &(down, right) in steps {
            let (row, column) = (row + down as i32, column + right as i32);
            if !taken.contains(row, column) {
                found.push((row, column));
            }
        }
    });
    let narrow =
        |&(row, column): &(i32, i32)| Some((row.try_into().ok()?, column.try_into().ok()?));
    if let Some(locations) = found.iter().map(narrow).collect() {
        return Ok(Value::indices(locations));
    }
    found.sort_unstable();
    found.dedup();
    Ok(ascending_locations(found.into_iter()))
}

pub(super) fn halo([patch]: [&Value; 1]) -> Outcome<Value> {
    beside(patch, ALL_STEPS)
}

pub(super) fn rim([patch]: [&Value; 1]) -> Outcome<Value> {
    beside(patch, DIRECT_STEPS)
}

/// Keeps the members that have all neighbours in their patch, or those that have not.
fn kept(patch: &Value, inner: bool) -> Outcome<Value> {
    let patch = arguments::patch(patch)?;
    let Some(edges) = patch.edges() else {
        return Ok(Value::empty_set());
    };
    let taken = Board::new(&patch, edges);
    let is_kept = |&(row, column): &Location| {
        let (row, column) = (i32::from(row), i32::from(column));
        let has_all = ALL_STEPS
            .iter()
            .all(|&(down, right)| taken.contains(row + down as i32, column + right as i32));
        has_all == inner
    };
    Ok(match patch {
        Patch::Locations(locations) => {
            Value::indices(locations.iter().copied().filter(is_kept).collect())
        }
        Patch::Cells(cells) => Value::object(
            cells
                .iter()
                .copied()
                .filter(|cell| is_kept(&cell.location))
                .collect(),
        ),
    })
}

pub(super) fn core([patch]: [&Value; 1]) -> Outcome<Value> {
    kept(patch, true)
}

pub(super) fn skin([patch]: [&Value; 1]) -> Outcome<Value> {
    kept(patch, false)
}
