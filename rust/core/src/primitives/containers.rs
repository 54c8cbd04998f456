//! Primitives about tuples and sets.
//!
//! A set is walked in ascending order, a tuple as it stands; what a function or a key decides is
//! decided in that order, and of equally good members the first is taken. A result that is made
//! from the members of one container is of its kind, tuple or set.

use rustc_hash::FxHashSet;

use super::counts::{slot, Counts};
use super::ordering::{best, check_function, exceeds, is_true, rank};
use super::sets::{contains, gather, gather_kept, join_all, keep, union};
use super::table::primitives;
use crate::arguments::{self, container, walk, NO_MEMBERS};
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Members, Value};

primitives! {
    contained(value, container) = contained;
    combine(a, b) = combine;
    intersection(a, b) = intersection;
    difference(a, b) = difference;
    dedupe(tup) = dedupe;
    order(container, compfunc) metered = order;
    repeat(item, num) metered = repeat;
    size(container) = size;
    merge(containers) = merge;
    maximum(container) = maximum;
    minimum(container) = minimum;
    valmax(container, compfunc) metered = valmax;
    valmin(container, compfunc) metered = valmin;
    argmax(container, compfunc) metered = argmax;
    argmin(container, compfunc) metered = argmin;
    mostcommon(container) = mostcommon;
    leastcommon(container) = leastcommon;
    initset(value) = initset;
    sfilter(container, condition) metered = sfilter;
    mfilter(container, function) metered = mfilter;
    extract(container, condition) metered = extract;
    totuple(container) = totuple;
    first(container) = first;
    last(container) = last;
    insert(value, container) = insert;
    remove(value, container) = remove;
    other(container, value) = other;
    interval(start, stop, step) metered = interval;
    product(a, b) metered = product;
    pair(a, b) = pair;
}

fn check_set(value: &Value) -> Outcome<()> {
    if !value.is_set() {
        return Err(Failure::argument("expected a set"));
    }
    Ok(())
}

fn contained([value, container]: [&Value; 2]) -> Outcome<Value> {
    let found = contains(container, value);
    found
        .map(Value::Bool)
        .ok_or(Failure::argument("expected a tuple or a set"))
}

fn combine([a, b]: [&Value; 2]) -> Outcome<Value> {
    let (a_walk, b_walk) = (container(a)?, container(b)?);
    if a.is_set() && b.is_set() {
        return Ok(union(a, b));
    }
    Ok(gather(a, a_walk.chain(b_walk).collect()))
}

fn intersection([a, b]: [&Value; 2]) -> Outcome<Value> {
    if let (Value::Bool(a), Value::Bool(b)) = (a, b) {
        return Ok(Value::Bool(*a && *b));
    }
    if let (Some(a), Some(b)) = (a.number(), b.number()) {
        return Ok(Value::Int(a & b));
    }
    check_set(a)?;
    check_set(b)?;
    Ok(keep(a, b, true))
}

fn difference([a, b]: [&Value; 2]) -> Outcome<Value> {
    let (a_walk, b_walk) = (container(a)?, container(b)?);
    let dropped = if b.is_set() {
        b.clone()
    } else {
        Value::set(b_walk.collect())
    };
    if a.is_set() {
        return Ok(keep(a, &dropped, false));
    }
    let kept = a_walk.filter(|member| contains(&dropped, member) == Some(false));
    Ok(Value::tuple(kept.collect()))
}

fn dedupe([tup]: [&Value; 1]) -> Outcome<Value> {
    let members = arguments::tuple(tup)?;
    if let Value::Row(row) = tup {
        let mut seen = [false; 256];
        let is_new = |&&cell: &&i8| !std::mem::replace(&mut seen[slot(cell)], true);
        return Ok(Value::row(
            &row.cells()
                .iter()
                .filter(is_new)
                .copied()
                .collect::<Vec<i8>>(),
        ));
    }
    let mut seen = FxHashSet::default();
    Ok(Value::tuple(
        members
            .filter(|member| seen.insert(member.clone()))
            .collect(),
    ))
}

/// Calls a function with each member.
pub(super) fn call_each(
    meter: &mut Meter<'_>,
    function: &Value,
    members: Members<'_>,
) -> Outcome<Vec<Value>> {
    let mut results = Vec::with_capacity(members.len());
    members.try_each(|member| {
        results.push(meter.invoke(function, &[member])?);
        Ok(())
    })?;
    Ok(results)
}

