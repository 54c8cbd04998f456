//! Counting calls: what is counted depends neither on threads nor on what cases share.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::Arc;

use arcbatt_core::evaluate::{
    evaluate, evaluate_and_count, trace, Case, Counts, Job, Settings, Surroundings,
};
use arcbatt_core::graph::{Graph, Node, Op};
use arcbatt_core::{lookup, Value};

const CASES: i64 = 12;

fn node(op: Op, name: &str, args: &[i64]) -> Node {
    Node {
        op,
        name: name.into(),
        args: args.to_vec(),
        value: None,
    }
}

/// Counts the rows of S and of I, doubles each row's width, and asks for the first of nothing.
fn graph() -> Arc<Graph> {
    let nodes = [
        node(Op::Input, "S", &[]),
        node(Op::Call, "size", &[0]),
        node(Op::Input, "I", &[]),
        node(Op::Function, "size", &[]),
        node(Op::Call, "apply", &[3, 2]),
        node(Op::Function, "double", &[]),
        node(Op::Call, "apply", &[5, 4]),
        node(Op::Call, "add", &[1, 6]),
        node(Op::Call, "last", &[1]),
    ];
    Arc::new(Graph::new(&nodes, &[6, 7, 8], lookup).expect("a graph"))
}

fn grid(rows: i64) -> Value {
    Value::grid(rows as usize, 3, vec![1; 3 * rows as usize])
}

fn jobs() -> Vec<Job> {
    let graph = graph();
    (1..=2)
        .map(|samples| Job {
            graph: Arc::clone(&graph),
            cases: (1..=CASES)
                .map(|rows| Case {
                    samples: Value::tuple(vec![grid(1); samples]),
                    input: grid(rows),
                    compared: None,
                    wanted: None,
                })
                .collect(),
        })
        .collect()
}

fn settings(threads: usize) -> Settings {
    Settings {
        node_fuel: 1_000_000,
        value_leaves: 100_000,
        total_leaves: 1 << 24,
        kept_bytes: 0,
        case_time: None,
        threads,
        keep_outputs: false,
    }
}

fn surroundings(cancel: &AtomicBool) -> Surroundings<'_> {
    Surroundings {
        cancel,
        externals: None,
    }
}

fn count(threads: usize) -> Counts {
    let cancel = AtomicBool::new(false);
    let counted = evaluate_and_count(&jobs(), &settings(threads), surroundings(&cancel));
    counted.expect("nobody cancels").1
}

/// Calls, values and fuel by name.
fn work(counts: &Counts) -> BTreeMap<&str, (u64, u64, u64)> {
    let work = counts.primitives.iter();
    work.map(|(name, count)| (&**name, (count.calls, count.values, count.fuel)))
        .collect()
}

#[test]
fn calls_within_calls_count_and_failures_have_no_value() {
    let counts = count(1);
    let work = work(&counts);
    let cases = 2 * CASES as u64;
    let rows = (CASES * (CASES + 1)) as u64;
    let calls = |name: &str| (work[name].0, work[name].1);
    assert_eq!(calls("size"), (cases + rows, cases + rows));
    assert_eq!(calls("apply"), (2 * cases, 2 * cases));
    assert_eq!(calls("double"), (rows, rows));
    assert_eq!(calls("last"), (cases, 0));
    assert_eq!(calls("add").0, cases);
    // What hangs on S alone is run once for each S.
    assert_eq!(counts.primitives["last"].runs, 2);
    assert_eq!(counts.primitives["size"].runs, 2 + rows);
}

#[test]
fn threads_change_no_count() {
    let alone = count(1);
    for threads in [2, 8] {
        let counts = count(threads);
        assert_eq!(work(&counts), work(&alone), "{threads} threads");
        assert_eq!(counts.outputs, alone.outputs);
    }
}

#[test]
fn fuel_of_primitives_is_the_fuel_of_nodes() {
    let cancel = AtomicBool::new(false);
    let jobs = jobs();
    let cases = jobs
        .iter()
        .flat_map(|job| job.cases.iter().map(move |case| (&job.graph, case)));
    let of_nodes: u64 = cases
        .flat_map(|(graph, case)| {
            trace(graph, case, &settings(1), surroundings(&cancel)).expect("nobody cancels")
        })
        .map(|node| node.fuel)
        .sum();
    let of_primitives: u64 = work(&count(2)).values().map(|(_, _, fuel)| fuel).sum();
    assert_eq!(of_primitives, of_nodes);
}

#[test]
fn times_are_parts_of_the_whole() {
    let counts = count(2);
    let own: u64 = counts
        .primitives
        .values()
        .map(|count| count.own_nanoseconds)
        .sum();
    let parts = own + counts.outputs_nanoseconds + counts.sums_nanoseconds;
    assert!(parts <= counts.busy_nanoseconds);
    assert!(counts.longest_nanoseconds <= counts.busy_nanoseconds);
    assert!(counts.counting_nanoseconds > 0);
    assert!(counts
        .primitives
        .values()
        .all(|count| count.own_nanoseconds <= count.nanoseconds));
}

#[test]
fn counting_changes_no_result() {
    let cancel = AtomicBool::new(false);
    let digests = |outcomes: Vec<Vec<arcbatt_core::evaluate::CaseOutcome>>| -> Vec<_> {
        let cases = outcomes.into_iter().flatten();
        cases
            .flat_map(|case| case.roots)
            .map(|root| (root.digest, root.fuel))
            .collect()
    };
    let plain = evaluate(&jobs(), &settings(2), surroundings(&cancel)).expect("nobody cancels");
    let counted =
        evaluate_and_count(&jobs(), &settings(2), surroundings(&cancel)).expect("nobody cancels");
    assert_eq!(digests(plain), digests(counted.0));
}
