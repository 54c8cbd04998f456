//! Primitives that build functions, and that apply them to containers.
//!
//! A function is a value: a primitive, or what one of the first builders here returns. It takes a
//! fixed number of arguments. Calls go over a container in its order, a set's being the ascending
//! one, and each call counts.

use smallvec::SmallVec;

use super::all_lines::connect_all;
use super::containers::{call_each, merge_members};
use super::ordering::{check_function, is_true};
use super::sets::gather;
use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::function::Function;
use crate::meter::Meter;
use crate::primitives::lookup;
use crate::value::Value;

primitives! {
    identity(x) = identity;
    branch(condition, a, b) = branch;
    compose(outer, inner) = compose, built by call_compose;
    chain(h, g, f) = chain, built by call_chain;
    matcher(function, target) = matcher, built by call_matcher;
    rbind(function, fixed) = rbind, built by call_rbind;
    lbind(function, fixed) = lbind, built by call_lbind;
    power(function, n) = power, built by call_power;
    fork(outer, a, b) = fork, built by call_fork;
    apply(function, container) metered = apply;
    rapply(functions, value) metered = rapply;
    mapply(function, container) metered = mapply;
    papply(function, a, b) metered = papply;
    mpapply(function, a, b) metered = mpapply;
    prapply(function, a, b) metered = prapply;
    apply_t(function, container) metered = apply_t;
    mapply_t(function, container) metered = mapply_t;
}

type Args<'a> = SmallVec<[&'a Value; 4]>;

/// Makes the function that a primitive of this name builds from `parts`.
fn build(name: &str, parts: &[&Value], arity: usize) -> Outcome<Value> {
    let callee = lookup(name).expect("a builder in the table above");
    let parts = parts.iter().copied().cloned().collect();
    Function::built(callee, parts, arity).map(Value::function)
}

fn identity([x]: [&Value; 1]) -> Outcome<Value> {
    Ok(x.clone())
}

fn branch([condition, a, b]: [&Value; 3]) -> Outcome<Value> {
    Ok(if is_true(condition) {
        a.clone()
    } else {
        b.clone()
    })
}

fn compose([outer, inner]: [&Value; 2]) -> Outcome<Value> {
    check_function(outer, 1)?;
    check_function(inner, 1)?;
    build("compose", &[outer, inner], 1)
}

fn call_compose(meter: &mut Meter<'_>, parts: &[Value], args: &[&Value]) -> Outcome<Value> {
    let inner = meter.invoke(&parts[1], args)?;
    meter.invoke(&parts[0], &[&inner])
}

fn chain([h, g, f]: [&Value; 3]) -> Outcome<Value> {
    for function in [h, g, f] {
        check_function(function, 1)?;
    }
    build("chain", &[h, g, f], 1)
}

fn call_chain(meter: &mut Meter<'_>, parts: &[Value], args: &[&Value]) -> Outcome<Value> {
    let first = meter.invoke(&parts[2], args)?;
    let second = meter.invoke(&parts[1], &[&first])?;
    meter.invoke(&parts[0], &[&second])
}

fn matcher([function, target]: [&Value; 2]) -> Outcome<Value> {
    check_function(function, 1)?;
    build("matcher", &[function, target], 1)
}

fn call_matcher(meter: &mut Meter<'_>, parts: &[Value], args: &[&Value]) -> Outcome<Value> {
    Ok(Value::Bool(meter.invoke(&parts[0], args)? == parts[1]))
}

/// Returns how many arguments are left when one of a function's is bound.
fn inner_arity(function: &Value) -> Outcome<usize> {
    match function.as_function() {
        Some(function) if function.arity() >= 2 => Ok(function.arity() - 1),
        _ => Err(Failure::argument(
            "expected a function of 2 arguments or more",
        )),
    }
}

fn rbind([function, fixed]: [&Value; 2]) -> Outcome<Value> {
    build("rbind", &[function, fixed], inner_arity(function)?)
}

/// Builds the function that lacks the last argument of a primitive, which is fixed.
pub(super) fn bind_last(primitive: &str, fixed: &Value) -> Outcome<Value> {
    let callee = lookup(primitive).expect("a primitive of this crate");
    rbind([&Value::function(Function::of(callee)), fixed])
}

