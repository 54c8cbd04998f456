//! Search: solutions, limits, layers, threads and cancellation.

use std::sync::atomic::AtomicBool;

use arcbatt_core::evaluate::Cancelled;
use arcbatt_core::expression::Step;
use arcbatt_core::search::{
    search, search_all, Grammar, Limits, Problem, Production, Roles, SearchOp, Searched, Stop,
    Terminal, Turn, TypeId,
};
use arcbatt_core::{lookup, Callee, Meter, Value};

const GRID: TypeId = 0;
const COLOR: TypeId = 1;
const INDICES: TypeId = 2;
const OBJECT: TypeId = 3;
const TRUTH: TypeId = 4;

fn grid(rows: &[&[i8]]) -> Value {
    Value::grid(rows.len(), rows[0].len(), rows.concat())
}

fn primitive(name: &str) -> Callee {
    lookup(name).expect("a primitive")
}

fn a_production(name: &str, parameters: &[TypeId], result: TypeId) -> Production {
    Production {
        callee: primitive(name),
        parameters: parameters.into(),
        result,
        cost: 3,
        commutes: false,
        barred: Vec::new(),
    }
}

fn grammar() -> Grammar {
    Grammar {
        productions: vec![
            a_production("vmirror", &[GRID], GRID),
            a_production("hmirror", &[GRID], GRID),
            a_production("ofcolor", &[GRID, COLOR], INDICES),
        ],
        caps: vec![100; 5],
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
        evaluations: 2000,
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
    let mut terminals = vec![Terminal {
        type_id: GRID,
        cost: 1,
        values: inputs.to_vec(),
        is_samples: false,
    }];
    terminals.extend((1..4).map(|color| Terminal {
        type_id: COLOR,
        cost: 3,
        values: vec![Value::Int(color); inputs.len()],
        is_samples: false,
    }));
    Problem {
        terminals,
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

/// No picture of one size comes from inputs of two.
fn unreachable() -> Problem {
    problem(
        &[grid(&[&[1, 2]]), grid(&[&[3, 0, 2]]), grid(&[&[5, 6]])],
        &[grid(&[&[9, 8, 7]]), grid(&[&[9, 8, 7]])],
    )
}

fn run(problem: &Problem, limits: &Limits) -> Searched {
    search(&grammar(), problem, limits, &AtomicBool::new(false)).expect("nobody cancels")
}

#[test]
fn a_state_that_is_right_is_found() {
    let searched = run(&mirror(), &limits());
    assert_eq!(searched.stop, Stop::Found);
    let first = &searched.solutions[0];
    assert_eq!((first.cost, first.layers, first.missed), (4, 1, 0));
    assert_eq!(first.outputs, [grid(&[&[6, 5]])]);
    assert_eq!(
        first.steps,
        [
            Step::given(SearchOp::Terminal(0)),
            Step::new(SearchOp::Production(0), [0].as_slice())
        ]
    );
}

#[test]
fn layers_lie_over_each_other() {
    let searched = run(&recolored(), &limits());
    let first = &searched.solutions[0];
    assert_eq!(first.layers, 2);
    assert_eq!(first.outputs, [grid(&[&[3, 3]])]);
    assert!(matches!(
        first.steps.last(),
        Some(Step {
            op: SearchOp::Fill,
            ..
        })
    ));
    let alone = Limits {
        layers: 1,
        ..limits()
    };
    assert!(run(&recolored(), &alone).solutions.is_empty());
}

#[test]
fn what_is_right_on_some_demos_gets_a_condition() {
    let mut grammar = grammar();
    grammar
        .productions
        .push(a_production("portrait", &[GRID], TRUTH));
    let wide = grid(&[&[1, 2]]);
    let tall = grid(&[&[1], &[2]]);
    let inputs = [wide, tall, grid(&[&[5], &[6]]), grid(&[&[5, 6]])];
    let wanted = [grid(&[&[2, 1]]), grid(&[&[1], &[2]])];
    let problem = problem(&inputs, &wanted);
    let solve = |grammar: &Grammar| {
        search(grammar, &problem, &limits(), &AtomicBool::new(false)).expect("nobody cancels")
    };
    // vmirror is right on both, so it is taken away.
    grammar.productions.remove(0);
    grammar.productions[0] = a_production("rot180", &[GRID], GRID);
    assert!(solve(&grammar).solutions.is_empty());
    grammar
        .productions
        .push(a_production("branch", &[TRUTH, GRID, GRID], GRID));
    let searched = solve(&grammar);
    let first = &searched.solutions[0];
    assert_eq!(first.outputs, [grid(&[&[5], &[6]]), grid(&[&[6, 5]])]);
    assert_eq!(first.cost, 3 + 4 + 4 + 1);
    let conditions = |step: &Step<SearchOp>| step.op == SearchOp::Production(3);
    assert!(first.steps.iter().any(conditions));
}

#[test]
fn limits_end_a_search() {
    let few = Limits {
        evaluations: 5,
        ..limits()
    };
    let searched = run(&recolored(), &few);
    assert_eq!(
        (searched.stop, searched.evaluations),
        (Stop::Evaluations, 5)
    );
    let mut lonely = grammar();
    lonely.productions.truncate(1);
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
    assert_eq!(searched.evaluations, 2);
}

#[test]
fn a_state_is_made_once() {
    let searched = run(&mirror(), &limits());
    // The input, its mirror, itself for hmirror (one row), and the colours.
    assert!(searched.states <= 6 + 3 * 3);
    assert!(searched.states < searched.evaluations as usize + 4);
}

fn turn<'a>(problem: &'a Problem, limits: &'a Limits, group: usize) -> Turn<'a> {
    Turn {
        problem,
        limits,
        group,
        is_optional: true,
        sure_cost: 0,
    }
}

#[test]
fn what_follows_a_sure_search_is_left_out() {
    let mut endless = grammar();
    endless
        .productions
        .push(a_production("hconcat", &[GRID, GRID], GRID));
    let (mirror, hard) = (mirror(), unreachable());
    let short = limits();
    let long = Limits {
        evaluations: u64::MAX,
        ..short
    };
    let sure = Turn {
        sure_cost: 20,
        ..turn(&mirror, &short, 0)
    };
    let turns = [
        turn(&mirror, &short, 0),
        sure,
        turn(&hard, &long, 0),
        Turn {
            is_optional: false,
            ..turn(&hard, &short, 0)
        },
        turn(&hard, &short, 1),
    ];
    for threads in [1, 2, 5] {
        let done = search_all(&endless, &turns, threads, &AtomicBool::new(false));
        let kept = done.expect("nobody cancels");
        let kept: Vec<_> = kept.iter().map(Option::is_some).collect();
        assert_eq!(kept, [true, true, false, true, true]);
    }
}

#[test]
fn threads_change_nothing() {
    let (problems, limits) = ([mirror(), recolored()], limits());
    let turns: Vec<_> = (0..4)
        .map(|number| turn(&problems[number % 2], &limits, number))
        .collect();
    let digest = |threads| {
        let done = search_all(&grammar(), &turns, threads, &AtomicBool::new(false));
        done.expect("nobody cancels")
            .iter()
            .flatten()
            .map(|one| {
                let steps: Vec<_> = one
                    .solutions
                    .iter()
                    .map(|solution| (solution.steps.clone(), solution.cost))
                    .collect();
                (one.evaluations, one.states, one.values, steps)
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(digest(1), digest(3));
}

#[test]
fn a_cancelled_search_ends() {
    let mut endless = grammar();
    endless
        .productions
        .push(a_production("hconcat", &[GRID, GRID], GRID));
    let long = Limits {
        evaluations: u64::MAX,
        ..limits()
    };
    let cancelled = search(&endless, &recolored(), &long, &AtomicBool::new(true));
    assert!(matches!(cancelled, Err(Cancelled)));
}

#[test]
fn memory_ends_a_search() {
    let mut endless = grammar();
    endless
        .productions
        .push(a_production("hconcat", &[GRID, GRID], GRID));
    let small = Limits {
        evaluations: u64::MAX,
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

/// Wants each input as many times as large as there are demos; S is the only way to know how many.
fn counted(demos: usize) -> (Grammar, Problem) {
    const SAMPLES: TypeId = 4;
    let inputs: Vec<Value> = (1..=demos as i8)
        .map(|color| grid(&[&[color, 9]]))
        .collect();
    let mut meter = Meter::default();
    let factor = Value::Int(demos as i64);
    let wanted: Vec<Value> = inputs
        .iter()
        .map(|input| meter.call(&primitive("upscale"), &[input, &factor]))
        .collect::<Result<_, _>>()
        .expect("small grids");
    let pairs = inputs.iter().zip(&wanted);
    let samples = Value::tuple(
        pairs
            .map(|(input, wanted)| Value::two(input.clone(), wanted.clone()))
            .collect(),
    );
    let mut problem = problem(&inputs, &wanted);
    problem.terminals.truncate(1);
    problem.terminals.push(Terminal {
        type_id: SAMPLES,
        cost: 1,
        values: vec![samples; demos],
        is_samples: true,
    });
    let mut grammar = grammar();
    grammar.caps.push(100);
    grammar.productions.extend([
        a_production("size", &[SAMPLES], COLOR),
        a_production("upscale", &[GRID, COLOR], GRID),
    ]);
    (grammar, problem)
}

#[test]
fn demos_that_s_has_to_show_are_missed() {
    for (demos, missed) in [(1, 0), (2, 2), (3, 3)] {
        let (grammar, problem) = counted(demos);
        let never = AtomicBool::new(false);
        let searched = search(&grammar, &problem, &limits(), &never).expect("nobody cancels");
        let dearest = searched.solutions.iter().map(|one| one.missed).max();
        assert_eq!(dearest, Some(missed), "{demos} demos");
    }
}

#[test]
fn demos_that_the_others_predict_are_not_missed() {
    let (mut grammar, mut problem) = counted(3);
    let wanted = grid(&[&[7]]);
    grammar.caps.extend([100, 100]);
    grammar.productions = vec![
        a_production("outputs", &[4], 5),
        a_production("first", &[5], GRID),
    ];
    let pair = |input: &Value| Value::two(input.clone(), wanted.clone());
    let samples = Value::tuple(problem.terminals[0].values.iter().map(pair).collect());
    problem.terminals[1].values = vec![samples; 3];
    problem.wanted = vec![wanted; 3];
    let never = AtomicBool::new(false);
    let searched = search(&grammar, &problem, &limits(), &never).expect("nobody cancels");
    assert_eq!(searched.solutions[0].missed, 0);
    assert!(searched.solutions[0].outputs.is_empty());
}
