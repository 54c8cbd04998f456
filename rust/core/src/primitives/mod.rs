//! The primitives: one table, one file per family.

mod all_lines;
mod board;
mod cell_features;
mod cell_planes;
mod connected_components;
mod containers;
mod counts;
mod cuts;
mod drawings;
mod drawings_copies;
mod drawings_parts;
mod drawings_rays;
mod filters;
mod functions;
mod geometry;
mod grids;
mod learners;
mod learners_cells;
mod lines;
mod measures;
mod numbers;
pub(crate) mod object_actions;
pub(crate) mod object_rules;
pub(crate) mod object_scenes;
mod objects;
mod ordering;
mod parts;
mod patterns;
mod patterns_moves;
mod picks;
mod planes;
mod ranks;
mod rays;
mod repairs;
mod repairs_symmetry;
mod rules;
mod samples;
mod sets;
mod shapes;
mod shapes_fields;
mod shapes_patches;
mod stacks;
mod table;
mod table_cells;
mod tables;
mod tilings;
mod transforms;
mod turns;

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::function::{Callee, PrimitiveId};
use crate::meter::{Bounds, Meter};

pub use crate::meter::{CallBuilt, Kernel, Primitive};

/// All primitives, family by family.
pub fn table() -> &'static [&'static Primitive] {
    static TABLE: OnceLock<Vec<&'static Primitive>> = OnceLock::new();
    TABLE.get_or_init(|| FAMILIES.iter().copied().flatten().collect())
}

/// Finds a primitive by its name.
pub fn lookup(name: &str) -> Option<Callee> {
    static BY_NAME: OnceLock<FxHashMap<&'static str, PrimitiveId>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| {
        let primitives = (0..).zip(table());
        primitives
            .map(|(place, one)| {
                let arity = one.parameters.len() as u16;
                (one.name, PrimitiveId::new(place, one.name, arity))
            })
            .collect()
    });
    by_name.get(name).copied().map(Callee::Native)
}

// The meter is told of the primitives here, since each of them takes a meter.
impl Meter<'_> {
    /// Makes a meter that nothing was spent from.
    pub fn new(bounds: Bounds) -> Self {
        Self::for_primitives(bounds, table())
    }
}

impl Default for Meter<'_> {
    fn default() -> Self {
        Self::new(Bounds::default())
    }
}

static FAMILIES: &[&[Primitive]] = &[
    numbers::PRIMITIVES,
    containers::PRIMITIVES,
    functions::PRIMITIVES,
    grids::PRIMITIVES,
    objects::PRIMITIVES,
    geometry::PRIMITIVES,
    samples::PRIMITIVES,
    ranks::PRIMITIVES,
    learners::PRIMITIVES,
    learners_cells::PRIMITIVES,
    rules::PRIMITIVES,
    cell_planes::PRIMITIVES,
    object_rules::PRIMITIVES,
    transforms::PRIMITIVES,
    shapes::PRIMITIVES,
    rays::PRIMITIVES,
    cuts::PRIMITIVES,
    picks::PRIMITIVES,
    filters::PRIMITIVES,
    tilings::PRIMITIVES,
    stacks::PRIMITIVES,
    repairs::PRIMITIVES,
    drawings::PRIMITIVES,
    patterns::PRIMITIVES,
    measures::PRIMITIVES,
];
