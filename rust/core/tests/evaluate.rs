//! The evaluator: sharing, freeing, failures, threads and cancellation.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use arcbatt_core::evaluate::{
    agreement, evaluate, trace, Cancelled, Case, CaseOutcome, Job, Settings, Surroundings,
};
use arcbatt_core::graph::{Graph, GraphError, Node, Op};
use arcbatt_core::{
    lookup, Callee, External, ExternalPrimitives, Failure, FailureKind, Meter, Outcome, Value,
};

/// Primitives from outside that count their calls and misbehave.
#[derive(Default)]
struct Outside {
    calls: AtomicUsize,
    cancel: AtomicBool,
}

impl ExternalPrimitives for Outside {
    fn call(&self, meter: &mut Meter<'_>, primitive: &External, args: &[&Value]) -> Outcome<Value> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        match &*primitive.name {
            "panics" => panic!("on purpose"),
            "cancels" => {
                self.cancel.store(true, Ordering::Relaxed);
                loop {
                    meter.spend(1)?;
                }
            }
            _ => Ok(args[0].clone()),
        }
    }

    fn call_built(
        &self,
        _: &mut Meter<'_>,
        _: &External,
        _: &[Value],
        _: &[&Value],
    ) -> Outcome<Value> {
        Err(Failure::argument("builds nothing"))
    }
}

fn resolve(name: &str) -> Option<Callee> {
    let outside = ["counted", "panics", "cancels"]
        .iter()
        .position(|known| *known == name);
    match outside {
        Some(id) => Some(Callee::External(Arc::new(External {
            name: name.into(),
            arity: 1,
            id,
        }))),
        None => lookup(name),
    }
}

/// Reads `op name args…`, one node a line; a constant is a number.
fn nodes(text: &str) -> Vec<Node> {
    let read = |line: &str| {
        let mut words = line.split_whitespace();
        let op = Op::from_name(words.next().expect("an op")).expect("an op");
        let name = match op {
            Op::Invoke => "",
            _ => words.next().expect("a name"),
        };
        Node {
            op,
            name: name.into(),
            args: words.map(|word| word.parse().expect("an index")).collect(),
            value: name.parse().ok().map(Value::Int),
        }
    };
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(read)
        .collect()
}

fn graph(text: &str, roots: &[i64]) -> Result<Arc<Graph>, GraphError> {
    Graph::new(&nodes(text), roots, resolve).map(Arc::new)
}

fn grid(seed: i64) -> Value {
    Value::grid(
        2,
        2,
        (0..4)
            .map(|cell| ((cell * seed + seed) % 9) as i8)
            .collect(),
    )
}

fn case(samples: i64, input: i64) -> Case {
    let samples = Value::tuple(vec![Value::tuple(vec![grid(samples), grid(samples + 1)])]);
    Case {
        samples,
        input: grid(input),
        compared: None,
        wanted: Some(grid(input)),
    }
}

fn settings() -> Settings {
    Settings {
        node_fuel: 1_000_000,
        value_leaves: 100_000,
        total_leaves: 1 << 24,
        kept_bytes: 1 << 24,
        case_time: None,
        threads: 1,
        keep_outputs: true,
    }
}

fn run(outside: &Outside, jobs: &[Job], settings: Settings) -> Vec<Vec<CaseOutcome>> {
    let surroundings = Surroundings {
        cancel: &outside.cancel,
        externals: Some(outside),
    };
    evaluate(jobs, &settings, surroundings).expect("nobody cancels")
}

/// Digest, agreement, fuel and failure of an outcome.
type Facts = (u128, u16, u64, Option<(u32, FailureKind)>);

fn facts(outcomes: &[Vec<CaseOutcome>]) -> Vec<Facts> {
    let of_case = |case: &CaseOutcome| {
        let facts = |root: usize| {
            let outcome = &case.roots[root];
            let failure = case
                .failure(root)
                .map(|failed| (failed.node, failed.failure.kind));
            (outcome.digest, outcome.score, outcome.fuel, failure)
        };
        (0..case.roots.len()).map(facts).collect::<Vec<_>>()
    };
    outcomes.iter().flatten().flat_map(of_case).collect()
}

const BATT: &str = "
    input S
    input I
    input C
    constant 3
    function identity
    call counted 4
    call counted 0
    call counted 6
    call counted 1
    call identity 8
    call identity 2
    invoke 5 9
    invoke 3 9
    call identity 12
    call panics 9
    call identity 14
";

