//! Picks by a property, and the properties to pick by.

use super::table::primitives;

primitives! {}
