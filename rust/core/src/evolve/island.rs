//! An island: one task's programs for one round of mutations, evaluation and selection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use rustc_hash::FxHashSet;
use xxhash_rust::xxh3::xxh3_128;

use crate::evaluate::{agreement, Cancelled, Case, Surroundings, EXACT};
use crate::meter::Meter;
use crate::value::Value;

use super::language::{Language, Program, ProgramOp};
use super::memory::{Memory, ValueId, FAILED};
use super::mutation_context::{Draft, MutationContext};
use super::mutations::Mutation;
use super::population::{Member, Population, NO_ORIGIN};
use super::random::Random;
use super::round::{Findings, Ground, RoundSettings};
use super::store::{NodeId, Store, Term};
use super::typer::Typer;

/// Number of random programs that replace the first programs if none of them can be used.
const FOUNDERS: usize = 16;
/// Attempts at random programs, for each that is wanted.
const FOUNDING_TRIES: usize = 400;

/// Does a round.
///
/// The findings depend on the arguments alone: neither on the typer's cache nor on time.
///
/// Fails if it is cancelled.
pub fn run_island(
    language: &Language,
    typer: &mut Typer,
    ground: &Ground,
    donors: &[Arc<Program>],
    differs: &[Arc<Program>],
    settings: &RoundSettings,
    surroundings: Surroundings<'_>,
) -> Result<Findings, Cancelled> {
    let goal = typer.intern(&ground.goal);
    let others = donors.iter().enumerate();
    let others = others.filter(|(place, _)| !ground.without.contains(place));
    let context = MutationContext {
        language,
        typer,
        store: Store::default(),
        random: Random::new(&ground.seeds),
        donors: others.collect(),
        inputs: ground.inputs.clone(),
        goal,
    };
    let samples: Vec<Case> = [&ground.demos[..], &ground.tests, &ground.probes].concat();
    let mut meter = Meter::new(settings.bounds).with_cancel(surroundings.cancel);
    if let Some(externals) = surroundings.externals {
        meter = meter.with_externals(externals);
    }
    let mut island = Island {
        context,
        memory: Memory::new(&samples, settings.shares),
        meter,
        ground,
        samples,
        differs,
        differ_cones: Vec::new(),
        wanted: Vec::new(),
        settings,
        population: Population::new(settings.population),
        bodies: FxHashSet::default(),
        behaviours: FxHashSet::default(),
        findings: Findings::default(),
        cancel: surroundings.cancel,
    };
    island.open();
    island.deal();
    island.breed()?;
    Ok(island.close())
}

pub(super) struct Island<'a> {
    pub(super) context: MutationContext<'a>,
    pub(super) memory: Memory,
    pub(super) meter: Meter<'a>,
    pub(super) ground: &'a Ground,
    /// Demos, tests, probes.
    pub(super) samples: Vec<Case>,
    pub(super) differs: &'a [Arc<Program>],
    pub(super) differ_cones: Vec<Vec<NodeId>>,
    /// Of each demo: the number of the wanted grid.
    pub(super) wanted: Vec<ValueId>,
    pub(super) settings: &'a RoundSettings,
    pub(super) population: Population,
    pub(super) bodies: FxHashSet<u64>,
    pub(super) behaviours: FxHashSet<u128>,
    pub(super) findings: Findings,
    pub(super) cancel: &'a AtomicBool,
}

/// Reads the nearness of a differ: 0..1000, alone or leading a tuple; anything else counts as 0.
pub(super) fn nearness(said: &Value) -> u16 {
    let number = match said {
        Value::Pair(first, _) => Some(i64::from(*first)),
        Value::Cell(cell) => Some(i64::from(cell.color)),
        Value::Row(row) => row.cells().first().map(|&first| i64::from(first)),
        Value::Tuple(sequence) => sequence.members().first().and_then(Value::number),
        other => other.number(),
    };
    let number = number.and_then(|number| u16::try_from(number).ok());
    number.filter(|&number| number <= EXACT).unwrap_or(0)
}

/// A child before it is evaluated.
pub(super) struct Child {
    pub draft: Draft,
    /// The mutations that made it.
    pub mutations: Vec<Mutation>,
    pub origins: [u32; 2],
}

