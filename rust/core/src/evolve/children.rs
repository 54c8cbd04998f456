//! Children of an island: a parent is selected, and mutations are made on it.

use super::island::{Child, Island};
use super::memory::FAILED;
use super::mutation_context::Draft;
use super::mutations::{apply, Mutation};
use super::population::NO_ORIGIN;
use super::predicate::separate;
use super::store::NodeId;

/// Demos on which one of two programs that are joined has to be right: a program for each single
/// demo would be no rule. For the same reason nothing is joined twice.
const ARM_DEMOS: u32 = 2;
/// The most mutations that are tried for one child.
const MUTATIONS_PER_CHILD: usize = 24;
/// A program that is changed.
struct Parent {
    draft: Draft,
    /// Among the members; nothing for a donor.
    place: Option<usize>,
    origins: [u32; 2],
}

impl Island<'_> {
    /// Selects parents and makes mutations until there is a new body; nothing after too many.
    pub(super) fn make_child(&mut self) -> Option<Child> {
        for _ in 0..MUTATIONS_PER_CHILD {
            let parent = self.select_parent()?;
            let kind = Mutation::ALL[self.context.random.weighted(&self.settings.weights)];
            let Some((root, mate)) = self.make_mutation(kind, &parent) else {
                self.findings.counts.unfit += 1;
                continue;
            };
            let mut mutations = vec![kind];
            let root = self.mutate_further(root, &mut mutations);
            let draft = self.context.draft(root);
            if draft.cone.len() > self.settings.size_max || !self.context.is_program(root) {
                self.findings.counts.unfit += 1;
            } else if !self.bodies.insert(self.context.store.digest(root)) {
                self.findings.counts.known_bodies += 1;
            } else {
                let own = parent.origins;
                let other = mate.map_or(own[1], |mate| self.population.members[mate].origins[0]);
                let origins = [own[0], if other == own[0] { own[1] } else { other }];
                return Some(Child {
                    draft,
                    mutations,
                    origins,
                });
            }
        }
        None
    }

    /// Selects a member, or draws a donor: what is good elsewhere may be a beginning here, and an
    /// island that has lost its way needs others. Nothing where there is neither.
    fn select_parent(&mut self) -> Option<Parent> {
        if self.settings.fresh > 0.0 && self.context.random.chance(self.settings.fresh) {
            if let Some((place, root)) = self.context.draw_donor() {
                let origin = self.ground.dealt.len() + place;
                return Some(Parent {
                    draft: self.context.draft(root),
                    place: None,
                    origins: [origin as u32, NO_ORIGIN],
                });
            }
        }
        let random = &mut self.context.random;
        let place = self.population.select(self.settings.selection, random)?;
        let member = &self.population.members[place];
        Some(Parent {
            draft: Draft {
                root: member.root,
                cone: member.cone.clone(),
            },
            place: Some(place),
            origins: member.origins,
        })
    }

    /// Makes one mutation on a parent; returns the child and the member that took part, if one did.
    fn make_mutation(
        &mut self,
        kind: Mutation,
        parent: &Parent,
    ) -> Option<(NodeId, Option<usize>)> {
        let draft = &parent.draft;
        if kind == Mutation::Branch {
            let place = parent.place?;
            let other = self
                .population
                .complement(place, &mut self.context.random)?;
            return Some((self.learn_branch(place, other)?, Some(other)));
        }
        // Half of what is taken from others comes from siblings, half from donors.
        let sibling = match kind {
            Mutation::Subgraph | Mutation::Chain
                if !self.population.members.is_empty() && self.context.random.chance(0.5) =>
            {
                Some(self.context.random.below(self.population.members.len()))
            }
            _ => None,
        };
        let mate = match (kind, sibling) {
            (_, Some(sibling)) => Some(self.population.members[sibling].root),
            (Mutation::Chain, None) => Some(self.context.draw_donor()?.1),
            _ => None,
        };
        Some((apply(&mut self.context, kind, draft, mate)?, sibling))
    }

    /// Makes further mutations on a child, with a probability each.
    fn mutate_further(&mut self, root: NodeId, mutations: &mut Vec<Mutation>) -> NodeId {
        let mut root = root;
        while self.context.random.chance(self.settings.further) {
            let kind = Mutation::ALL[self.context.random.weighted(&self.settings.weights)];
            if matches!(kind, Mutation::Branch | Mutation::Chain) {
                continue;
            }
            let draft = self.context.draft(root);
            if let Some(changed) = apply(&mut self.context, kind, &draft, None) {
                root = changed;
                mutations.push(kind);
            }
        }
        root
    }

    /// Joins two members by a predicate that tells the demos of one from those of the other.
    fn learn_branch(&mut self, place: usize, other: usize) -> Option<NodeId> {
        let (first, second) = (
            &self.population.members[place],
            &self.population.members[other],
        );
        let (yes, no) = (
            first.right() & !second.right(),
            second.right() & !first.right(),
        );
        if first.right().count_ones().max(second.right().count_ones()) < ARM_DEMOS {
            return None;
        }
        let roots = [first.root, second.root];
        let joined = |cone: &[NodeId]| self.context.has_branch(cone);
        if joined(&first.cone) || joined(&second.cone) {
            return None;
        }
        let (predicate, swapped) = self.learn_predicate(yes, no)?;
        let [a, b] = if swapped { [roots[1], roots[0]] } else { roots };
        self.context.call("branch", &[predicate, a, b])
    }

    /// Learns a predicate from a random feature: true for some demos and false for some others,
    /// or, as the flag says, the other way round.
    fn learn_predicate(&mut self, yes: u64, no: u64) -> Option<(NodeId, bool)> {
        let language = self.context.language;
        let mut features: Vec<usize> = (0..language.features.len()).collect();
        self.context.random.shuffle(&mut features);
        for feature in features {
            let steps = &language.features[feature];
            let Some(node) = self.context.include(steps, steps.len() - 1) else {
                continue;
            };
            let cone = self.context.store.cone(node);
            let demos = self.ground.demos.len().min(64);
            let numbers: Vec<Option<i64>> = (0..demos)
                .map(|demo| match self.run(&cone, demo).0 {
                    FAILED => None,
                    output => self.memory.value(output).number(),
                })
                .collect();
            if let Some(found) = separate(&mut self.context, node, &numbers, yes, no) {
                return Some(found);
            }
        }
        None
    }
}
