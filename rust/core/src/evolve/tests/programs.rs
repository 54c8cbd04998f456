//! Lines, and children that are made without being evaluated.

use std::collections::HashSet;

use crate::expression::Step;

use super::*;

const PARENTS: [&str; 4] = [
    "$I;vmirror 0;hmirror 1",
    "$I;=3;asindices 0;fill 0 1 2",
    "$I;=2;ofcolor 0 1;=5;fill 0 3 2;hmirror 4;=2;ofcolor 5 6;fill 5 3 7",
    "@vmirror;@hmirror;compose 0 1;$I;! 2 3",
];

fn wish(goal: &str, inputs: &[u8], weights: [f64; MUTATIONS]) -> Wish {
    Wish {
        goal: kind(goal),
        inputs: inputs.into(),
        weights,
        count: 40,
        further: 0.0,
    }
}

fn only(kind: Mutation) -> [f64; MUTATIONS] {
    let mut weights = [0.0; MUTATIONS];
    weights[kind as usize] = 1.0;
    weights
}

#[test]
fn lines_are_read_as_they_are_written() {
    let language = language();
    for line in PARENTS
        .iter()
        .chain(&["$S;size 0", "=T,-1", "=F", "@height", "$C;height 0"])
    {
        let steps = language.read(line).expect("a program");
        assert_eq!(language.write(&steps), *line);
    }
    for line in [
        "",
        "$X",
        "=",
        "=1,2,3",
        "nothing 0",
        "$I;height",
        "$I;height 1",
        "$I;!",
        "@",
    ] {
        assert!(language.read(line).is_err(), "{line}");
    }
}

#[test]
fn children_of_every_move_are_well_typed_new_and_read_what_they_may() {
    let breeder = breeder();
    let parents = read(&breeder, &PARENTS);
    let mut moved = 0;
    for move_made in Mutation::ALL {
        let wish = wish("Grid", &[0, 1], only(move_made));
        let children = breeder.mutate(&parents, &parents, &wish, 1);
        moved += usize::from(!children.is_empty());
        for child in &children {
            assert_eq!(child.kind, move_made);
            assert!(child.parent < parents.len());
            let found = breeder.infer(&child.steps).expect("a type");
            assert!(breeder.language.definitions.fits(&found, &kind("Grid")));
            assert!(
                !child.steps.contains(&Step::given(ProgramOp::Input(2))),
                "C is not to be read"
            );
        }
        let mut bodies: HashSet<String> = PARENTS.iter().map(|&line| line.into()).collect();
        for child in &children {
            let line = breeder.language.write(&child.steps);
            assert!(bodies.insert(line.clone()), "known: {line}");
        }
    }
    // A mutation may find no place in this small language, but hardly one of them does.
    assert!(
        moved + 2 >= MUTATIONS,
        "{moved} of {MUTATIONS} mutations made a child"
    );
}

#[test]
fn children_of_another_kind_return_what_is_wished() {
    let breeder = breeder();
    let parents = read(&breeder, &["$I;height 0", "$C;$I;equality 0 1"]);
    let wish = wish("Integer", &[0, 1, 2], [1.0; MUTATIONS]);
    let children = breeder.mutate(&parents, &[], &wish, 1);
    assert!(!children.is_empty());
    for child in &children {
        let found = breeder.infer(&child.steps).expect("a type");
        assert!(breeder.language.definitions.fits(&found, &kind("Integer")));
    }
    assert!(children
        .iter()
        .any(|child| child.steps.contains(&Step::given(ProgramOp::Input(2)))));
}

#[test]
fn the_same_seed_makes_the_same_children() {
    let breeder = breeder();
    let parents = read(&breeder, &PARENTS);
    let made = |breeder: &Breeder, seed| -> Vec<String> {
        let wish = wish("Grid", &[0, 1], [1.0; MUTATIONS]);
        let children = breeder.mutate(&parents, &[], &wish, seed);
        children
            .iter()
            .map(|child| breeder.language.write(&child.steps))
            .collect()
    };
    let first = made(&breeder, 1);
    assert_eq!(first.len(), 40);
    // Neither what the breeder has learnt of types nor another breeder changes them.
    assert_eq!(first, made(&breeder, 1));
    assert_eq!(first, made(&super::breeder(), 1));
    assert_ne!(first, made(&breeder, 2));
}

#[test]
fn nobody_has_no_children() {
    let breeder = breeder();
    let wish = wish("Grid", &[0, 1], [1.0; MUTATIONS]);
    assert!(breeder.mutate(&[], &[], &wish, 1).is_empty());
    let loose = read(&breeder, &["$I;height 0;vmirror 1"]);
    assert!(breeder.mutate(&loose, &loose, &wish, 1).is_empty());
    let none = Wish { count: 0, ..wish };
    assert!(breeder
        .mutate(&read(&breeder, &PARENTS), &[], &none, 1)
        .is_empty());
}