#[test]
fn wrong_graphs_are_refused_with_their_node() {
    let problem = |text: &str| graph(text, &[]).expect_err("a wrong graph");
    let wrong = |text: &str, node: i64, words: &str| {
        let error = problem(text);
        assert_eq!(error.node, node, "{text}");
        assert!(error.problem.contains(words), "{text}: {}", error.problem);
    };
    wrong("call identity 0", 0, "not an earlier node");
    wrong("input I\ncall identity -1", 1, "not an earlier node");
    wrong(
        "input I\ncall nothing 0",
        1,
        "no primitive is called 'nothing'",
    );
    wrong(
        "input I\ncall identity 0 0",
        1,
        "identity takes 1 arguments, got 2",
    );
    wrong("function nothing", 0, "no primitive is called 'nothing'");
    wrong("input X", 0, "no input is called 'X'");
    wrong(
        "constant x",
        0,
        "a constant is a number of 64 bits or a tuple of constants and primitives",
    );
    wrong("invoke", 0, "a call needs a function");
    wrong(
        "input I\nconstant 1 0",
        1,
        "a node of kind constant has no arguments",
    );
    for root in [1, -1] {
        let error = graph("input I", &[root]).expect_err("a wrong root");
        assert_eq!(
            (error.node, error.problem.as_str()),
            (root, "a root is not a node")
        );
    }
}

#[test]
fn a_run_agrees_with_a_trace() {
    let outside = Outside::default();
    let roots: Vec<i64> = (0..16).chain([9, 9, 0]).collect();
    let graph = graph(BATT, &roots).expect("a graph");
    let cases = vec![case(1, 2), case(1, 3), case(2, 2), case(1, 2)];
    let job = Job {
        graph: Arc::clone(&graph),
        cases,
    };
    let outcomes = run(&outside, std::slice::from_ref(&job), settings());
    for (case, outcome) in job.cases.iter().zip(&outcomes[0]) {
        let surroundings = Surroundings {
            cancel: &outside.cancel,
            externals: Some(&outside),
        };
        let nodes = trace(&graph, case, &settings(), surroundings).expect("nobody cancels");
        for (place, &root) in roots.iter().enumerate() {
            let node = &nodes[root as usize];
            assert_eq!(
                outcome.failure(place).copied(),
                node.value.as_ref().err().copied()
            );
            assert_eq!(
                outcome.outputs[place].as_ref(),
                node.value.as_ref().ok(),
                "{root}"
            );
            let score = match &node.value {
                Ok(value) => agreement(value, case.wanted.as_ref().expect("it is scored")),
                Err(_) => 0,
            };
            assert_eq!(outcome.roots[place].score, score, "{root}");
        }
        // I with its two calls below node 9, and node 9 itself.
        assert_eq!(outcome.roots[9].fuel, nodes[8].fuel + nodes[9].fuel);
    }
}

#[test]
fn what_needs_no_grid_at_hand_is_computed_once_for_cases_with_equal_s_and_c() {
    let text = "
        input S
        input I
        input C
        call counted 2
        call astuple 3 0
        call astuple 4 1
    ";
    let graph = graph(text, &[5, 3, 4]).expect("a graph");
    let compare = |samples: i64, input: i64, compared: Option<i64>| Case {
        compared: compared.map(grid),
        ..case(samples, input)
    };
    let cases = vec![
        compare(1, 2, None),
        compare(1, 2, Some(5)),
        compare(1, 3, Some(5)),
        compare(1, 5, Some(5)),
        compare(2, 3, Some(5)),
        compare(2, 3, Some(6)),
        compare(2, 4, Some(6)),
        compare(2, 4, None),
        compare(2, 4, Some(6)),
    ];
    let outside = Outside::default();
    let job = Job {
        graph: Arc::clone(&graph),
        cases: cases.clone(),
    };
    let together = run(&outside, &[job], settings());
    assert_eq!(outside.calls.load(Ordering::Relaxed), 4);
    let alone: Vec<_> = cases
        .into_iter()
        .flat_map(|case| {
            let job = Job {
                graph: Arc::clone(&graph),
                cases: vec![case],
            };
            run(&Outside::default(), &[job], settings()).remove(0)
        })
        .collect();
    assert_eq!(facts(&together), facts(&[alone]));
}

