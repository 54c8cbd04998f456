//! How long calls of the primitives take that programs make most.

use arcbatt_core::{lookup, Callee, Function, Meter, Value};
use divan::{black_box, Bencher};

/// Sides of the square grids: a small, a usual and the largest one.
const SIDES: [usize; 3] = [5, 15, 30];

fn main() {
    divan::main();
}

/// Makes a grid with speckles, lines and blocks in several colours.
fn grid(side: usize) -> Value {
    let cell = |row: usize, column: usize| match (row * 7 + column * 3) % 11 {
        0 => 3,
        1 if row % 4 < 2 => 5,
        _ if row % 6 == 2 && column % 5 > 1 => 8,
        _ => 0,
    };
    let cells = (0..side * side)
        .map(|place| cell(place / side, place % side))
        .collect();
    Value::grid(side, side, cells)
}

fn callee(name: &str) -> Callee {
    lookup(name).expect("a primitive")
}

fn function(name: &str) -> Value {
    Value::function(Function::of(callee(name)))
}

fn call(name: &str, args: &[Value]) -> Value {
    Meter::default()
        .call(&callee(name), &args.iter().collect::<Vec<_>>())
        .expect("a call that has a value")
}

fn bench(bencher: Bencher, name: &str, args: &[Value]) {
    let callee = callee(name);
    let args: Vec<&Value> = args.iter().collect();
    let mut meter = Meter::default();
    bencher.bench_local(|| {
        meter.restart();
        meter.call(&callee, black_box(&args))
    });
}

fn flags(flags: [bool; 3]) -> [Value; 3] {
    flags.map(Value::Bool)
}

fn parts(side: usize) -> Value {
    let [univalued, diagonal, without_background] = flags([true, true, true]);
    call(
        "objects",
        &[grid(side), univalued, diagonal, without_background],
    )
}

#[divan::bench(args = SIDES)]
fn objects(bencher: Bencher, side: usize) {
    let [univalued, diagonal, without_background] = flags([true, true, true]);
    bench(
        bencher,
        "objects",
        &[grid(side), univalued, diagonal, without_background],
    );
}

#[divan::bench(args = SIDES)]
fn objects_of_many_colors(bencher: Bencher, side: usize) {
    let [univalued, diagonal, without_background] = flags([false, false, true]);
    bench(
        bencher,
        "objects",
        &[grid(side), univalued, diagonal, without_background],
    );
}

#[divan::bench(args = SIDES)]
fn partition(bencher: Bencher, side: usize) {
    bench(bencher, "partition", &[grid(side)]);
}

#[divan::bench(args = SIDES)]
fn ofcolor(bencher: Bencher, side: usize) {
    bench(bencher, "ofcolor", &[grid(side), Value::Int(8)]);
}

#[divan::bench(args = SIDES)]
fn fill(bencher: Bencher, side: usize) {
    let patch = call("ofcolor", &[grid(side), Value::Int(8)]);
    bench(bencher, "fill", &[grid(side), Value::Int(2), patch]);
}

#[divan::bench(args = SIDES)]
fn paint(bencher: Bencher, side: usize) {
    let object = call("asobject", &[grid(side)]);
    bench(bencher, "paint", &[grid(side), object]);
}

#[divan::bench(args = SIDES)]
fn rot90(bencher: Bencher, side: usize) {
    bench(bencher, "rot90", &[grid(side)]);
}

#[divan::bench(args = SIDES)]
fn mostcolor(bencher: Bencher, side: usize) {
    bench(bencher, "mostcolor", &[grid(side)]);
}

#[divan::bench(args = SIDES)]
fn normalize(bencher: Bencher, side: usize) {
    let object = call("asobject", &[grid(side)]);
    bench(bencher, "normalize", &[object]);
}

#[divan::bench(args = SIDES)]
fn merge(bencher: Bencher, side: usize) {
    bench(bencher, "merge", &[parts(side)]);
}

#[divan::bench(args = SIDES)]
fn apply_size(bencher: Bencher, side: usize) {
    bench(bencher, "apply", &[function("size"), parts(side)]);
}

#[divan::bench(args = SIDES)]
fn argmax_size(bencher: Bencher, side: usize) {
    bench(bencher, "argmax", &[parts(side), function("size")]);
}

#[divan::bench(args = SIDES)]
fn mapply_neighbors(bencher: Bencher, side: usize) {
    let patch = call("ofcolor", &[grid(side), Value::Int(8)]);
    bench(bencher, "mapply", &[function("neighbors"), patch]);
}

#[divan::bench]
fn add(bencher: Bencher) {
    bench(bencher, "add", &[Value::Pair(3, 4), Value::Int(2)]);
}

#[divan::bench(args = SIDES)]
fn digest(bencher: Bencher, side: usize) {
    let grid = grid(side);
    bencher.bench_local(|| arcbatt_core::digest(black_box(&grid)));
}