impl Island<'_> {
    /// Numbers what is wanted and adds the differs, at the start and after forgetting.
    fn open(&mut self) {
        let wanted = self.ground.demos.iter().map(|case| case.wanted.clone());
        self.wanted = wanted
            .map(|grid| grid.map_or(FAILED, |grid| self.memory.number(grid)))
            .collect();
        self.differ_cones.clear();
        for steps in self.differs {
            if let Some(root) = self.context.include(steps, steps.len() - 1) {
                self.differ_cones.push(self.context.store.cone(root));
            }
        }
    }

    /// Evaluates the first programs; random programs replace them if none can be used.
    fn deal(&mut self) {
        for (place, steps) in self.ground.dealt.iter().enumerate() {
            let root = self.context.include(steps, steps.len() - 1);
            if let Some(root) = root.filter(|&root| self.context.is_program(root)) {
                self.settle(root, [place as u32, NO_ORIGIN]);
            }
        }
        self.findings.counts.dealt = self.population.members.len() as u64;
        // Where nothing is bred, only what was dealt counts.
        if self.population.members.is_empty() && self.settings.mutants > 0 {
            self.found();
        }
        self.ask_differs();
        self.population.sort();
    }

    /// Makes a member of a program that no mutation made.
    fn settle(&mut self, root: NodeId, origins: [u32; 2]) {
        let draft = self.context.draft(root);
        let body = self.context.store.digest(root);
        if draft.cone.len() <= self.settings.size_max && self.bodies.insert(body) {
            let is_new = origins[0] == NO_ORIGIN;
            if let Some(member) = self.evaluate(draft, origins, is_new) {
                self.behaviours.insert(member.behaviour);
                self.population.insert(member);
            }
        }
    }

    fn found(&mut self) {
        let Some(input) = self.context.add(Term::given(ProgramOp::Input(1))) else {
            return;
        };
        let draft = self.context.draft(input);
        for _ in 0..FOUNDERS * FOUNDING_TRIES {
            if self.population.members.len() >= FOUNDERS {
                return;
            }
            let goal = self.context.goal;
            if let Some(root) = self.context.make(&draft, goal) {
                if self.context.is_program(root) {
                    self.settle(root, [NO_ORIGIN; 2]);
                }
            }
        }
    }

    fn breed(&mut self) -> Result<(), Cancelled> {
        // Where everything is known already, tries come to an end too.
        let mut tries_left = self.settings.mutants.saturating_mul(4);
        while (self.findings.counts.mutants as usize) < self.settings.mutants && tries_left > 0 {
            let mut kept: Vec<(Member, Vec<Mutation>)> = Vec::new();
            for _ in 0..self.settings.generation {
                if self.findings.counts.mutants as usize >= self.settings.mutants {
                    break;
                }
                tries_left = tries_left.saturating_sub(1);
                if let Some(child) = self.make_child() {
                    kept.extend(self.try_child(child));
                }
            }
            for (member, mutations) in kept {
                let stays = self.population.insert(member);
                for kind in mutations {
                    self.findings.tallies[kind as usize].kept += u64::from(stays);
                }
            }
            self.ask_differs();
            self.population.sort();
            if self.cancel.load(Ordering::Relaxed) {
                return Err(Cancelled);
            }
            if self.memory.size() > self.settings.memory_max {
                self.compact();
            }
        }
        Ok(())
    }

    /// Evaluates a child; what has a new behaviour, or a better program for a known one, is
    /// returned.
    fn try_child(&mut self, child: Child) -> Option<(Member, Vec<Mutation>)> {
        self.findings.counts.mutants += 1;
        for &kind in &child.mutations {
            self.findings.tallies[kind as usize].tried += 1;
        }
        let member = self.evaluate(child.draft, child.origins, true)?;
        if !self.behaviours.insert(member.behaviour) {
            self.findings.counts.known_behaviours += 1;
            let mut members = self.population.members.iter_mut();
            let known = members.find(|known| known.behaviour == member.behaviour)?;
            if known.rank() <= member.rank() {
                known.join(&member);
                return None;
            }
            let criteria = known.criteria.clone();
            return Some((Member { criteria, ..member }, child.mutations));
        }
        for &kind in &child.mutations {
            self.findings.tallies[kind as usize].new += 1;
        }
        Some((member, child.mutations))
    }

    /// Runs a program on the samples; nothing if it fails on too many demos, or copies.
    fn evaluate(&mut self, draft: Draft, origins: [u32; 2], is_new: bool) -> Option<Member> {
        let (demos, tests) = (self.ground.demos.len(), self.ground.tests.len());
        if !self.settings.shares {
            self.memory.unlearn(&draft.cone);
        }
        let mut outputs: Vec<ValueId> = Vec::with_capacity(demos + tests);
        let (mut fuel, mut failures) = (0, 0);
        for sample in 0..demos + tests {
            let (output, spent) = self.run(&draft.cone, sample);
            outputs.push(output);
            fuel += spent;
            failures += usize::from(output == FAILED && sample < demos);
            if 2 * failures >= demos.max(1) {
                self.findings.counts.failed += 1;
                return None;
            }
        }
        let scores = self.score(&outputs[..demos]);
        if is_new && self.copies(&draft, &scores) {
            self.findings.counts.copies += 1;
            return None;
        }
        let mut bytes = Vec::with_capacity(16 * outputs.len());
        for &output in &outputs {
            bytes.extend(self.memory.digest(output).to_le_bytes());
        }
        let behaviour = xxh3_128(&bytes);
        Some(Member {
            root: draft.root,
            body: self.context.store.digest(draft.root),
            cone: draft.cone,
            behaviour,
            scores,
            criteria: Vec::new(),
            fuel,
            origins,
            is_new,
            visits: 0,
            bodies: 1,
        })
    }

    pub(super) fn run(&mut self, cone: &[NodeId], sample: usize) -> (ValueId, u64) {
        self.findings.counts.evaluations += 1;
        let context = &self.context;
        let (language, store) = (context.language, &context.store);
        self.memory
            .run(language, store, cone, sample, &mut self.meter)
    }

    fn score(&self, outputs: &[ValueId]) -> Vec<u16> {
        let score = |(&output, &wanted): (&ValueId, &ValueId)| match output {
            FAILED => 0,
            same if same == wanted => EXACT,
            _ => agreement(self.memory.value(output), self.memory.value(wanted)),
        };
        outputs.iter().zip(&self.wanted).map(score).collect()
    }

    /// Returns whether a program is right on a demo only because S holds that demo.
    fn copies(&mut self, draft: &Draft, scores: &[u16]) -> bool {
        if !self.context.store.needs(draft.root, 0) {
            return false;
        }
        let first = self.ground.demos.len() + self.ground.tests.len();
        (0..self.ground.probes.len()).any(|demo| {
            scores[demo] == EXACT && self.run(&draft.cone, first + demo).0 != self.wanted[demo]
        })
    }

    /// Asks the differs about the members that they were not asked about: only those that stay
    /// can be selected, and most children do not.
    fn ask_differs(&mut self) {
        for place in 0..self.population.members.len() {
            let member = &mut self.population.members[place];
            if member.criteria.is_empty() {
                let cone = std::mem::take(&mut member.cone);
                let mut criteria = member.scores.clone();
                for demo in 0..criteria.len() {
                    let score = criteria[demo];
                    self.ask_about(&cone, demo, score, &mut criteria);
                }
                let member = &mut self.population.members[place];
                (member.cone, member.criteria) = (cone, criteria);
            }
        }
    }

    /// Adds the nearness of a program's output on a demo by each differ.
    fn ask_about(&mut self, cone: &[NodeId], demo: usize, score: u16, criteria: &mut Vec<u16>) {
        let (language, store) = (self.context.language, &self.context.store);
        let memory = &mut self.memory;
        let (output, _) = memory.run(language, store, cone, demo, &mut self.meter);
        let is_grid = output != FAILED && memory.value(output).as_grid().is_some();
        for cone in &self.differ_cones {
            let said = if score == EXACT {
                EXACT
            } else if is_grid {
                let inputs = memory.compared(demo, output, self.wanted[demo]);
                match memory.run_once(language, store, cone, inputs, &mut self.meter) {
                    FAILED => 0,
                    said => nearness(memory.value(said)),
                }
            } else {
                0
            };
            criteria.push(said);
        }
    }

    /// Forgets all but the members. Their nodes stand in another order afterwards, by which mutations
    /// draw: what is found depends on when this happens, which does not depend on time or threads.
    fn compact(&mut self) {
        let members = self.population.members.iter();
        let programs: Vec<Program> = members
            .map(|member| self.context.store.steps(member.root))
            .collect();
        self.context.store = Store::default();
        self.memory.forget(&self.samples);
        self.open();
        let members = self.population.members.iter_mut();
        for (member, steps) in members.zip(&programs) {
            let root = self.context.include(steps, steps.len() - 1);
            member.root = root.expect("it was well typed before");
            member.cone = self.context.store.cone(member.root);
        }
    }

    fn close(mut self) -> Findings {
        self.population.sort();
        self.findings.counts.calls = self.memory.calls_made;
        let store = &self.context.store;
        let members = self.population.members.into_iter();
        self.findings.members = members
            .map(|member| {
                let steps = store.steps(member.root);
                (member, steps)
            })
            .collect();
        self.findings
    }
}
