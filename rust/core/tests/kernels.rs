//! Kernels where a compact form, a bound or Python's arithmetic is easy to get wrong.

use arcbatt_core::tally::Tally;
use arcbatt_core::{lookup, Bounds, Callee, Failure, FailureKind, Function, Meter, Value};

fn callee(name: &str) -> Callee {
    lookup(name).unwrap_or_else(|| panic!("no primitive is called {name}"))
}

fn outcome<const N: usize>(name: &str, args: [Value; N]) -> Result<Value, FailureKind> {
    Meter::default()
        .call(&callee(name), &args.each_ref())
        .map_err(|failure: Failure| failure.kind)
}

fn call<const N: usize>(name: &str, args: [Value; N]) -> Value {
    outcome(name, args).unwrap_or_else(|kind| panic!("{name} fails with {kind:?}"))
}

fn text<const N: usize>(name: &str, args: [Value; N]) -> String {
    call(name, args).to_string()
}

fn function(name: &str) -> Value {
    Value::function(Function::of(callee(name)))
}

fn int(number: i64) -> Value {
    Value::Int(number)
}

fn pair(first: i64, second: i64) -> Value {
    Value::pair(first, second)
}

fn tuple<const N: usize>(members: [Value; N]) -> Value {
    Value::tuple(members.into())
}

fn ints<const N: usize>(numbers: [i64; N]) -> Value {
    Value::tuple(numbers.map(Value::Int).into())
}

fn set<const N: usize>(members: [Value; N]) -> Value {
    Value::set(members.into())
}

fn grid<const H: usize, const W: usize>(rows: [[i8; W]; H]) -> Value {
    Value::grid(H, W, rows.concat())
}

fn cell(color: i64, row: i64, column: i64) -> Value {
    Value::two(int(color), pair(row, column))
}

#[test]
fn division_rounds_down() {
    assert_eq!(text("divide", [int(-7), int(2)]), "-4");
    assert_eq!(text("divide", [int(7), int(-2)]), "-4");
    assert_eq!(text("divide", [int(-6), int(-3)]), "2");
    assert_eq!(text("halve", [pair(5, -3)]), "(2, -2)");
    assert_eq!(
        outcome("divide", [int(1), pair(1, 0)]),
        Err(FailureKind::Argument)
    );
}

#[test]
fn integers_leave_at_64_bits() {
    assert_eq!(
        outcome("add", [int(i64::MAX), int(1)]),
        Err(FailureKind::Overflow)
    );
    assert_eq!(
        outcome("double", [pair(0, i64::MIN)]),
        Err(FailureKind::Overflow)
    );
    assert_eq!(
        outcome("divide", [int(i64::MIN), int(-1)]),
        Err(FailureKind::Overflow)
    );
    assert_eq!(
        outcome("invert", [int(i64::MIN)]),
        Err(FailureKind::Overflow)
    );
    assert_eq!(
        text("add", [int(i64::MAX), int(-1)]),
        (i64::MAX - 1).to_string()
    );
    assert_eq!(
        text("add", [pair(i64::MAX, 0), int(0)]),
        format!("({}, 0)", i64::MAX)
    );
}

#[test]
fn intervals_reach_the_ends_of_64_bits() {
    let far = call("interval", [int(i64::MIN), int(i64::MAX), int(i64::MAX)]);
    assert_eq!(
        far.to_string(),
        format!("({}, -1, {})", i64::MIN, i64::MAX - 1)
    );
    assert_eq!(text("interval", [int(5), int(0), int(-2)]), "(5, 3, 1)");
    assert_eq!(text("interval", [int(0), int(5), int(-1)]), "()");
    let everything = outcome("interval", [int(i64::MIN), int(i64::MAX), int(1)]);
    assert_eq!(everything, Err(FailureKind::Size));
}