fn call_rbind(meter: &mut Meter<'_>, parts: &[Value], args: &[&Value]) -> Outcome<Value> {
    if let [first] = args {
        return meter.invoke(&parts[0], &[first, &parts[1]]);
    }
    let mut all = Args::from_slice(args);
    all.push(&parts[1]);
    meter.invoke(&parts[0], &all)
}

fn lbind([function, fixed]: [&Value; 2]) -> Outcome<Value> {
    build("lbind", &[function, fixed], inner_arity(function)?)
}

fn call_lbind(meter: &mut Meter<'_>, parts: &[Value], args: &[&Value]) -> Outcome<Value> {
    if let [last] = args {
        return meter.invoke(&parts[0], &[&parts[1], last]);
    }
    let mut all = Args::from_slice(args);
    all.insert(0, &parts[1]);
    meter.invoke(&parts[0], &all)
}

fn power([function, n]: [&Value; 2]) -> Outcome<Value> {
    check_function(function, 1)?;
    match arguments::number(n)? {
        ..=0 => Err(Failure::argument("expected an integer of at least 1")),
        1 => Ok(function.clone()),
        _ => build("power", &[function, n], 1),
    }
}

fn call_power(meter: &mut Meter<'_>, parts: &[Value], args: &[&Value]) -> Outcome<Value> {
    let mut value = args[0].clone();
    for _ in 0..arguments::number(&parts[1])? {
        value = meter.invoke(&parts[0], &[&value])?;
    }
    Ok(value)
}

fn fork([outer, a, b]: [&Value; 3]) -> Outcome<Value> {
    check_function(outer, 2)?;
    check_function(a, 1)?;
    check_function(b, 1)?;
    build("fork", &[outer, a, b], 1)
}

fn call_fork(meter: &mut Meter<'_>, parts: &[Value], args: &[&Value]) -> Outcome<Value> {
    let a = meter.invoke(&parts[1], args)?;
    let b = meter.invoke(&parts[2], args)?;
    meter.invoke(&parts[0], &[&a, &b])
}

fn apply(meter: &mut Meter<'_>, [function, container]: [&Value; 2]) -> Outcome<Value> {
    check_function(function, 1)?;
    let results = call_each(meter, function, arguments::container(container)?)?;
    Ok(gather(container, results))
}

fn rapply(meter: &mut Meter<'_>, [functions, value]: [&Value; 2]) -> Outcome<Value> {
    let walk = arguments::container(functions)?;
    for function in walk.clone() {
        check_function(&function, 1)?;
    }
    let results = walk
        .map(|function| meter.invoke(&function, &[value]))
        .collect::<Outcome<_>>()?;
    Ok(gather(functions, results))
}

fn mapply(meter: &mut Meter<'_>, args: [&Value; 2]) -> Outcome<Value> {
    let [function, container] = args;
    check_function(function, 1)?;
    let results = call_each(meter, function, arguments::container(container)?)?;
    merge_members(container.is_set(), &results)
}

/// Calls a function with the members of two containers, pair by pair.
fn call_pairs(meter: &mut Meter<'_>, [function, a, b]: [&Value; 3]) -> Outcome<Vec<Value>> {
    check_function(function, 2)?;
    let pairs = arguments::container(a)?.zip(arguments::container(b)?);
    pairs
        .map(|(x, y)| meter.invoke(function, &[&x, &y]))
        .collect()
}

fn papply(meter: &mut Meter<'_>, args: [&Value; 3]) -> Outcome<Value> {
    call_pairs(meter, args).map(Value::tuple)
}

fn mpapply(meter: &mut Meter<'_>, args: [&Value; 3]) -> Outcome<Value> {
    merge_members(false, &call_pairs(meter, args)?)
}

fn prapply(meter: &mut Meter<'_>, [function, a, b]: [&Value; 3]) -> Outcome<Value> {
    check_function(function, 2)?;
    if let Some(lines) = connect_all(meter, function, a, b) {
        return lines;
    }
    let (a_walk, b_walk) = (arguments::container(a)?, arguments::container(b)?);
    let mut results = Vec::new();
    let mut has_empty = false;
    for x in a_walk {
        for y in b_walk.clone() {
            let result = meter.invoke(function, &[&x, &y])?;
            // Most pairs have no line between them: one empty set is enough.
            let is_empty = matches!(&result, Value::Indices(members) if members.is_empty());
            if !(is_empty && std::mem::replace(&mut has_empty, true)) {
                results.push(result);
            }
        }
    }
    Ok(Value::set(results))
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
