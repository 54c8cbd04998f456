//! What the tests of evolution share: a small language, and grounds of a small task.

mod islands;
mod populations;
mod programs;
mod randoms;
mod typing;

use std::sync::atomic::AtomicBool;
use std::sync::Arc;

use crate::evaluate::{Cancelled, Case, Surroundings, STACK_BYTES};
use crate::meter::Bounds;
use crate::primitives::lookup;
use crate::value::Value;

use super::*;

/// The named types, in the order of [`NAMES`].
const NAMES: [&str; 4] = ["Grid", "Place", "Indices", "Samples"];

/// Reads a type: a name, or a name and its arguments in brackets, the result of a function last.
fn kind(text: &str) -> Type {
    let (name, args) = match text.split_once('[') {
        Some((name, rest)) => (name, split(rest.strip_suffix(']').expect("a bracket"))),
        None => (text, Vec::new()),
    };
    let name = Name::named(name, &NAMES).expect("a type");
    Type {
        name,
        args: args.iter().map(|arg| kind(arg)).collect(),
    }
}

/// Splits at the commas that stand in no bracket.
fn split(text: &str) -> Vec<String> {
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for letter in text.chars().filter(|letter| *letter != ' ') {
        depth += i32::from(letter == '[') - i32::from(letter == ']');
        match letter {
            ',' if depth == 0 => parts.push(String::new()),
            letter => parts.last_mut().expect("a part").push(letter),
        }
    }
    parts
}

fn typed(name: &str, parameters: &[&str], signature: &str) -> Typed {
    Typed {
        callee: lookup(name).expect("a primitive"),
        parameters: parameters.iter().map(|&name| name.into()).collect(),
        signature: kind(signature),
        overloads: Vec::new(),
    }
}

fn language() -> Language {
    let primitives = vec![
        typed("vmirror", &["piece"], "Callable[Grid, Grid]"),
        typed("hmirror", &["piece"], "Callable[Grid, Grid]"),
        typed("dmirror", &["piece"], "Callable[Grid, Grid]"),
        typed(
            "fill",
            &["grid", "value", "patch"],
            "Callable[Grid, Color, Indices, Grid]",
        ),
        typed("asindices", &["grid"], "Callable[Grid, Indices]"),
        typed(
            "ofcolor",
            &["grid", "value"],
            "Callable[Grid, Color, Indices]",
        ),
        typed("mostcolor", &["element"], "Callable[Grid, Color]"),
        typed("height", &["piece"], "Callable[Grid, Integer]"),
        typed("size", &["container"], "Callable[Container[A], Integer]"),
        typed("identity", &["x"], "Callable[A, A]"),
        typed("equality", &["a", "b"], "Callable[A, B, Boolean]"),
        typed(
            "branch",
            &["condition", "a", "b"],
            "Callable[Boolean, A, A, A]",
        ),
        typed(
            "compose",
            &["outer", "inner"],
            "Callable[Callable[B, D], Callable[A, B], Callable[A, D]]",
        ),
        typed(
            "rbind",
            &["function", "fixed"],
            "Callable[Callable[A, B, D], B, Callable[A, D]]",
        ),
        typed(
            "lbind",
            &["function", "fixed"],
            "Callable[Callable[A, B, D], A, Callable[B, D]]",
        ),
    ];
    let stands_for = [
        "Tuple[Tuple[Color]]",
        "Pair[Integer, Integer]",
        "FrozenSet[Place]",
        "Tuple[Pair[Grid, Grid]]",
    ];
    let definitions = Definitions {
        types: stands_for.iter().map(|text| kind(text)).collect(),
        short: vec![0, 1, 2],
    };
    let meaning = |text: &str, numbers: std::ops::Range<i64>| Meaning {
        kind: Some(kind(text)),
        parameter: None,
        constants: numbers.map(Constant::int).collect(),
    };
    let lines = |lines: &[&str]| -> Vec<String> { lines.iter().map(|&line| line.into()).collect() };
    Language::new(
        primitives,
        definitions,
        ["Samples", "Grid", "Grid"].map(kind).into(),
        vec![meaning("Color", 0..10), meaning("Integer", -3..11)],
        &lines(&["$I;mostcolor 0"]),
        &lines(&["$I;height 0", "$I;dmirror 0;equality 0 1"]),
    )
    .expect("lines that are programs")
}

fn breeder() -> Breeder {
    Breeder::new(language())
}

fn read(breeder: &Breeder, lines: &[&str]) -> Vec<Arc<Program>> {
    let read = |line: &&str| breeder.language.read(line).map(Arc::new);
    lines
        .iter()
        .map(read)
        .collect::<Result<_, _>>()
        .expect("programs")
}

fn grid(rows: &[&[i8]]) -> Value {
    Value::grid(rows.len(), rows[0].len(), rows.concat())
}

/// The grounds of a task that wants the transposed grid.
fn ground(breeder: &Breeder, dealt: &[&str], seed: u64) -> Ground {
    let pairs = [
        (grid(&[&[1, 2], &[3, 4]]), grid(&[&[1, 3], &[2, 4]])),
        (
            grid(&[&[5, 6, 7], &[8, 9, 1]]),
            grid(&[&[5, 8], &[6, 9], &[7, 1]]),
        ),
    ];
    let samples = Value::tuple(
        pairs
            .iter()
            .map(|(input, wanted)| Value::two(input.clone(), wanted.clone()))
            .collect(),
    );
    let case = |input: &Value, wanted: Option<&Value>| Case {
        samples: samples.clone(),
        input: input.clone(),
        compared: None,
        wanted: wanted.cloned(),
    };
    Ground {
        demos: pairs
            .iter()
            .map(|(input, wanted)| case(input, Some(wanted)))
            .collect(),
        tests: vec![case(&pairs[1].1, None)],
        probes: Vec::new(),
        dealt: read(breeder, dealt),
        without: Vec::new(),
        seeds: vec![seed],
        goal: kind("Grid"),
        inputs: vec![0, 1],
    }
}

fn settings() -> RoundSettings {
    RoundSettings {
        mutants: 300,
        generation: 30,
        population: 20,
        selection: Selection::Lexicase,
        fresh: 0.25,
        further: 0.3,
        size_max: 12,
        bounds: Bounds {
            node_fuel: 2000,
            value_leaves: 1000,
            deadline: None,
        },
        memory_max: 1_000_000,
        shares: true,
        weights: [1.0; MUTATIONS],
    }
}

/// Does a round on a thread with the stack that it needs.
fn breed(
    breeder: &Breeder,
    grounds: &[Ground],
    donors: &[&str],
    settings: &RoundSettings,
    threads: usize,
) -> Result<Vec<Findings>, Cancelled> {
    breed_until(
        breeder,
        grounds,
        donors,
        settings,
        threads,
        &AtomicBool::new(false),
    )
}

fn breed_until(
    breeder: &Breeder,
    grounds: &[Ground],
    donors: &[&str],
    settings: &RoundSettings,
    threads: usize,
    cancel: &AtomicBool,
) -> Result<Vec<Findings>, Cancelled> {
    let donors = read(breeder, donors);
    let work = || {
        let surroundings = Surroundings {
            cancel,
            externals: None,
        };
        breeder.breed(grounds, &donors, &[], settings, threads, surroundings)
    };
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work)
            .expect("a thread")
            .join()
            .expect("no panic")
    })
}

/// The members of an island as lines.
fn lines(breeder: &Breeder, found: &Findings) -> Vec<String> {
    let members = found.members.iter();
    members
        .map(|(_, steps)| breeder.language.write(steps))
        .collect()
}
