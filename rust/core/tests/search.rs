//! Search: solutions, limits, layers, threads and cancellation.

use std::sync::atomic::AtomicBool;

use arcbatt_core::evaluate::Cancelled;
use arcbatt_core::search::{
    search, search_all, Action, Leaf, Limits, Move, Part, Problem, Roles, Searched, Step, Stop,
    Table, TypeId,
};
use arcbatt_core::{lookup, Callee, Value};

const GRID: TypeId = 0;
const COLOR: TypeId = 1;
const INDICES: TypeId = 2;
const OBJECT: TypeId = 3;

fn grid(rows: &[&[i8]]) -> Value {
    Value::grid(rows.len(), rows[0].len(), rows.concat())
}

fn primitive(name: &str) -> Callee {
    lookup(name).expect("a primitive").into()
}

fn a_move(name: &str, parameters: &[TypeId], result: TypeId) -> Move {
    Move {
        action: Action::Call(primitive(name)),
        parameters: parameters.into(),
        result,
        cost: 3,
        commutes: false,
        barred: Vec::new(),
    }
}

fn table() -> Table {
    Table {
        moves: vec![
            a_move("vmirror", &[GRID], GRID),
            a_move("hmirror", &[GRID], GRID),
            a_move("ofcolor", &[GRID, COLOR], INDICES),
        ],
        caps: vec![100; 4],
        roles: Roles {
            grid: GRID,
            object: OBJECT,
            indices: INDICES,
            color: COLOR,
        },
    }
}

fn limits() -> Limits {
    Limits {
        nodes: 2000,
        time: None,
        bytes: usize::MAX,
        node_fuel: 10_000,
        value_leaves: 1000,
        layers: 3,
        beam: 8,
        solutions: 4,
        slack: 0,
    }
}

/// Makes a problem of the inputs and, for the first of them, the wanted grids.
fn problem(inputs: &[Value], wanted: &[Value]) -> Problem {
    let mut leaves = vec![Leaf {
        type_id: GRID,
        cost: 1,
        values: inputs.to_vec(),
    }];
    leaves.extend((1..4).map(|color| Leaf {
        type_id: COLOR,
        cost: 3,
        values: vec![Value::Int(color); inputs.len()],
    }));
    Problem {
        leaves,
        wanted: wanted.to_vec(),
        samples: inputs.len(),
    }
}

fn mirror() -> Problem {
    problem(
        &[grid(&[&[1, 2]]), grid(&[&[3, 0, 2]]), grid(&[&[5, 6]])],
        &[grid(&[&[2, 1]]), grid(&[&[2, 0, 3]])],
    )
}

/// Colour 1 becomes 3 and nothing else changes: only layers do that here.
fn recolored() -> Problem {
    problem(
        &[
            grid(&[&[1, 2], &[0, 1]]),
            grid(&[&[0, 1, 2]]),
            grid(&[&[1, 1]]),
        ],
        &[grid(&[&[3, 2], &[0, 3]]), grid(&[&[0, 3, 2]])],
    )
}

fn run(problem: &Problem, limits: &Limits) -> Searched {
    search(&table(), problem, limits, &AtomicBool::new(false)).expect("nobody cancels")
}

#[test]
fn a_state_that_is_right_is_found() {
    let searched = run(&mirror(), &limits());
    assert_eq!(searched.stop, Stop::Found);
    let first = &searched.solutions[0];
    assert_eq!((first.cost, first.layers), (4, 1));
    assert_eq!(
        first.expression.steps,
        [Step::Leaf(0), Step::Move(0, vec![0])]
    );
}

#[test]
fn layers_lie_over_each_other() {
    let searched = run(&recolored(), &limits());
    let first = &searched.solutions[0];
    assert_eq!(first.layers, 2);
    assert!(matches!(
        first.expression.steps.last(),
        Some(Step::Fill(..))
    ));
    let alone = Limits {
        layers: 1,
        ..limits()
    };
    assert!(run(&recolored(), &alone).solutions.is_empty());
}

