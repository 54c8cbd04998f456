//! Small grids repeated, mirrored or wrapped into large ones.

use super::table::primitives;

primitives! {}