#[test]
fn crops_slice_as_python_does() {
    let rows = grid([[1, 2, 3], [4, 5, 6]]);
    let crop = |start: Value, dims: Value| text("crop", [rows.clone(), start, dims]);
    assert_eq!(crop(pair(0, 1), pair(2, 2)), "((2, 3), (5, 6))");
    assert_eq!(crop(pair(0, -2), pair(1, 1)), "((2,),)");
    assert_eq!(crop(pair(0, -1), pair(1, 1)), "((),)");
    assert_eq!(crop(pair(1, 1), pair(9, 9)), "((5, 6),)");
    assert_eq!(crop(pair(5, 0), pair(1, 1)), "()");
    assert_eq!(crop(pair(0, 0), pair(-1, 3)), "((1, 2, 3),)");
}

#[test]
fn splits_skip_the_rest_and_may_be_none() {
    let row = grid([[1, 0, 2]]);
    assert_eq!(text("hsplit", [row.clone(), int(2)]), "(((1,),), ((2,),))");
    assert_eq!(text("hsplit", [row.clone(), int(-3)]), "()");
    assert_eq!(
        text("hsplit", [row.clone(), int(4)]),
        "(((),), ((),), ((),), ((),))"
    );
    assert_eq!(text("vsplit", [row.clone(), int(2)]), "((), ())");
    assert_eq!(outcome("vsplit", [row, int(0)]), Err(FailureKind::Argument));
}

#[test]
fn parts_grow_across_colors_and_corners_only_if_asked_to() {
    let image = grid([[0, 3, 0], [4, 0, 0], [0, 0, 3]]);
    let count = |flags: [bool; 3]| {
        let [univalued, diagonal, without_bg] = flags.map(Value::Bool);
        call("objects", [image.clone(), univalued, diagonal, without_bg]).size()
    };
    assert_eq!(count([true, false, true]), Some(3));
    assert_eq!(count([true, true, true]), Some(3));
    assert_eq!(count([false, true, true]), Some(2));
    assert_eq!(count([true, false, false]), Some(5));
    assert_eq!(count([true, true, false]), Some(4));
    assert_eq!(count([false, false, false]), Some(1));
}

#[test]
fn parts_of_mixed_colors_ascend_by_color() {
    let [mixed, no, yes] = [Value::Bool(false), Value::Bool(false), Value::Bool(true)];
    let found = text("objects", [grid([[5, 3, 0, 0, 0]]), mixed, no, yes]);
    assert_eq!(found, "{{(3, (0, 1)), (5, (0, 0))}}");
}

#[test]
fn negative_colors_are_colors() {
    let marks = grid([[-1, 200_u8 as i8, -1]]);
    assert_eq!(text("mostcolor", [marks.clone()]), "-1");
    assert_eq!(text("palette", [marks.clone()]), "{-56, -1}");
    assert_eq!(
        text("asobject", [marks]),
        "{(-56, (0, 1)), (-1, (0, 0)), (-1, (0, 2))}"
    );
}

#[test]
fn a_grid_may_be_higher_than_locations_reach() {
    let high = call("vupscale", [grid([[7]]), int(33_000)]);
    let cells = call("asobject", [high.clone()]);
    assert!(matches!(cells, Value::Set(_)));
    assert_eq!(cells.size(), Some(33_000));
    assert_eq!(text("last", [cells]), "(7, (32999, 0))");
    let [univalued, diagonal, without_bg] = [true, false, false].map(Value::Bool);
    let found = call("objects", [high.clone(), univalued, diagonal, without_bg]);
    assert_eq!(found.size(), Some(1));
    assert_eq!(
        text("last", [call("ofcolor", [high, int(7)])]),
        "(32999, 0)"
    );
}

#[test]
fn a_patch_may_leave_the_coordinates() {
    let edge = set([pair(32_767, 0), pair(0, 0)]);
    let moved = call("shift", [edge, pair(1, 0)]);
    assert_eq!(moved.to_string(), "{(1, 0), (32768, 0)}");
    assert_eq!(outcome("uppermost", [moved]), Err(FailureKind::Argument));
}

