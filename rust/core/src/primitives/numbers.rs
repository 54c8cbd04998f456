//! Primitives about numbers, pairs of numbers, and truth.
//!
//! Where a number or a pair is wanted, each of the two parts of a pair is treated like a number,
//! and a number beside a pair counts for both parts; of a longer tuple the first two parts count.
//! A part may be a tuple or a set where the operation takes one. A truth value is the integer it
//! equals.

use super::ordering::{exceeds, is_true};
use super::sets::keep;
use super::table::primitives;
use crate::arguments::{self, first_two};
use crate::failure::{Failure, FailureKind, Outcome};
use crate::meter::Meter;
use crate::value::Value;

primitives! {
    add(a, b) = add;
    subtract(a, b) = subtract;
    multiply(a, b) metered = multiply;
    divide(a, b) = divide;
    invert(n) = invert;
    even(n) = even;
    double(n) metered = double;
    halve(n) = halve;
    increment(x) = increment;
    decrement(x) = decrement;
    crement(x) = crement;
    sign(x) = sign;
    positive(x) = positive;
    greater(a, b) = greater;
    equality(a, b) = equality;
    flip(b) = flip;
    both(a, b) = both;
    either(a, b) = either;
    toivec(i) = toivec;
    tojvec(j) = tojvec;
    astuple(a, b) = astuple;
}

/// A number, or the two parts of a pair.
#[derive(Clone, Copy)]
enum Numerical {
    One(i64),
    Two(i64, i64),
}

impl Numerical {
    fn parts(self) -> (i64, i64) {
        match self {
            Self::One(number) => (number, number),
            Self::Two(first, second) => (first, second),
        }
    }
}

fn numerical(value: &Value) -> Outcome<Numerical> {
    match value.number() {
        Some(number) => Ok(Numerical::One(number)),
        None => value
            .two_numbers()
            .map(|(first, second)| Numerical::Two(first, second))
            .ok_or(Failure::argument(
                "expected an integer or a pair of integers",
            )),
    }
}

/// Applies an operation, which gives nothing where the result leaves 64 bits.
fn each(value: &Value, operation: impl Fn(i64) -> Option<i64>) -> Outcome<Value> {
    match numerical(value) {
        Ok(Numerical::One(number)) => operation(number).map(Value::Int),
        Ok(Numerical::Two(first, second)) => operation(first)
            .zip(operation(second))
            .map(|(first, second)| Value::pair(first, second)),
        Err(_) => {
            let (first, second) = first_two(value)?;
            let apply = |part: &Value| number(operation(arguments::number(part)?));
            return two(apply(&first), || apply(&second));
        }
    }
    .ok_or(Failure::overflow())
}

fn number(result: Option<i64>) -> Outcome<Value> {
    result.map(Value::Int).ok_or(Failure::overflow())
}

/// Makes a pair of two results; that a number is too large counts only if nothing else failed.
fn two(first: Outcome<Value>, second: impl FnOnce() -> Outcome<Value>) -> Outcome<Value> {
    let overflows = |result: &Outcome<Value>| match result {
        Err(failure) => failure.kind == FailureKind::Overflow,
        Ok(_) => true,
    };
    if !overflows(&first) {
        return first;
    }
    let second = second();
    if !overflows(&second) {
        return second;
    }
    Ok(Value::two(first?, second?))
}

/// Applies an operation, which gives nothing where the result leaves 64 bits.
///
/// Parts that are no numbers are left to `general`.
fn pairwise(
    a: &Value,
    b: &Value,
    operation: fn(i64, i64) -> Option<i64>,
    general: impl Fn(&Value, &Value) -> Outcome<Value>,
) -> Outcome<Value> {
    match (numerical(a), numerical(b)) {
        (Ok(Numerical::One(a)), Ok(Numerical::One(b))) => operation(a, b).map(Value::Int),
        (Ok(a), Ok(b)) => {
            let ((first, second), (other_first, other_second)) = (a.parts(), b.parts());
            operation(first, other_first)
                .zip(operation(second, other_second))
                .map(|(first, second)| Value::pair(first, second))
        }
        _ => {
            let (first, second) = if a.is_number() {
                (a.clone(), a.clone())
            } else {
                first_two(a)?
            };
            let (x, y) = if a.is_number() || b.is_tuple() {
                first_two(b)?
            } else {
                (b.clone(), b.clone())
            };
            return two(general(&first, &x), || general(&second, &y));
        }
    }
    .ok_or(Failure::overflow())
}

/// Adds two numbers, or joins two tuples.
pub(super) fn plus(a: &Value, b: &Value) -> Outcome<Value> {
    if a.is_tuple() && b.is_tuple() {
        let members = a.members().into_iter().chain(b.members()).flatten();
        return Ok(Value::tuple(members.collect()));
    }
    number(arguments::number(a)?.checked_add(arguments::number(b)?))
}