#[test]
fn failures_travel_from_the_first_failed_argument() {
    let text = "input C\ninput I\ncall panics 1\ncall add 2 0\ncall add 0 2\ninvoke 3 1";
    let Ok(graph) = graph(text, &[3, 4, 5, 2]) else {
        panic!("a graph")
    };
    let outcomes = run(
        &Outside::default(),
        &[Job {
            graph,
            cases: vec![case(1, 2)],
        }],
        settings(),
    );
    let outcome = &outcomes[0][0];
    let kinds: Vec<_> = (0..4)
        .map(|root| {
            outcome
                .failure(root)
                .map(|failed| (failed.node, failed.failure.kind))
        })
        .collect();
    let panic = Some((2, FailureKind::Panic));
    assert_eq!(
        kinds,
        [panic, Some((0, FailureKind::Argument)), panic, panic]
    );
    assert_eq!(outcome.failures.len(), 2);
    assert!(outcome.outputs.iter().all(Option::is_none));
}

#[test]
fn what_hangs_on_s_alone_is_computed_once() {
    let outside = Outside::default();
    let graph = graph(BATT, &[5, 7, 9]).expect("a graph");
    let cases = vec![case(1, 2), case(1, 3), case(1, 4), case(2, 4), case(1, 4)];
    let outcomes = run(&outside, &[Job { graph, cases }], settings());
    // Once node 5, three times nodes 6 and 7, five times node 8.
    assert_eq!(outside.calls.load(Ordering::Relaxed), 1 + 3 * 2 + 5);
    let fuel: Vec<u64> = outcomes[0].iter().map(|case| case.roots[1].fuel).collect();
    assert_eq!(fuel, [34; 5]);
}

#[test]
fn what_no_root_needs_is_left_out() {
    let outside = Outside::default();
    let graph = graph(BATT, &[9]).expect("a graph");
    run(
        &outside,
        &[Job {
            graph,
            cases: vec![case(1, 2)],
        }],
        settings(),
    );
    assert_eq!(outside.calls.load(Ordering::Relaxed), 1);
}

#[test]
fn threads_change_nothing() {
    let roots: Vec<i64> = (0..16).collect();
    let batt = graph(BATT, &roots).expect("a graph");
    let other = graph("input S\ncall counted 0", &[1]).expect("a graph");
    let jobs: Vec<Job> = (0..40)
        .map(|number| Job {
            graph: Arc::clone(if number % 7 == 3 { &other } else { &batt }),
            cases: (0..number % 5)
                .map(|input| case(number / 3, input))
                .collect(),
        })
        .collect();
    let alone = facts(&run(&Outside::default(), &jobs, settings()));
    assert!(alone.len() > 1000);
    for threads in [0, 2, 5] {
        let outcomes = run(
            &Outside::default(),
            &jobs,
            Settings {
                threads,
                ..settings()
            },
        );
        assert_eq!(facts(&outcomes), alone);
        assert!(outcomes
            .iter()
            .zip(&jobs)
            .all(|(got, job)| got.len() == job.cases.len()));
    }
}

#[test]
fn bounds_hold() {
    let Ok(graph) = graph("input I\ncall identity 0", &[1]) else {
        panic!("a graph")
    };
    let jobs = [Job {
        graph,
        cases: vec![case(1, 2)],
    }];
    let kind = |settings| {
        let outcomes = run(&Outside::default(), &jobs, settings);
        outcomes[0][0].failure(0).map(|failed| failed.failure.kind)
    };
    assert_eq!(kind(settings()), None);
    assert_eq!(
        kind(Settings {
            node_fuel: 9,
            ..settings()
        }),
        None
    );
    assert_eq!(
        kind(Settings {
            node_fuel: 8,
            ..settings()
        }),
        Some(FailureKind::Fuel)
    );
    assert_eq!(
        kind(Settings {
            value_leaves: 3,
            ..settings()
        }),
        Some(FailureKind::Size)
    );
    let case_time = Some(Duration::ZERO);
    assert_eq!(
        kind(Settings {
            case_time,
            ..settings()
        }),
        Some(FailureKind::Deadline)
    );
}

#[test]
fn the_total_is_that_of_each_root() {
    // Two values of 6 leaves and depth 2 are alive for the last call; the other root needs one.
    let text = "
        input I
        constant 3
        call repeat 1 1
        call hconcat 0 0
        call vconcat 0 0
        call equality 3 4
        call vmirror 0
        input S
        call size 7
    ";
    let roots = [5, 6, 8, 3];
    let jobs = [Job {
        graph: graph(text, &roots).expect("a graph"),
        cases: vec![case(1, 2), case(1, 3), case(2, 2)],
    }];
    let kinds = |total_leaves, threads| {
        let settings = Settings {
            total_leaves,
            threads,
            ..settings()
        };
        let outcomes = run(&Outside::default(), &jobs, settings);
        let of_case = |case: &CaseOutcome| {
            let kind = |root| case.failure(root).map(|failed| failed.failure.kind);
            (0..roots.len()).map(kind).collect::<Vec<_>>()
        };
        let [all] = outcomes.as_slice() else {
            panic!("one job")
        };
        let kinds: Vec<_> = all.iter().map(of_case).collect();
        assert_eq!(kinds, vec![kinds[0].clone(); 3]);
        kinds[0].clone()
    };
    let memory = Some(FailureKind::Memory);
    for threads in [1, 3] {
        assert_eq!(kinds(33, threads), [None; 4]);
        assert_eq!(kinds(32, threads), [memory, None, None, None]);
        assert_eq!(kinds(15, threads), [memory, None, None, memory]);
        assert_eq!(kinds(7, threads), [memory, memory, None, memory]);
    }
}

