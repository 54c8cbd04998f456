//! Every conformance vector gives the result that it names.

mod common;

use arcbatt_core::{lookup, Meter, Value};

#[test]
fn every_vector_agrees() {
    let mut checked = 0;
    let mut wrong = Vec::new();
    for vector in common::read_lines("vectors.jsonl.gz") {
        let name = vector["fn"].as_str().expect("a name");
        let Some(callee) = lookup(name) else {
            panic!("no primitive is called {name}");
        };
        let args: Vec<Value> = vector["args"]
            .as_array()
            .expect("arguments")
            .iter()
            .map(common::decode)
            .collect();
        let wanted = common::decode(&vector["out"]);
        let got = Meter::default().call(&callee, &args.iter().collect::<Vec<_>>());
        if got.as_ref() != Ok(&wanted) {
            wrong.push(format!("{name}{args:?}: wanted {wanted}, got {got:?}"));
        }
        checked += 1;
    }
    assert!(
        wrong.is_empty(),
        "{} of {checked}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(checked > 5000, "only {checked} vectors");
}
