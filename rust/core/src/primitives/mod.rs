//! The primitives: one table, one file per family.

mod all_lines;
mod board;
mod cell_features;
mod cell_rules;
mod containers;
mod counts;
mod cuts;
mod cuts_regions;
mod drawings;
mod drawings_copies;
mod drawings_parts;
mod drawings_rays;
mod evaluation;
mod filters;
mod functions;
mod geometry;
mod grids;
mod lessons;
mod lines;
mod measures;
mod numbers;
mod objects;
mod parts;
mod patterns;
mod patterns_moves;
mod picks;
mod planes;
mod ranks;
mod rays;
mod repairs;
mod repairs_symmetry;
mod samples;
mod sets;
mod shapes;
mod shapes_fields;
mod shapes_patches;
mod stacks;
mod table;
mod tilings;
mod tuples;
mod turns;
mod views;

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::failure::Outcome;
use crate::meter::Meter;
use crate::value::Value;

/// The body of a primitive; it is given as many arguments as it has parameters.
pub type Kernel = fn(&mut Meter<'_>, &[&Value]) -> Outcome<Value>;
/// How a function that a primitive built is called: with its parts and its arguments.
pub type CallBuilt = fn(&mut Meter<'_>, &[Value], &[&Value]) -> Outcome<Value>;

/// One function of the language.
#[derive(Debug)]
pub struct Primitive {
    /// Its name, the same in every engine.
    pub name: &'static str,
    /// The names of its parameters, in order.
    pub parameters: &'static [&'static str],
    /// Its body.
    pub kernel: Kernel,
    /// How functions that it built are called, if it builds any.
    pub built: Option<CallBuilt>,
}

/// Walks all primitives, family by family.
pub fn all() -> impl Iterator<Item = &'static Primitive> {
    FAMILIES.iter().copied().flatten()
}

/// Finds a primitive by its name.
pub fn lookup(name: &str) -> Option<&'static Primitive> {
    static BY_NAME: OnceLock<FxHashMap<&'static str, &'static Primitive>> = OnceLock::new();
    BY_NAME
        .get_or_init(|| all().map(|primitive| (primitive.name, primitive)).collect())
        .get(name)
        .copied()
}

static FAMILIES: [&[Primitive]; 23] = [
    numbers::PRIMITIVES,
    containers::PRIMITIVES,
    functions::PRIMITIVES,
    grids::PRIMITIVES,
    objects::PRIMITIVES,
    geometry::PRIMITIVES,
    samples::PRIMITIVES,
    ranks::PRIMITIVES,
    tuples::PRIMITIVES,
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
    lessons::PRIMITIVES,
    cell_rules::PRIMITIVES,
    views::PRIMITIVES,
];
