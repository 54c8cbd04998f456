//! Populations: niches, duplicates, and how parents are selected, also from nobody and from one.

use crate::evaluate::EXACT;

use super::super::population::{Member, Population, NO_ORIGIN};
use super::super::random::Random;
use super::*;

const SELECTIONS: [Selection; 3] = [Selection::Lexicase, Selection::Tournament, Selection::Best];

/// A member that only counts: of so many nodes, with such scores.
fn member(number: u64, nodes: usize, scores: &[u16]) -> Member {
    Member {
        root: 0,
        cone: vec![0; nodes],
        body: number,
        behaviour: number.into(),
        scores: scores.into(),
        criteria: scores.into(),
        fuel: 0,
        origins: [NO_ORIGIN; 2],
        is_new: true,
        visits: 0,
        bodies: 1,
    }
}

fn bodies(population: &Population) -> Vec<u64> {
    population
        .members
        .iter()
        .map(|member| member.body)
        .collect()
}

#[test]
fn nobody_is_selected_from_nobody() {
    let mut population = Population::new(10);
    let mut random = Random::new(&[1]);
    for selection in SELECTIONS {
        assert_eq!(population.select(selection, &mut random), None);
    }
    population.sort();
    assert!(population.members.is_empty());
}

#[test]
fn the_only_one_is_always_selected() {
    let mut population = Population::new(1);
    assert!(population.insert(member(1, 3, &[500, 0])));
    let mut random = Random::new(&[1]);
    for selection in SELECTIONS {
        assert_eq!(population.select(selection, &mut random), Some(0));
    }
    assert_eq!(population.members[0].visits, 3);
    assert_eq!(population.complement(0, &mut random), None);
    // A better one takes its place, a worse one does not.
    assert!(!population.insert(member(2, 3, &[400, 0])));
    assert!(population.insert(member(3, 3, &[600, 0])));
    assert_eq!(bodies(&population), [3]);
}

#[test]
fn a_member_without_criteria_can_be_selected() {
    let mut population = Population::new(4);
    population.insert(member(1, 3, &[]));
    population.insert(member(2, 3, &[]));
    let mut random = Random::new(&[1]);
    assert!(population.select(Selection::Lexicase, &mut random) < Some(2));
}

#[test]
fn of_two_that_behave_alike_the_simpler_one_stays() {
    let mut population = Population::new(10);
    let alike = |body, nodes| Member {
        behaviour: 7,
        ..member(body, nodes, &[500])
    };
    assert!(population.insert(alike(1, 5)));
    assert!(!population.insert(alike(2, 6)));
    assert!(!population.insert(alike(1, 5)));
    assert!(population.insert(alike(3, 4)));
    assert_eq!(bodies(&population), [3]);
}

#[test]
fn a_niche_never_fills_more_than_a_quarter() {
    let mut population = Population::new(20);
    for number in 0..30 {
        population.insert(member(number, 4, &[number as u16, 0]));
    }
    population.sort();
    assert_eq!(bodies(&population), [29, 28, 27, 26, 25]);
    // Other demos right, or another size, is another niche.
    assert!(population.insert(member(100, 4, &[0, EXACT])));
    assert!(population.insert(member(101, 8, &[0, 0])));
    assert_eq!(population.members.len(), 7);
}

#[test]
fn a_full_population_keeps_its_size_and_its_niches() {
    let mut population = Population::new(8);
    for number in 0..64 {
        let bits = (number % 8) as u16;
        let scores = [0, 1, 2].map(|place| if bits >> place & 1 == 1 { EXACT } else { 0 });
        population.insert(member(number, 1 << (number / 8), &scores));
    }
    assert_eq!(population.members.len(), 8);
    let mut niches: Vec<_> = population.members.iter().map(Member::niche).collect();
    niches.sort_unstable();
    niches.dedup();
    assert_eq!(niches.len(), 8);
}

#[test]
fn selections_prefer_what_they_say() {
    let mut population = Population::new(40);
    population.insert(member(1, 3, &[EXACT, 0]));
    population.insert(member(2, 3, &[0, EXACT]));
    population.insert(member(3, 3, &[10, 10]));
    population.sort();
    let mut random = Random::new(&[1]);
    let mut seen = [0; 4];
    for _ in 0..100 {
        let place = population
            .select(Selection::Lexicase, &mut random)
            .expect("one");
        seen[population.members[place].body as usize] += 1;
    }
    // Each is best on a demo; the third one on none.
    assert!(seen[1] > 20 && seen[2] > 20 && seen[3] == 0, "{seen:?}");
    let place = population.complement(0, &mut random).expect("one");
    assert_eq!(place, 1);
    population
        .members
        .iter_mut()
        .for_each(|member| member.visits = 0);
    let taken = [0; 3].map(|_| {
        population
            .select(Selection::Best, &mut random)
            .expect("one")
    });
    assert_eq!(taken, [0, 0, 1]);
}