fn order(meter: &mut Meter<'_>, [values, compfunc]: [&Value; 2]) -> Outcome<Value> {
    check_function(compfunc, 1)?;
    let members = container(values)?;
    let keys = call_each(meter, compfunc, members.clone())?;
    let members: Vec<Value> = members.collect();
    let positions = rank(meter, &keys, false)?;
    Ok(Value::tuple(
        positions
            .into_iter()
            .map(|place| members[place].clone())
            .collect(),
    ))
}

fn repeat(meter: &mut Meter<'_>, [item, num]: [&Value; 2]) -> Outcome<Value> {
    let times = arguments::number(num)?.max(0);
    meter.claim(i128::from(times) * i128::from(item.leaves()))?;
    if let Some(color) = item.color() {
        return Ok(Value::row(&vec![color; times as usize]));
    }
    Ok(Value::tuple(vec![item.clone(); times as usize]))
}

fn size([values]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(container(values)?.len() as i64))
}

/// Joins the containers in a container; the result is of the outer one's kind.
pub(super) fn merge([containers]: [&Value; 1]) -> Outcome<Value> {
    let inner: Vec<Value> = container(containers)?.collect();
    merge_members(containers.is_set(), &inner)
}

/// Joins containers into a set or a tuple.
pub(super) fn merge_members(into_set: bool, inner: &[Value]) -> Outcome<Value> {
    if inner.iter().any(|member| member.size().is_none()) {
        return Err(Failure::argument("expected a tuple or a set"));
    }
    if into_set {
        return Ok(join_all(&inner.iter().collect::<Vec<_>>()));
    }
    Ok(Value::joined_row(inner).unwrap_or_else(|| {
        Value::tuple(inner.iter().filter_map(Value::members).flatten().collect())
    }))
}

fn lesser(a: &Value, b: &Value) -> Outcome<bool> {
    exceeds(b, a)
}

type Better = fn(&Value, &Value) -> Outcome<bool>;

fn best_member(values: &Value, better: Better) -> Outcome<Value> {
    let mut members: Vec<Value> = container(values)?.collect();
    if members.is_empty() {
        return Ok(Value::Int(0));
    }
    let place = best(&members, better)?;
    Ok(members.swap_remove(place))
}

fn maximum([values]: [&Value; 1]) -> Outcome<Value> {
    best_member(values, exceeds)
}

fn minimum([values]: [&Value; 1]) -> Outcome<Value> {
    best_member(values, lesser)
}

/// Finds the best value of a function for the members of a container; its value for 0 without any.
fn best_value(
    meter: &mut Meter<'_>,
    [values, compfunc]: [&Value; 2],
    better: Better,
) -> Outcome<Value> {
    check_function(compfunc, 1)?;
    let mut keys = call_each(meter, compfunc, container(values)?)?;
    if keys.is_empty() {
        return meter.invoke(compfunc, &[&Value::Int(0)]);
    }
    let place = best(&keys, better)?;
    Ok(keys.swap_remove(place))
}

/// Finds the member for which a function has the best value.
fn best_by(
    meter: &mut Meter<'_>,
    [values, compfunc]: [&Value; 2],
    better: Better,
) -> Outcome<Value> {
    check_function(compfunc, 1)?;
    let keys = call_each(meter, compfunc, walk(values)?)?;
    let place = best(&keys, better)?;
    walk(values)?.nth(place).ok_or(NO_MEMBERS)
}

fn valmax(meter: &mut Meter<'_>, args: [&Value; 2]) -> Outcome<Value> {
    best_value(meter, args, exceeds)
}

fn valmin(meter: &mut Meter<'_>, args: [&Value; 2]) -> Outcome<Value> {
    best_value(meter, args, lesser)
}

fn argmax(meter: &mut Meter<'_>, args: [&Value; 2]) -> Outcome<Value> {
    best_by(meter, args, exceeds)
}

fn argmin(meter: &mut Meter<'_>, args: [&Value; 2]) -> Outcome<Value> {
    best_by(meter, args, lesser)
}

/// Counts the members of a tuple: ascending, each with how often it occurs.
fn counts(tuple: &Value) -> Outcome<Vec<(Value, usize)>> {
    let mut members: Vec<Value> = arguments::tuple(tuple)?.collect();
    members.sort();
    let equal = members.chunk_by(|a, b| a == b);
    Ok(equal
        .map(|members| (members[0].clone(), members.len()))
        .collect())
}

fn mostcommon([tuple]: [&Value; 1]) -> Outcome<Value> {
    if let Value::Row(row) = tuple {
        return Ok(Value::Int(Counts::of_colors(row.cells()).most()?.into()));
    }
    let counts = counts(tuple)?;
    // The first of equal minima wins, but the last of equal maxima.
    let most = counts
        .into_iter()
        .min_by_key(|&(_, count)| std::cmp::Reverse(count));
    most.map(|(member, _)| member).ok_or(NO_MEMBERS)
}

