//! Primitives whose results are tuples, where those of a similar name return sets.

use super::containers::{call_each, merge_members};
use super::counts::Counts;
use super::evaluation::check_function;
use super::objects::find_objects;
use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::Value;

primitives! {
    o_g(grid, k) = o_g;
    p_g(grid) = p_g;
    apply_t(function, container) metered = apply_t;
    mapply_t(function, container) metered = mapply_t;
}

fn o_g([grid, k]: [&Value; 2]) -> Outcome<Value> {
    let flags = arguments::number(k)?;
    if !(0..=7).contains(&flags) {
        return Err(Failure::argument("expected a number in 0..7"));
    }
    let grid = arguments::rows(grid)?;
    let found = find_objects(grid, flags & 4 != 0, flags & 2 != 0, flags & 1 != 0)?;
    Ok(Value::tuple(
        found.members().into_iter().flatten().collect(),
    ))
}

fn p_g([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(Value::row(
        &Counts::of_grid(grid).colors().collect::<Vec<i8>>(),
    ))
}

fn apply_t(meter: &mut Meter<'_>, [function, container]: [&Value; 2]) -> Outcome<Value> {
    check_function(function, 1)?;
    call_each(meter, function, arguments::container(container)?).map(Value::tuple)
}

fn mapply_t(meter: &mut Meter<'_>, args: [&Value; 2]) -> Outcome<Value> {
    let [function, container] = args;
    check_function(function, 1)?;
    let results = call_each(meter, function, arguments::container(container)?)?;
    merge_members(false, &results)
}