#[test]
fn a_tuple_of_cells_is_walked_as_it_stands() {
    let twice = tuple([cell(5, 0, 0), cell(3, 0, 0)]);
    assert_eq!(text("paint", [grid([[0, 0]]), twice.clone()]), "((3, 0),)");
    assert_eq!(
        text("underpaint", [grid([[0, 0]]), twice.clone()]),
        "((5, 0),)"
    );
    assert_eq!(text("color", [twice.clone()]), "5");
    assert_eq!(
        text("centerofmass", [tuple([pair(3, 3), pair(3, 3)])]),
        "(3, 3)"
    );
    assert_eq!(text("toindices", [twice]), "{(0, 0)}");
}

#[test]
fn a_grid_of_two_columns_is_a_tuple_of_locations() {
    assert_eq!(text("ulcorner", [grid([[3, 1], [2, 5]])]), "(2, 1)");
    assert_eq!(text("ulcorner", [grid([[3, 1, 0]])]), "(3, 1, 0)");
    assert_eq!(
        outcome("urcorner", [grid([[3, 1, 0]])]),
        Err(FailureKind::Argument)
    );
}

#[test]
fn periods_compare_colors_too() {
    let striped = |colors: [i64; 4]| {
        let cells = colors
            .into_iter()
            .zip(0..)
            .map(|(color, column)| cell(color, 0, column));
        Value::set(cells.collect())
    };
    assert_eq!(text("hperiod", [striped([1, 2, 1, 2])]), "2");
    assert_eq!(text("hperiod", [striped([1, 1, 1, 1])]), "1");
    assert_eq!(text("hperiod", [striped([1, 2, 2, 2])]), "4");
    assert_eq!(text("vperiod", [striped([1, 2, 1, 2])]), "1");
    assert_eq!(
        text(
            "hperiod",
            [tuple([cell(1, 0, 0), cell(1, 0, 0), cell(1, 0, 1)])]
        ),
        "1"
    );
}

#[test]
fn outlines_of_thin_boxes_have_no_cell_twice() {
    assert_eq!(
        text("box", [set([pair(0, 0), pair(0, 2)])]),
        "{(0, 0), (0, 1), (0, 2)}"
    );
    assert_eq!(
        text("box", [set([pair(0, 0), pair(2, 0)])]),
        "{(0, 0), (1, 0), (2, 0)}"
    );
    assert_eq!(call("inbox", [set([pair(0, 0)])]).size(), Some(8));
}

#[test]
fn an_object_occurs_where_all_its_cells_match() {
    let image = grid([[1, 2], [2, 1]]);
    let found = text("occurrences", [image.clone(), set([cell(2, 5, 5)])]);
    assert_eq!(found, "{(0, 1), (1, 0)}");
    assert_eq!(
        call("occurrences", [image.clone(), set([])]).size(),
        Some(9)
    );
    let wide = set([cell(2, 0, 0), cell(2, 0, 5)]);
    assert_eq!(call("occurrences", [image, wide]).size(), Some(0));
}

#[test]
fn keys_rank_only_where_they_compare() {
    let order = |values: Value| outcome("order", [values, function("identity")]);
    assert_eq!(
        order(ints([3, 1, 2])).map(|sorted| sorted.to_string()),
        Ok("(1, 2, 3)".into())
    );
    assert_eq!(
        order(tuple([int(1), Value::None])),
        Err(FailureKind::Argument)
    );
    assert_eq!(
        order(tuple([Value::None, Value::None])),
        Err(FailureKind::Argument)
    );
    let same_start = tuple([ints([1, 2]), tuple([int(1), Value::None])]);
    assert_eq!(order(same_start), Err(FailureKind::Argument));
    let both_none = || tuple([int(1), Value::None]);
    assert!(order(tuple([both_none(), both_none()])).is_ok());
}

#[test]
fn sets_rank_by_what_they_contain() {
    let (small, other, big) = (set([int(1)]), set([int(2)]), set([int(1), int(2)]));
    let sorted = call("order", [tuple([big, other, small]), function("identity")]);
    assert_eq!(sorted.to_string(), "({2}, {1}, {1, 2})");
}