#[test]
fn outputs_without_room_are_not_kept() {
    let jobs = [Job {
        graph: graph("input I\ncall vmirror 0", &[1, 0]).expect("a graph"),
        cases: vec![case(1, 2); 3],
    }];
    let kept = |kept_bytes| {
        let settings = Settings {
            kept_bytes,
            ..settings()
        };
        let outcomes = run(&Outside::default(), &jobs, settings);
        let outputs = outcomes[0].iter().flat_map(|case| &case.outputs);
        (outputs.flatten().count(), facts(&outcomes))
    };
    let (all, wanted) = kept(1 << 20);
    assert_eq!(all, 6);
    assert_eq!(kept(0), (0, wanted.clone()));
    let (some, got) = kept(400);
    assert!((1..6).contains(&some), "{some}");
    assert_eq!(got, wanted);
}

#[test]
fn a_long_chain_of_roots_takes_little_memory() {
    let count = 7_000;
    let mut text = String::from("input I\n");
    for node in 0..count {
        text += &format!("call vmirror {node}\n");
    }
    let roots: Vec<i64> = (1..=count).collect();
    let jobs = [Job {
        graph: graph(&text, &roots).expect("a graph"),
        cases: vec![case(1, 2)],
    }];
    let outcomes = run(&Outside::default(), &jobs, settings());
    let fuel = |root: usize| outcomes[0][0].roots[root].fuel;
    assert_eq!((fuel(0), fuel(1), fuel(6_999)), (9, 18, 9 * 7_000));
}

#[test]
fn cancellation_ends_the_run() {
    let outside = Outside::default();
    let Ok(graph) = graph("input I\ncall cancels 0", &[1]) else {
        panic!("a graph")
    };
    let jobs = vec![Job {
        graph,
        cases: vec![case(1, 2); 50],
    }];
    let settings = Settings {
        node_fuel: u64::MAX,
        threads: 2,
        ..settings()
    };
    let surroundings = Surroundings {
        cancel: &outside.cancel,
        externals: Some(&outside),
    };
    assert_eq!(
        evaluate(&jobs, &settings, surroundings).err(),
        Some(Cancelled)
    );
    assert!(outside.calls.load(Ordering::Relaxed) <= 2);
    let traced = trace(&jobs[0].graph, &jobs[0].cases[0], &settings, surroundings);
    assert_eq!(traced.err(), Some(Cancelled));
}

#[test]
fn agreement_counts_equal_places() {
    let grid = |rows: &[&[i8]]| Value::grid(rows.len(), rows[0].len(), rows.concat());
    let wanted = grid(&[&[1, 2], &[3, 4]]);
    assert_eq!(agreement(&wanted, &wanted), 1000);
    assert_eq!(agreement(&grid(&[&[1, 2], &[3, 5]]), &wanted), 749);
    assert_eq!(agreement(&grid(&[&[1, 2, 3]]), &wanted), 999 * 2 / 6);
    assert_eq!(agreement(&grid(&[&[7]]), &wanted), 0);
    for other in [
        Value::Int(1),
        Value::empty_tuple(),
        Value::pair(1, 2),
        Value::empty_set(),
    ] {
        assert_eq!(agreement(&other, &wanted), 0, "{other}");
    }
    let marked = |cell: Value| {
        let row = |cell: Value| Value::tuple(vec![Value::Int(1), cell]);
        Value::tuple(vec![row(cell), row(Value::Int(200))])
    };
    assert_eq!(agreement(&marked(Value::None), &marked(Value::Int(7))), 749);
    assert_eq!(
        agreement(&marked(Value::Bool(true)), &marked(Value::Int(1))),
        1000
    );
    let ragged = Value::tuple(vec![Value::pair(1, 2), Value::row(&[3, 4, 0])]);
    assert_eq!(agreement(&ragged, &wanted), 0);
}