/// Subtracts two numbers, or takes the members of one set from another.
fn minus(a: &Value, b: &Value) -> Outcome<Value> {
    if a.is_set() && b.is_set() {
        return Ok(keep(a, b, false));
    }
    number(arguments::number(a)?.checked_sub(arguments::number(b)?))
}

/// Multiplies two numbers, or repeats a tuple.
fn times(meter: &Meter<'_>, a: &Value, b: &Value) -> Outcome<Value> {
    let (a, b) = if b.is_tuple() { (b, a) } else { (a, b) };
    if !a.is_tuple() {
        return number(arguments::number(a)?.checked_mul(arguments::number(b)?));
    }
    let times = arguments::number(b)?.max(0);
    let members: Vec<Value> = a.members().into_iter().flatten().collect();
    let leaves: i128 = members.iter().map(|one| i128::from(one.leaves())).sum();
    meter.claim(i128::from(times).saturating_mul(leaves))?;
    let times = if members.is_empty() { 0 } else { times };
    let repeated = std::iter::repeat_n(members, times as usize).flatten();
    Ok(Value::tuple(repeated.collect()))
}

fn over(a: &Value, b: &Value) -> Outcome<Value> {
    let (dividend, divisor) = (arguments::number(a)?, arguments::divisor(b)?);
    number(floor_divide(dividend, divisor))
}

fn add([a, b]: [&Value; 2]) -> Outcome<Value> {
    pairwise(a, b, i64::checked_add, plus)
}

fn subtract([a, b]: [&Value; 2]) -> Outcome<Value> {
    pairwise(a, b, i64::checked_sub, minus)
}

fn multiply(meter: &mut Meter<'_>, [a, b]: [&Value; 2]) -> Outcome<Value> {
    pairwise(a, b, i64::checked_mul, |a, b| times(meter, a, b))
}

/// Divides and rounds down; nothing where that leaves 64 bits.
fn floor_divide(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    let rounds_up = a % b != 0 && (a < 0) != (b < 0);
    Some(quotient - i64::from(rounds_up))
}

fn divide([a, b]: [&Value; 2]) -> Outcome<Value> {
    let has_zero = numerical(b).is_ok_and(|b| b.parts().0 == 0 || b.parts().1 == 0);
    if has_zero {
        return Err(Failure::argument("expected a divisor other than 0"));
    }
    pairwise(a, b, floor_divide, over)
}

fn invert([n]: [&Value; 1]) -> Outcome<Value> {
    each(n, i64::checked_neg)
}

fn even([n]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Bool(arguments::number(n)? % 2 == 0))
}

fn double(meter: &mut Meter<'_>, [n]: [&Value; 1]) -> Outcome<Value> {
    if numerical(n).is_ok() {
        return each(n, |part| part.checked_mul(2));
    }
    let (first, second) = first_two(n)?;
    let twice = |part: &Value| times(meter, part, &Value::Int(2));
    two(twice(&first), || twice(&second))
}

fn halve([n]: [&Value; 1]) -> Outcome<Value> {
    each(n, |part| floor_divide(part, 2))
}

fn increment([x]: [&Value; 1]) -> Outcome<Value> {
    each(x, |part| part.checked_add(1))
}

fn decrement([x]: [&Value; 1]) -> Outcome<Value> {
    each(x, |part| part.checked_sub(1))
}

fn crement([x]: [&Value; 1]) -> Outcome<Value> {
    each(x, |part| part.checked_add(part.signum()))
}

fn sign([x]: [&Value; 1]) -> Outcome<Value> {
    each(x, |part| Some(part.signum()))
}

fn positive([x]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Bool(arguments::number(x)? > 0))
}

fn greater([a, b]: [&Value; 2]) -> Outcome<Value> {
    Ok(Value::Bool(exceeds(a, b)?))
}

fn equality([a, b]: [&Value; 2]) -> Outcome<Value> {
    Ok(Value::Bool(a == b))
}

fn flip([b]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Bool(!is_true(b)))
}

fn both([a, b]: [&Value; 2]) -> Outcome<Value> {
    Ok(if is_true(a) { b } else { a }.clone())
}

fn either([a, b]: [&Value; 2]) -> Outcome<Value> {
    Ok(if is_true(a) { a } else { b }.clone())
}

fn toivec([i]: [&Value; 1]) -> Outcome<Value> {
    astuple([i, &Value::Int(0)])
}

fn tojvec([j]: [&Value; 1]) -> Outcome<Value> {
    astuple([&Value::Int(0), j])
}

fn astuple([a, b]: [&Value; 2]) -> Outcome<Value> {
    Ok(match (a, b) {
        (Value::Int(a), Value::Int(b)) => Value::pair(*a, *b),
        _ => Value::two(a.clone(), b.clone()),
    })
}