#[test]
fn limits_end_a_search() {
    let few = Limits {
        nodes: 5,
        ..limits()
    };
    let searched = run(&recolored(), &few);
    assert_eq!((searched.stop, searched.nodes), (Stop::Nodes, 5));
    let mut lonely = table();
    lonely.moves.truncate(1);
    let searched = search(
        &lonely,
        &recolored(),
        &Limits {
            layers: 1,
            ..limits()
        },
        &AtomicBool::new(false),
    )
    .expect("nobody cancels");
    assert_eq!(searched.stop, Stop::Exhausted);
    // The mirror of the input and, again, the input.
    assert_eq!(searched.nodes, 2);
}

#[test]
fn a_state_is_made_once() {
    let searched = run(&mirror(), &limits());
    // The input, its mirror, itself for hmirror (one row), and the colours.
    assert!(searched.states <= 6 + 3 * 3);
    assert!(searched.states < searched.nodes as usize + 4);
}

#[test]
fn threads_change_nothing() {
    let problems: Vec<_> = (0..4)
        .map(|turn| {
            let problem = if turn % 2 == 0 { mirror() } else { recolored() };
            (problem, limits())
        })
        .collect();
    let digest = |threads| {
        let done = search_all(&table(), &problems, threads, &AtomicBool::new(false));
        done.expect("nobody cancels")
            .iter()
            .map(|one| {
                let steps: Vec<_> = one
                    .solutions
                    .iter()
                    .map(|solution| (solution.expression.steps.clone(), solution.cost))
                    .collect();
                (one.nodes, one.states, one.values, steps)
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(digest(1), digest(3));
}

#[test]
fn a_cancelled_search_ends() {
    let mut endless = table();
    endless.moves.push(a_move("hconcat", &[GRID, GRID], GRID));
    let long = Limits {
        nodes: u64::MAX,
        ..limits()
    };
    let cancelled = search(&endless, &recolored(), &long, &AtomicBool::new(true));
    assert!(matches!(cancelled, Err(Cancelled)));
}

#[test]
fn memory_ends_a_search() {
    let mut endless = table();
    endless.moves.push(a_move("hconcat", &[GRID, GRID], GRID));
    let small = Limits {
        nodes: u64::MAX,
        bytes: 100_000,
        ..limits()
    };
    let never = AtomicBool::new(false);
    let searched = search(&endless, &recolored(), &small, &never).expect("nobody cancels");
    assert_eq!(searched.stop, Stop::Bytes);
    assert!((100_001..200_000).contains(&searched.bytes));
    // What was found by then is not lost.
    assert_eq!(searched.solutions[0].layers, 2);
}

#[test]
fn a_function_is_one_move_and_counts_its_calls() {
    let function = Move {
        action: Action::Function(vec![
            Part::Argument(0),
            Part::Call(primitive("vmirror"), vec![0]),
            Part::Given(Value::Int(2)),
            Part::Call(primitive("upscale"), vec![1, 2]),
        ]),
        ..a_move("vmirror", &[GRID], GRID)
    };
    let table = Table {
        moves: vec![function],
        ..table()
    };
    let wanted = grid(&[&[2, 2, 1, 1], &[2, 2, 1, 1]]);
    let problem = problem(&[grid(&[&[1, 2]])], &[wanted]);
    let found = search(&table, &problem, &limits(), &AtomicBool::new(false)).unwrap();
    assert_eq!(
        found.solutions[0].expression.steps,
        vec![Step::Leaf(0), Step::Move(0, vec![0])]
    );
    assert_eq!(found.nodes, 2);
    let fewer = Limits {
        nodes: 1,
        ..limits()
    };
    let cut = search(&table, &problem, &fewer, &AtomicBool::new(false)).unwrap();
    assert_eq!((cut.stop, cut.solutions.len()), (Stop::Nodes, 0));
}
