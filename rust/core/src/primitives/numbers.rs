//! Primitives about numbers, pairs of numbers, and truth.
//!
//! Where a number or a pair is wanted, each of the two parts of a pair is treated like a number,
//! and a number beside a pair counts for both parts. A truth value is the integer it equals.

use super::ordering::{exceeds, is_true};
use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::value::Value;

primitives! {
    add(a, b) = add;
    subtract(a, b) = subtract;
    multiply(a, b) = multiply;
    divide(a, b) = divide;
    invert(n) = invert;
    even(n) = even;
    double(n) = double;
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
    match numerical(value)? {
        Numerical::One(number) => operation(number).map(Value::Int),
        Numerical::Two(first, second) => operation(first)
            .zip(operation(second))
            .map(|(first, second)| Value::pair(first, second)),
    }
    .ok_or(Failure::overflow())
}

/// Applies an operation, which gives nothing where the result leaves 64 bits.
fn pairwise(a: &Value, b: &Value, operation: fn(i64, i64) -> Option<i64>) -> Outcome<Value> {
    match (numerical(a)?, numerical(b)?) {
        (Numerical::One(a), Numerical::One(b)) => operation(a, b).map(Value::Int),
        (a, b) => {
            let ((first, second), (other_first, other_second)) = (a.parts(), b.parts());
            operation(first, other_first)
                .zip(operation(second, other_second))
                .map(|(first, second)| Value::pair(first, second))
        }
    }
    .ok_or(Failure::overflow())
}

fn add([a, b]: [&Value; 2]) -> Outcome<Value> {
    pairwise(a, b, i64::checked_add)
}

fn subtract([a, b]: [&Value; 2]) -> Outcome<Value> {
    pairwise(a, b, i64::checked_sub)
}

fn multiply([a, b]: [&Value; 2]) -> Outcome<Value> {
    pairwise(a, b, i64::checked_mul)
}

/// Divides and rounds down; nothing where that leaves 64 bits.
fn floor_divide(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    let rounds_up = a % b != 0 && (a < 0) != (b < 0);
    Some(quotient - i64::from(rounds_up))
}

fn divide([a, b]: [&Value; 2]) -> Outcome<Value> {
    let (first, second) = numerical(b)?.parts();
    if first == 0 || second == 0 {
        return Err(Failure::argument("expected a divisor other than 0"));
    }
    pairwise(a, b, floor_divide)
}

fn invert([n]: [&Value; 1]) -> Outcome<Value> {
    each(n, i64::checked_neg)
}

fn even([n]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Bool(arguments::number(n)? % 2 == 0))
}

fn double([n]: [&Value; 1]) -> Outcome<Value> {
    each(n, |part| part.checked_mul(2))
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
    Ok(Value::Bool(is_true(a) && is_true(b)))
}

fn either([a, b]: [&Value; 2]) -> Outcome<Value> {
    Ok(Value::Bool(is_true(a) || is_true(b)))
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
