//! Islands at work: duplicates, bounds, seeds and threads, and beginnings with nothing.

use std::collections::HashSet;

use crate::evaluate::EXACT;

use super::super::island::nearness;
use super::*;

const DEALT: [&str; 2] = ["$I;vmirror 0", "$I;hmirror 0"];

fn find(settings: &RoundSettings, dealt: &[&str], seed: u64) -> (Breeder, Findings) {
    let breeder = breeder();
    let grounds = [ground(&breeder, dealt, seed)];
    let mut found = breed(&breeder, &grounds, &[], settings, 1).expect("not cancelled");
    let found = found.remove(0);
    (breeder, found)
}

#[test]
fn an_island_finds_what_is_wanted_and_keeps_nothing_twice() {
    let (breeder, found) = find(&settings(), &DEALT, 1);
    let best = &found.members[0].0;
    assert!(best.is_exact() && best.is_new);
    assert!(found.members.len() <= settings().population);
    let bodies: HashSet<u64> = found
        .members
        .iter()
        .map(|(member, _)| member.body)
        .collect();
    let behaviours: HashSet<u128> = found.members.iter().map(|(one, _)| one.behaviour).collect();
    assert_eq!(bodies.len(), found.members.len());
    assert_eq!(behaviours.len(), found.members.len());
    assert!(found.counts.known_bodies > 0 && found.counts.known_behaviours > 0);
    for (member, steps) in &found.members {
        let found = breeder.infer(steps).expect("a type");
        assert!(breeder.language.definitions.fits(&found, &kind("Grid")));
        assert_eq!(steps.len(), member.cone.len());
    }
}

#[test]
fn the_bounds_of_a_round_hold() {
    let settings = RoundSettings {
        mutants: 77,
        population: 6,
        size_max: 8,
        ..settings()
    };
    let (_, found) = find(&settings, &DEALT, 1);
    assert_eq!(found.counts.mutants, 77);
    assert!(found.members.len() <= 6);
    assert!(found
        .members
        .iter()
        .all(|(member, _)| member.cone.len() <= 8));
    let tried: u64 = found.tallies.iter().map(|tally| tally.tried).sum();
    assert!(tried >= 77);
    for tally in found.tallies {
        assert!(tally.kept <= tally.tried && tally.new <= tally.tried);
    }
}

#[test]
fn what_costs_too_much_fails() {
    let settings = RoundSettings {
        bounds: Bounds {
            node_fuel: 2,
            ..settings().bounds
        },
        ..settings()
    };
    let (_, found) = find(&settings, &DEALT, 1);
    assert_eq!(found.counts.dealt, 0);
    assert!(found.members.is_empty());
    assert!(found.counts.failed > 0);
}

#[test]
fn the_same_seed_finds_the_same_on_any_number_of_threads() {
    let breeder = breeder();
    let grounds: Vec<Ground> = (0..5).map(|seed| ground(&breeder, &DEALT, seed)).collect();
    let all = |breeder: &Breeder, threads| -> Vec<Vec<String>> {
        let found = breed(breeder, &grounds, &["$I;dmirror 0"], &settings(), threads);
        let found = found.expect("not cancelled");
        found
            .iter()
            .map(|findings| lines(breeder, findings))
            .collect()
    };
    let first = all(&breeder, 1);
    assert_eq!(first, all(&breeder, 3));
    assert_eq!(first, all(&super::breeder(), 1));
    assert_ne!(first[0], first[1]);
}

#[test]
fn an_island_that_forgets_finds_the_same_each_time() {
    let little = RoundSettings {
        memory_max: 1,
        ..settings()
    };
    let (breeder, first) = find(&little, &DEALT, 3);
    let (_, again) = find(&little, &DEALT, 3);
    assert_eq!(lines(&breeder, &first), lines(&breeder, &again));
    assert!(first.members[0].0.is_exact());
    let (_, remembering) = find(&settings(), &DEALT, 3);
    let share = |found: &Findings| found.counts.calls as f64 / found.counts.evaluations as f64;
    assert!(share(&first) > share(&remembering));
}

#[test]
fn random_programs_begin_where_nothing_is_dealt() {
    for dealt in [&[][..], &["$I;height 0"][..]] {
        let (breeder, found) = find(&settings(), dealt, 1);
        assert_eq!(found.counts.dealt, 0);
        assert!(!found.members.is_empty());
        for (member, steps) in &found.members {
            assert!(member.is_new);
            let found = breeder.infer(steps).expect("a type");
            assert!(breeder.language.definitions.fits(&found, &kind("Grid")));
        }
    }
}

