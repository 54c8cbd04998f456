//! What each primitive did: calls, values, fuel and time.
//!
//! A call counts for every case whose results need it, as its fuel does, whether it was run for
//! that case or its value was kept from an earlier one. So calls, values and fuel depend neither
//! on the machine nor on the number of threads; runs and times do.
//!
//! Counting a call costs as much as a short call. That cost is measured once, and taken off the
//! times.

use std::sync::OnceLock;
use std::time::Instant;

use rustc_hash::FxHashMap;

use crate::function::{Callee, PrimitiveId};

/// What one primitive did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How often it was called, calls within other primitives included.
    pub calls: u64,
    /// How many of these calls had a value; the others failed.
    pub values: u64,
    /// Fuel of the calls, without that of the calls within them.
    pub fuel: u64,
    /// How often it was really run: what several cases share is run once.
    pub runs: u64,
    /// Time of the runs, without that of the calls within them.
    pub own_nanoseconds: u64,
    /// Time of the runs with all calls within them.
    pub nanoseconds: u64,
}

impl Count {
    fn add_calls(&mut self, other: &Self) {
        self.calls += other.calls;
        self.values += other.values;
        self.fuel = self.fuel.saturating_add(other.fuel);
    }

    fn add_runs(&mut self, other: &Self) {
        self.runs += other.runs;
        self.own_nanoseconds += other.own_nanoseconds;
        self.nanoseconds += other.nanoseconds;
    }

    /// Adds what the same primitive did elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.add_calls(other);
        self.add_runs(other);
    }
}

/// What some primitives did, by their numbers in a tally.
pub(crate) type Settled = Vec<(usize, Count)>;

/// What calls within the running one used.
#[derive(Clone, Copy, Default)]
struct Inner {
    fuel: u64,
    nanoseconds: u64,
    /// What counting them cost; a part of the nanoseconds.
    counting: u64,
}

/// What counting one call costs, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
struct Overhead {
    /// In all.
    whole: u64,
    /// The part that the clock of the call itself sees.
    inside: u64,
}

/// Rounds of the measurement of the overhead; the quickest round counts.
const OVERHEAD_ROUNDS: u32 = 16;
const CALLS_PER_ROUND: u64 = 500;

impl Overhead {
    fn measured() -> Self {
        static MEASURED: OnceLock<Overhead> = OnceLock::new();
        *MEASURED.get_or_init(|| {
            let callee = Callee::Native(PrimitiveId::new(0, "", 0));
            let rounds = (0..OVERHEAD_ROUNDS).map(|_| Self::measure_round(&callee));
            rounds.min_by_key(|round| round.whole).unwrap_or_default()
        })
    }

    fn measure_round(callee: &Callee) -> Self {
        let mut tally = Tally::default();
        let started = Instant::now();
        for _ in 0..CALLS_PER_ROUND {
            let open = tally.open(callee);
            tally.close(open, 1, true);
        }
        let whole = started.elapsed().as_nanos() as u64 / CALLS_PER_ROUND;
        let inside = tally.current[0].nanoseconds / CALLS_PER_ROUND;
        Self { whole, inside }
    }
}

/// A call that has begun.
pub(crate) struct Open {
    place: usize,
    started: Instant,
    outer: Inner,
}

/// Counts the calls of one thread.
#[derive(Default)]
pub struct Tally {
    /// By the place of a primitive with a kernel.
    kernels: FxHashMap<usize, usize>,
    /// By the name of a primitive without one.
    others: FxHashMap<Box<str>, usize>,
    names: Vec<Box<str>>,
    /// Since the last time that it was settled.
    current: Vec<Count>,
    touched: Vec<usize>,
    totals: Vec<Count>,
    inner: Inner,
    overhead: Overhead,
    /// What counting all calls cost, in nanoseconds.
    pub(crate) counting: u64,
}

impl Tally {
    /// Makes a tally that takes its own cost off the times.
    pub fn new() -> Self {
        Self {
            overhead: Overhead::measured(),
            ..Self::default()
        }
    }

    /// Notes that a call begins.
    pub(crate) fn open(&mut self, callee: &Callee) -> Open {
        let place = self.place(callee);
        let count = &mut self.current[place];
        if count.calls == 0 {
            self.touched.push(place);
        }
        count.calls += 1;
        count.runs += 1;
        Open {
            place,
            outer: std::mem::take(&mut self.inner),
            started: Instant::now(),
        }
    }

    /// Notes that a call ended, with the fuel that it used and whether it has a value.
    pub(crate) fn close(&mut self, open: Open, fuel: u64, has_value: bool) {
        let passed = open.started.elapsed().as_nanos() as u64;
        let (inner, overhead) = (self.inner, self.overhead);
        let nanoseconds = passed.saturating_sub(overhead.inside);
        let count = &mut self.current[open.place];
        count.values += u64::from(has_value);
        count.fuel += fuel.saturating_sub(inner.fuel);
        count.own_nanoseconds += nanoseconds.saturating_sub(inner.nanoseconds);
        count.nanoseconds += nanoseconds.saturating_sub(inner.counting);
        self.counting += overhead.whole;
        self.inner = Inner {
            fuel: open.outer.fuel.saturating_add(fuel),
            nanoseconds: open.outer.nanoseconds + nanoseconds + overhead.whole,
            counting: open.outer.counting + inner.counting + overhead.whole,
        };
    }

    /// Begins with another node; a panic may have left calls of the last one open.
    pub(crate) fn restart(&mut self) {
        self.inner = Inner::default();
    }

    /// Adds runs and times since the last time to the totals, and returns all that was counted.
    pub(crate) fn settle(&mut self) -> Settled {
        let Self {
            current,
            touched,
            totals,
            ..
        } = self;
        touched
            .drain(..)
            .map(|place| {
                let count = std::mem::take(&mut current[place]);
                totals[place].add_runs(&count);
                (place, count)
            })
            .collect()
    }

    /// Adds calls, values and fuel to the totals: once for each case that needs them.
    pub(crate) fn add_calls(&mut self, settled: &Settled) {
        for (place, count) in settled {
            self.totals[*place].add_calls(count);
        }
    }

    /// Returns the totals by name, of what was called or run.
    pub fn totals(&self) -> impl Iterator<Item = (&str, &Count)> {
        let counts = self.names.iter().zip(&self.totals);
        counts
            .filter(|(_, count)| **count != Count::default())
            .map(|(name, count)| (&**name, count))
    }

    fn place(&mut self, callee: &Callee) -> usize {
        let known = match callee {
            Callee::Native(primitive) => self.kernels.get(&primitive.place()),
            Callee::External(external) => self.others.get(&external.name),
        };
        known.copied().unwrap_or_else(|| self.make_place(callee))
    }

    #[cold]
    fn make_place(&mut self, callee: &Callee) -> usize {
        let place = self.names.len();
        self.names.push(callee.name().into());
        self.current.push(Count::default());
        self.totals.push(Count::default());
        match callee {
            Callee::Native(primitive) => self.kernels.insert(primitive.place(), place),
            Callee::External(external) => self.others.insert(external.name.clone(), place),
        };
        place
    }
}
