//! Values keep Python's meaning in every form.

use std::cmp::Ordering;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use arcbatt_core::bytes::canonical_bytes;
use arcbatt_core::{digest, lookup, Cell, Function, Value};

fn tuple<const N: usize>(members: [Value; N]) -> Value {
    Value::tuple(members.into())
}

fn set<const N: usize>(members: [Value; N]) -> Value {
    Value::set(members.into())
}

fn int(number: i64) -> Value {
    Value::Int(number)
}

fn ints<const N: usize>(numbers: [i64; N]) -> Value {
    Value::tuple(numbers.map(Value::Int).into())
}

fn cell(color: i64, row: i64, column: i64) -> Value {
    tuple([int(color), ints([row, column])])
}

fn hash(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Values that are all different, in the canonical order.
fn ladder() -> Vec<Value> {
    let grid = |rows: [[i64; 2]; 2]| tuple(rows.map(ints));
    let function = |name: &str| Value::function(Function::of(lookup(name).expect(name)));
    vec![
        Value::None,
        int(i64::MIN),
        int(-1),
        int(0),
        int(1),
        int(i64::MAX),
        tuple([]),
        tuple([Value::None]),
        tuple([int(-200), int(3)]),
        ints([0]),
        ints([0, 1]),
        ints([0, 1, 2]),
        ints([0, 1, 300]),
        ints([0, 1 << 40]),
        cell(0, 1, 2),
        cell(0, 1, 3),
        cell(0, 1, 40_000),
        ints([1]),
        cell(1, 0, 0),
        cell(200, 0, 0),
        tuple([tuple([])]),
        tuple([tuple([]), tuple([])]),
        tuple([tuple([]), ints([0])]),
        tuple([ints([0, 1])]),
        grid([[0, 1], [2, 3]]),
        grid([[0, 1], [2, 300]]),
        tuple([ints([0, 1, 0]), ints([9, 9, 9])]),
        tuple([set([])]),
        set([]),
        set([Value::None]),
        set([int(0)]),
        set([int(0), int(1)]),
        set([ints([0, 1])]),
        set([ints([0, 1]), ints([0, 2])]),
        set([ints([0, 1]), ints([0, 40_000])]),
        set([ints([0, 1]), cell(0, 0, 0)]),
        set([cell(0, 0, 0)]),
        set([cell(0, 0, 0), cell(1, 0, 0)]),
        set([cell(0, 0, 1)]),
        set([set([])]),
        set([set([cell(0, 0, 1)])]),
        function("identity"),
    ]
}

#[test]
fn the_canonical_order_is_total() {
    let ladder = ladder();
    for (i, a) in ladder.iter().enumerate() {
        for (j, b) in ladder.iter().enumerate() {
            assert_eq!(a.cmp(b), i.cmp(&j), "{a} against {b}");
            assert_eq!(a == b, i == j, "{a} against {b}");
            assert_eq!(digest(a) == digest(b), i == j, "{a} against {b}");
        }
    }
}

#[test]
fn a_bool_is_the_integer_that_it_equals() {
    let bit = Value::Bool(true);
    assert_eq!(bit, int(1));
    assert_eq!(bit.cmp(&int(1)), Ordering::Equal);
    assert_eq!(hash(&bit), hash(&int(1)));
    assert_eq!(digest(&bit), digest(&int(1)));
    assert_eq!(bit.to_string(), "1");
    let wide = |first: Value| tuple([first, int(1 << 40)]);
    assert_eq!(wide(bit.clone()), wide(int(1)));
    assert_eq!(hash(&wide(bit.clone())), hash(&wide(int(1))));
    assert!(matches!(
        tuple([bit.clone(), Value::Bool(false)]),
        Value::Pair(1, 0)
    ));
    assert!(matches!(tuple([bit.clone(), ints([2, 3])]), Value::Cell(_)));
}

#[test]
fn a_bool_in_a_container_is_kept_as_an_integer() {
    let first = |value: &Value| value.members().and_then(|mut members| members.next());
    for container in [
        set([Value::Bool(true), int(1)]),
        set([Value::Bool(true)]),
        tuple([Value::Bool(true), int(1 << 40)]),
        tuple([Value::Bool(true), set([])]),
    ] {
        assert!(
            matches!(first(&container), Some(Value::Int(1))),
            "{container}"
        );
    }
}

#[test]
fn tuples_take_their_compact_form() {
    assert!(matches!(ints([1, 2]), Value::Pair(1, 2)));
    assert!(matches!(ints([1, 1 << 31]), Value::Tuple(_)));
    assert!(matches!(ints([1, 2, 3]), Value::Row(_)));
    assert!(matches!(ints([1, 2, 128]), Value::Tuple(_)));
    assert!(matches!(ints([-128]), Value::Row(_)));
    assert!(matches!(tuple([]), Value::Grid(_)));
    assert!(matches!(tuple([tuple([]), tuple([])]), Value::Grid(_)));
    assert!(matches!(tuple([ints([1, 2])]), Value::Grid(_)));
    assert!(matches!(tuple([ints([1]), ints([1, 2])]), Value::Tuple(_)));
    assert!(matches!(tuple([ints([1]), int(2)]), Value::Tuple(_)));
    let cell = tuple([int(-128), ints([-32768, 32767])]);
    assert_eq!(cell.cell(), Some(Cell::new(-128, (-32768, 32767))));
    assert!(matches!(tuple([int(128), ints([0, 0])]), Value::Tuple(_)));
    assert!(matches!(tuple([int(1), ints([0, 32768])]), Value::Tuple(_)));
}

#[test]
fn sets_take_their_compact_form() {
    assert!(matches!(set([]), Value::Indices(_)));
    assert!(matches!(set([ints([1, 2])]), Value::Indices(_)));
    assert!(matches!(set([ints([1, 40_000])]), Value::Set(_)));
    assert!(matches!(set([cell(1, 2, 3)]), Value::Object(_)));
    assert!(matches!(set([cell(1, 2, 3), ints([1, 2])]), Value::Set(_)));
    assert!(matches!(set([set([])]), Value::Set(_)));
}

#[test]
fn members_rebuild_their_value() {
    for value in ladder() {
        let Some(members) = value.members() else {
            continue;
        };
        assert_eq!(members.len(), members.clone().count());
        let back: Vec<Value> = members.clone().rev().collect();
        let rebuilt = if value.is_set() {
            Value::set(back)
        } else {
            Value::tuple(back.into_iter().rev().collect())
        };
        assert_eq!(rebuilt, value);
        let leaves: u64 = members.clone().map(|member| member.leaves()).sum();
        assert_eq!(leaves.max(1), value.leaves(), "{value}");
        let depth = members.map(|member| member.depth()).max().unwrap_or(0);
        assert_eq!(1 + depth, value.depth(), "{value}");
    }
}

#[test]
fn text_is_an_expression() {
    let value = tuple([
        set([ints([3, 4]), ints([1, 2])]),
        ints([5]),
        set([]),
        Value::None,
    ]);
    assert_eq!(value.to_string(), "({(1, 2), (3, 4)}, (5,), {}, None)");
}

#[test]
fn pictures_are_bytes() {
    let picture = |rows: [[i64; 2]; 1]| canonical_bytes(&tuple(rows.map(ints)));
    assert_eq!(picture([[1, 2]]), b"g\x01\0\0\0\x02\0\0\0\x01\x02");
    assert_eq!(picture([[1, 255]]), b"g\x01\0\0\0\x02\0\0\0\x01\xff");
    assert_eq!(picture([[1, 256]])[..6], *b"t\x01\0\0\0t");
    assert_eq!(picture([[1, -1]])[..6], *b"t\x01\0\0\0t");
    assert_eq!(
        canonical_bytes(&tuple([tuple([])])),
        b"t\x01\0\0\0t\0\0\0\0"
    );
    assert_eq!(
        canonical_bytes(&set([int(2)])),
        b"s\x01\0\0\0i\x02\0\0\0\0\0\0\0"
    );
}

#[test]
fn sets_of_sets_ascend() {
    let mut state = 1_u64;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    };
    for round in 0..300 {
        let mut member = || {
            let size = next(4) as usize;
            let mut number = || next(2) as i64;
            let location = |row: i64, column: i64| ints([row, column]);
            match round % 3 {
                0 => Value::set((0..size).map(|_| location(number(), number())).collect()),
                1 => Value::set(
                    (0..=size)
                        .map(|_| cell(number(), number(), number()))
                        .collect(),
                ),
                _ if number() == 0 => set([location(number(), number())]),
                _ => Value::set(
                    (0..size)
                        .map(|_| cell(number(), number(), number()))
                        .collect(),
                ),
            }
        };
        let members: Vec<Value> = (0..30).map(|_| member()).collect();
        let mut sorted = members.clone();
        sorted.sort();
        sorted.dedup();
        let walked: Vec<Value> = Value::set(members).members().expect("a set").collect();
        assert_eq!(walked, sorted);
    }
}