#[test]
fn one_program_is_enough_and_one_place_too() {
    let settings = RoundSettings {
        population: 1,
        generation: 1,
        ..settings()
    };
    for selection in ["lexicase", "tournament", "best"] {
        let selection = Selection::from_name(selection).expect("a selection");
        let (_, found) = find(
            &RoundSettings {
                selection,
                ..settings.clone()
            },
            &DEALT[..1],
            1,
        );
        assert_eq!(found.counts.dealt, 1);
        assert_eq!(found.members.len(), 1);
    }
    assert_eq!(Selection::from_name("luck"), None);
}

#[test]
fn nothing_is_found_where_no_program_has_the_type() {
    let breeder = breeder();
    let mut ground = ground(&breeder, &DEALT, 1);
    ground.goal = kind("Pair[Boolean, Grid]");
    let found = breed(&breeder, &[ground], &[], &settings(), 1).expect("not cancelled");
    assert!(found[0].members.is_empty());
    assert_eq!(found[0].counts.mutants, 0);
}

#[test]
fn a_round_without_islands_finds_nothing() {
    let breeder = breeder();
    let found = breed(&breeder, &[], &DEALT, &settings(), 4).expect("not cancelled");
    assert!(found.is_empty());
}

#[test]
fn a_round_that_is_cancelled_says_so() {
    let breeder = breeder();
    let grounds = [ground(&breeder, &DEALT, 1)];
    let cancel = AtomicBool::new(true);
    let found = breed_until(&breeder, &grounds, &[], &settings(), 2, &cancel);
    assert_eq!(found.err(), Some(Cancelled));
}

#[test]
fn donors_that_are_left_out_lend_nothing() {
    let breeder = breeder();
    let mut weights = [0.0; MUTATIONS];
    weights[Mutation::Subgraph as usize] = 1.0;
    let settings = RoundSettings {
        weights,
        fresh: 1.0,
        ..settings()
    };
    let donors = ["$I;=7;asindices 0;fill 0 1 2"];
    let takes = |without: Vec<usize>| {
        let grounds = [Ground {
            without,
            ..ground(&breeder, &DEALT, 1)
        }];
        let found = breed(&breeder, &grounds, &donors, &settings, 1).expect("not cancelled");
        lines(&breeder, &found[0])
            .iter()
            .any(|line| line.contains("fill"))
    };
    assert!(takes(Vec::new()));
    assert!(!takes(vec![0]));
}

#[test]
fn what_a_differ_said_is_read_as_everywhere() {
    let number = Value::Int;
    let tuple = |members: &[i64]| Value::tuple(members.iter().map(|&one| number(one)).collect());
    for (said, read) in [
        (number(0), 0),
        (number(730), 730),
        (number(1000), 1000),
        (number(1001), 0),
        (number(-1), 0),
        (number(i64::MAX), 0),
        (Value::Bool(true), 1),
        (tuple(&[]), 0),
        (tuple(&[730]), 730),
        (tuple(&[730, 1]), 730),
        (tuple(&[1001, 1]), 0),
        (tuple(&[7, 1, 2]), 7),
        (tuple(&[730, 1, 2]), 730),
        (tuple(&[i64::MAX, 1]), 0),
        (grid(&[&[1, 2]]), 0),
        (Value::two(number(5), grid(&[&[1]])), 5),
        (Value::None, 0),
    ] {
        assert_eq!(nearness(&said), read, "{said:?}");
    }
}

#[test]
fn differs_are_asked_about_members_alone() {
    let breeder = breeder();
    let grounds = [ground(&breeder, &DEALT, 1)];
    let differs = read(&breeder, &["=400", "$I;$C;equality 0 1;=7;=9;branch 2 3 4"]);
    let cancel = AtomicBool::new(false);
    let surroundings = Surroundings {
        cancel: &cancel,
        externals: None,
    };
    let found = breeder.breed(&grounds, &[], &differs, &settings(), 1, surroundings);
    let [found] = &found.expect("not cancelled")[..] else {
        panic!("one island");
    };
    for (member, _) in &found.members {
        let (scores, said) = member.criteria.split_at(2);
        assert_eq!(scores, member.scores);
        let expected = scores.iter().flat_map(|&score| match score {
            EXACT => [EXACT; 2],
            _ => [400, 9],
        });
        assert_eq!(said, expected.collect::<Vec<_>>());
    }
}
