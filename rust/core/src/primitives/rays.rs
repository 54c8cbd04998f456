//! Smears, falls and connections along lines.

use super::table::primitives;

primitives! {}
