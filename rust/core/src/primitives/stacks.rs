//! Grids laid over or beside each other.

use super::table::primitives;

primitives! {}