#[test]
fn a_power_calls_until_the_fuel_is_spent() {
    let forever = call("power", [function("increment"), int(i64::MAX)]);
    let mut meter = Meter::new(Bounds {
        node_fuel: 1000,
        ..Bounds::default()
    });
    let failure = meter
        .call(&callee("apply"), &[&forever, &ints([1, 2, 3])])
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Fuel);
    // The call takes 7, each increment 3; the one that begins at 1000 takes 2 and is stopped.
    assert_eq!(meter.spent(), 1002);
}

#[test]
fn functions_nest_so_deep_and_no_deeper() {
    let mut nested = function("identity");
    for _ in 0..64 {
        nested = call("compose", [nested, function("identity")]);
    }
    let deeper = outcome("compose", [nested.clone(), function("identity")]);
    assert_eq!(deeper, Err(FailureKind::Depth));
    assert_eq!(outcome("initset", [nested]), Err(FailureKind::Depth));
}

#[test]
fn calls_nest_so_deep_and_no_deeper() {
    // Each level calls apply, and that the next level.
    let mut nested = function("identity");
    let mut value = int(1);
    for _ in 0..49 {
        nested = call("lbind", [function("apply"), nested]);
        value = tuple([value]);
    }
    assert!(outcome("apply", [nested.clone(), tuple([value.clone()])]).is_ok());
    let twice = call("lbind", [function("apply"), nested]);
    let deeper = outcome("apply", [twice, tuple([tuple([value])])]);
    assert_eq!(deeper, Err(FailureKind::Depth));
}

#[test]
fn equal_members_are_found_across_forms() {
    let marks = set([cell(1, 2, 3), pair(1, 2), int(4)]);
    assert_eq!(text("contained", [pair(1, 2), marks.clone()]), "1");
    assert_eq!(
        text("difference", [marks.clone(), set([pair(1, 2)])]),
        "{4, (1, (2, 3))}"
    );
    assert_eq!(
        text("intersection", [set([pair(1, 2)]), marks.clone()]),
        "{(1, 2)}"
    );
    assert_eq!(
        text("insert", [cell(1, 2, 3), marks.clone()]),
        marks.to_string()
    );
    assert_eq!(text("remove", [Value::Bool(true), ints([1, 0, 1])]), "(0,)");
}

#[test]
fn merging_keeps_the_outer_kind() {
    let patches = tuple([set([pair(0, 1)]), set([pair(0, 0), pair(0, 1)])]);
    assert_eq!(text("merge", [patches]), "((0, 1), (0, 0), (0, 1))");
    let mixed = set([set([cell(1, 0, 0)]), set([pair(0, 1)]), set([])]);
    assert_eq!(text("merge", [mixed]), "{(0, 1), (1, (0, 0))}");
    assert_eq!(
        outcome("merge", [tuple([int(1)])]),
        Err(FailureKind::Argument)
    );
}

#[test]
fn lines_between_all_pairs_are_those_of_single_calls() {
    let corners = [(0, 0), (-3, 2), (5, 5), (i16::MIN, 0), (7, i16::MAX)];
    let near = (0..40).map(|n: i16| (n * 7 % 11 - 5, n * 5 % 13 - 6));
    let all = |locations: Vec<(i16, i16)>| Value::indices(locations);
    let sets = [
        all(vec![]),
        all(vec![(3, 4)]),
        all(corners.to_vec()),
        all(near.clone().collect()),
        all(near.map(|(row, column)| (row + 2, column)).collect()),
        all((0..12).map(|column| (4, column)).collect()),
    ];
    let connect = function("connect");
    for node_fuel in [40, 3_000, 200_000, 10_000_000] {
        for (a, b) in sets.iter().flat_map(|a| sets.iter().map(move |b| (a, b))) {
            let bounds = Bounds {
                node_fuel,
                ..Bounds::default()
            };
            let run = |tally: Option<Box<Tally>>| {
                let mut meter = Meter::new(bounds).with_tally(tally);
                let outcome = meter.call(&callee("prapply"), &[&connect, a, b]);
                let kind = outcome.map_err(|failure| failure.kind);
                (kind, meter.spent())
            };
            // With a tally every call is made.
            assert_eq!(run(None), run(Some(Box::default())), "{a} and {b}");
        }
    }
}