fn leastcommon([tuple]: [&Value; 1]) -> Outcome<Value> {
    if let Value::Row(row) = tuple {
        return Ok(Value::Int(Counts::of_colors(row.cells()).least()?.into()));
    }
    let least = counts(tuple)?.into_iter().min_by_key(|&(_, count)| count);
    least.map(|(member, _)| member).ok_or(NO_MEMBERS)
}

fn initset([value]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::ascending_set(vec![value.clone()]))
}

fn sfilter(meter: &mut Meter<'_>, [values, condition]: [&Value; 2]) -> Outcome<Value> {
    check_function(condition, 1)?;
    let mut kept = Vec::new();
    container(values)?.try_each(|member| {
        if is_true(&meter.invoke(condition, &[member])?) {
            kept.push(member.clone());
        }
        Ok(())
    })?;
    Ok(gather_kept(values, kept))
}

fn mfilter(meter: &mut Meter<'_>, args: [&Value; 2]) -> Outcome<Value> {
    merge([&sfilter(meter, args)?])
}

fn extract(meter: &mut Meter<'_>, [values, condition]: [&Value; 2]) -> Outcome<Value> {
    check_function(condition, 1)?;
    for member in container(values)? {
        if is_true(&meter.invoke(condition, &[&member])?) {
            return Ok(member);
        }
    }
    Err(Failure::argument("expected a container with such a member"))
}

fn totuple([values]: [&Value; 1]) -> Outcome<Value> {
    if values.is_tuple() {
        return Ok(values.clone());
    }
    Ok(Value::tuple(container(values)?.collect()))
}

fn first([values]: [&Value; 1]) -> Outcome<Value> {
    container(values)?.next().ok_or(NO_MEMBERS)
}

fn last([values]: [&Value; 1]) -> Outcome<Value> {
    container(values)?.next_back().ok_or(NO_MEMBERS)
}

fn insert([value, set]: [&Value; 2]) -> Outcome<Value> {
    check_set(set)?;
    Ok(union(set, &Value::ascending_set(vec![value.clone()])))
}

fn remove([value, values]: [&Value; 2]) -> Outcome<Value> {
    let kept = container(values)?.filter(|member| member != value);
    Ok(gather_kept(values, kept.collect()))
}

fn other([values, value]: [&Value; 2]) -> Outcome<Value> {
    container(values)?
        .find(|member| member != value)
        .ok_or(NO_MEMBERS)
}

fn interval(meter: &mut Meter<'_>, [start, stop, step]: [&Value; 3]) -> Outcome<Value> {
    let start = i128::from(arguments::number(start)?);
    let stop = i128::from(arguments::number(stop)?);
    let step = i128::from(arguments::divisor(step)?);
    let (distance, stride) = ((stop - start) * step.signum(), step.abs());
    let count = if distance <= 0 {
        0
    } else {
        (distance + stride - 1) / stride
    };
    meter.claim(count)?;
    // Every member lies between the start and the stop, and those have 64 bits.
    Ok(Value::tuple(
        (0..count)
            .map(|place| Value::Int((start + place * step) as i64))
            .collect(),
    ))
}

fn product(meter: &mut Meter<'_>, [a, b]: [&Value; 2]) -> Outcome<Value> {
    let distinct = |values: Members<'_>| {
        let mut values: Vec<Value> = values.collect();
        values.sort();
        values.dedup();
        let leaves: u64 = values.iter().map(Value::leaves).sum();
        (values, i128::from(leaves))
    };
    let (firsts, first_leaves) = distinct(container(a)?);
    let (seconds, second_leaves) = distinct(container(b)?);
    meter.claim(seconds.len() as i128 * first_leaves + firsts.len() as i128 * second_leaves)?;
    let pair_up = |x: &Value, y: &Value| Value::two(x.clone(), y.clone());
    let pairs = firsts
        .iter()
        .flat_map(|x| seconds.iter().map(move |y| pair_up(x, y)));
    Ok(Value::ascending_set(pairs.collect()))
}

fn pair([a, b]: [&Value; 2]) -> Outcome<Value> {
    if let (Value::Row(a), Value::Row(b)) = (a, b) {
        let pairs = a.cells().iter().zip(b.cells());
        let height = pairs.len();
        return Ok(Value::grid(
            height,
            2,
            pairs.flat_map(|(&x, &y)| [x, y]).collect(),
        ));
    }
    let pairs = container(a)?.zip(container(b)?);
    Ok(Value::tuple(pairs.map(|(x, y)| Value::two(x, y)).collect()))
}
