//! The meter counts what the reference engine counts, and stops at the same call.

use std::sync::atomic::AtomicBool;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arcbatt_core::{
    lookup, primitives, Bounds, Callee, External, ExternalPrimitives, Failure, FailureKind,
    Function, Meter, Outcome, Value,
};

fn callee(name: &str) -> Callee {
    lookup(name).expect("a primitive")
}

fn function(name: &str) -> Value {
    Value::function(Function::of(callee(name)))
}

fn ints<const N: usize>(numbers: [i64; N]) -> Value {
    Value::tuple(numbers.map(Value::Int).into())
}

#[test]
fn a_call_costs_its_leaves_and_one() {
    let mut meter = Meter::default();
    meter
        .call(&callee("add"), &[&ints([1, 2]), &Value::Int(3)])
        .expect("a sum");
    assert_eq!(meter.spent(), 1 + 3 + 2);
    meter.restart();
    assert_eq!(meter.spent(), 0);
}

#[test]
fn inner_calls_count() {
    let mut meter = Meter::default();
    meter
        .call(&callee("apply"), &[&function("double"), &ints([1, 2, 3])])
        .expect("a tuple");
    // The outer call has 1 + 3 leaves and gives 3; each inner one has 1 leaf and gives 1.
    assert_eq!(meter.spent(), 1 + 4 + 3 * 3 + 3);
}

#[test]
fn empty_containers_are_not_free() {
    let mut meter = Meter::default();
    meter
        .call(&callee("identity"), &[&Value::empty_set()])
        .expect("the set");
    assert_eq!(meter.spent(), 3);
}

#[test]
fn fuel_that_a_failing_call_spent_stays_spent() {
    let mut meter = Meter::default();
    let failure = meter
        .call(&callee("first"), &[&Value::empty_tuple()])
        .unwrap_err();
    assert_eq!((failure.kind, meter.spent()), (FailureKind::Argument, 2));
    meter.restart();
    let failure = meter.call(&callee("first"), &[]).unwrap_err();
    assert_eq!((failure.kind, meter.spent()), (FailureKind::Argument, 0));
}

#[test]
fn bounds_fail_by_their_name() {
    let call = |bounds: Bounds| {
        let args = [Value::Int(1), Value::Int(50)];
        Meter::new(bounds)
            .call(&callee("repeat"), &args.each_ref())
            .map_err(|failure| failure.kind)
    };
    let bounds = Bounds::default();
    assert!(call(bounds).is_ok());
    assert_eq!(
        call(Bounds {
            node_fuel: 40,
            ..bounds
        }),
        Err(FailureKind::Fuel)
    );
    assert_eq!(
        call(Bounds {
            value_leaves: 49,
            ..bounds
        }),
        Err(FailureKind::Size)
    );
    let past = Instant::now() - Duration::from_millis(5);
    assert_eq!(
        call(Bounds {
            deadline: Some(past),
            ..bounds
        }),
        Err(FailureKind::Deadline)
    );
}

#[test]
fn a_flag_cancels_calls() {
    let cancel = AtomicBool::new(true);
    let mut meter = Meter::new(Bounds::default()).with_cancel(&cancel);
    let failure = meter
        .call(&callee("add"), &[&Value::Int(1), &Value::Int(2)])
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Deadline);
}

struct Doubling;

impl ExternalPrimitives for Doubling {
    fn call(&self, meter: &mut Meter<'_>, _: &External, args: &[&Value]) -> Outcome<Value> {
        meter.invoke(&function("double"), args)
    }

    fn call_built(
        &self,
        _: &mut Meter<'_>,
        primitive: &External,
        parts: &[Value],
        _: &[&Value],
    ) -> Outcome<Value> {
        assert_eq!(&*primitive.name, "twice");
        Ok(parts[0].clone())
    }
}

#[test]
fn primitives_from_outside_are_called_and_counted() {
    let twice = Callee::External(Arc::new(External {
        name: "twice".into(),
        arity: 1,
        id: 7,
    }));
    let mut meter = Meter::new(Bounds::default()).with_externals(&Doubling);
    assert_eq!(meter.call(&twice, &[&Value::Int(4)]), Ok(Value::Int(8)));
    assert_eq!(meter.spent(), 3 + 3);
    let applied = Value::function(Function::of(twice.clone()));
    let doubled = meter.call(&callee("apply"), &[&applied, &ints([1, 2])]);
    assert_eq!(doubled, Ok(ints([2, 4])));
    let built = Function::built(twice.clone(), vec![Value::Int(9)], 1).expect("a function");
    assert_eq!(built.text(), "twice(9)");
    assert_eq!(
        meter.invoke(&Value::function(built), &[&Value::None]),
        Ok(Value::Int(9))
    );
    let lost = Meter::default()
        .call(&twice, &[&Value::Int(4)])
        .map_err(|failure| failure.kind);
    assert_eq!(lost, Err(FailureKind::Argument));
}

#[test]
fn names_are_unique_and_found() {
    let names: Vec<&str> = primitives::table().iter().map(|one| one.name).collect();
    for name in &names {
        assert_eq!(lookup(name).expect("a primitive").name(), *name);
    }
    let distinct: std::collections::HashSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
    assert!(lookup("no_such_primitive").is_none());
}

#[test]
fn failure_kinds_have_names() {
    for kind in [
        FailureKind::Argument,
        FailureKind::Overflow,
        FailureKind::Panic,
    ] {
        assert_eq!(FailureKind::from_name(kind.name()), Some(kind));
    }
    assert_eq!(FailureKind::from_name("other"), None);
    assert_eq!(Failure::overflow().kind, FailureKind::Overflow);
}
