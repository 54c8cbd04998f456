//! The forms in a grid: interiors, hulls, borders and outlines.

use super::table::primitives;

primitives! {}
