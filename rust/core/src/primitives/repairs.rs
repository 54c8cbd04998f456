//! Pictures completed by their symmetry or period.

use super::table::primitives;

primitives! {}
