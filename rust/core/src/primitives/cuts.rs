//! Grids cut into parts or down to what matters.

use super::table::primitives;

primitives! {}
