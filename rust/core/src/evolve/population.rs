//! The programs of an island: niches by behaviour, and how parents are selected.

use std::cmp::Reverse;

use crate::evaluate::EXACT;

use super::random::Random;
use super::store::NodeId;

/// How parents are selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Demo by demo and differ by differ in a random order, only the best stay.
    Lexicase,
    /// The best of a few that are drawn.
    Tournament,
    /// The best first, then the next ones in turn.
    Best,
}

impl Selection {
    /// Finds the selection that has a name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "lexicase" => Some(Self::Lexicase),
            "tournament" => Some(Self::Tournament),
            "best" => Some(Self::Best),
            _ => None,
        }
    }
}

/// How many are drawn for a tournament.
const TOURNAMENT: usize = 4;
/// Stands for no origin.
pub const NO_ORIGIN: u32 = u32::MAX;

/// A program of an island with what it does.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its result.
    pub root: NodeId,
    /// All its nodes, ascending.
    pub cone: Vec<NodeId>,
    /// Digest of its body.
    pub body: u64,
    /// Digest of its outputs.
    pub behaviour: u128,
    /// On the demos, 0..1000 each.
    pub scores: Vec<u16>,
    /// The criteria of lexicase selection: the scores, then the nearness by differs on each demo.
    pub criteria: Vec<u16>,
    /// Fuel on all samples.
    pub fuel: u64,
    /// The indices of its ancestors: first the island's first programs, then the donors.
    pub origins: [u32; 2],
    /// Whether it was made in this round.
    pub is_new: bool,
    /// How often it was a parent.
    pub visits: u32,
    /// Bodies that behave like it, itself included.
    pub bodies: u32,
}

/// What puts the better of two members first.
pub type Rank = (Reverse<u32>, usize, u64, u64);
/// Which demos are right, as bits, and the size in powers of two.
pub type Niche = (u64, u32);

impl Member {
    /// The demos that are right, as bits.
    pub fn right(&self) -> u64 {
        let bits = self.scores.iter().take(64).enumerate();
        bits.fold(0, |bits, (place, &score)| {
            bits | u64::from(score == EXACT) << place
        })
    }

    /// Adds to the bodies that behave like it those of another member that does.
    pub fn join(&mut self, other: &Self) {
        self.bodies = self.bodies.saturating_add(other.bodies);
    }

    /// The sum of the scores.
    pub fn total(&self) -> u32 {
        self.scores.iter().map(|&score| u32::from(score)).sum()
    }

    /// Returns whether all demos are right.
    pub fn is_exact(&self) -> bool {
        self.scores.iter().all(|&score| score == EXACT)
    }

    /// Where it stands among others; fewer nodes and less fuel decide between equal scores.
    pub fn rank(&self) -> Rank {
        (Reverse(self.total()), self.cone.len(), self.fuel, self.body)
    }

    /// Its niche.
    pub fn niche(&self) -> Niche {
        (self.right(), self.cone.len().max(1).ilog2())
    }
}

/// The members of an island.
#[derive(Debug)]
pub struct Population {
    /// All of them.
    pub members: Vec<Member>,
    capacity: usize,
    niche_capacity: usize,
    /// How many members each niche has.
    niches: Vec<(Niche, usize)>,
}

impl Population {
    /// Makes an empty one; a niche holds at most a quarter of it.
    pub fn new(capacity: usize) -> Self {
        Self {
            members: Vec::new(),
            capacity,
            niche_capacity: capacity.div_ceil(4).max(1),
            niches: Vec::new(),
        }
    }

    /// Adds a member, if it is good enough for its niche; returns whether it stays.
    ///
    /// Of members that behave alike the better one stays. Where there are too many, the worst of
    /// the fullest niche gives way.
    pub fn insert(&mut self, mut new: Member) -> bool {
        let same = |member: &Member| member.behaviour == new.behaviour;
        if let Some(place) = self.members.iter().position(same) {
            let known = &mut self.members[place];
            let better = new.rank() < known.rank();
            if better {
                new.join(known);
                self.remove(place);
                self.push(new);
            } else {
                known.join(&new);
            }
            return better;
        }
        let (niche, body) = (new.niche(), new.body);
        if self.push(new) > self.niche_capacity {
            self.remove_worst(niche);
        } else if self.members.len() > self.capacity {
            let niches = self.niches.iter();
            let fullest = niches.max_by_key(|(niche, count)| {
                // Of equally full ones that with fewer demos right gives way.
                (*count, Reverse(niche.0.count_ones()), *niche)
            });
            let (fullest, _) = *fullest.expect("there are members");
            self.remove_worst(fullest);
        }
        self.members.iter().any(|member| member.body == body)
    }

    /// Adds a member and returns how many its niche has now.
    fn push(&mut self, new: Member) -> usize {
        let niche = new.niche();
        self.members.push(new);
        if let Some((_, count)) = self.niches.iter_mut().find(|(known, _)| *known == niche) {
            *count += 1;
            return *count;
        }
        self.niches.push((niche, 1));
        1
    }

    fn remove(&mut self, place: usize) {
        let niche = self.members.remove(place).niche();
        self.niches.retain_mut(|(known, count)| {
            *count -= usize::from(*known == niche);
            *count > 0
        });
    }

    fn remove_worst(&mut self, niche: Niche) {
        let places = 0..self.members.len();
        let worst = places
            .filter(|&place| self.members[place].niche() == niche)
            .max_by_key(|&place| self.members[place].rank());
        if let Some(place) = worst {
            self.remove(place);
        }
    }

    /// Sorts the members, the best first.
    pub fn sort(&mut self) {
        self.members.sort_by_key(Member::rank);
    }

    /// Selects a parent; the members have to be sorted. Nothing if there is none.
    pub fn select(&mut self, selection: Selection, random: &mut Random) -> Option<usize> {
        if self.members.is_empty() {
            return None;
        }
        let place = match selection {
            Selection::Lexicase => self.lexicase(random),
            Selection::Tournament => (0..TOURNAMENT)
                .map(|_| random.below(self.members.len()))
                .min()
                .unwrap_or_default(),
            Selection::Best => (0..self.members.len())
                .min_by_key(|&place| place + self.members[place].visits as usize)
                .unwrap_or_default(),
        };
        self.members[place].visits += 1;
        Some(place)
    }

    fn lexicase(&self, random: &mut Random) -> usize {
        let mut left: Vec<usize> = (0..self.members.len()).collect();
        let mut criteria: Vec<usize> = (0..self.members[0].criteria.len()).collect();
        random.shuffle(&mut criteria);
        for criterion in criteria {
            if left.len() == 1 {
                break;
            }
            let said = |&place: &usize| self.members[place].criteria[criterion];
            let best = left.iter().map(said).max().unwrap_or_default();
            left.retain(|place| said(place) == best);
        }
        left[random.below(left.len())]
    }

    /// Draws a member that is right on a demo on which another one is not, and wrong on one on
    /// which that is right.
    pub fn complement(&self, place: usize, random: &mut Random) -> Option<usize> {
        let own = self.members[place].right();
        let others: Vec<usize> = (0..self.members.len())
            .filter(|&other| {
                let right = self.members[other].right();
                right & !own != 0 && own & !right != 0
            })
            .collect();
        random.pick(&others).copied()
    }
}
