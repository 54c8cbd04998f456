//! The evaluator: every node once per case, failures as values, the same results with any number
//! of threads.

mod agreement;
mod alone;
mod catch_panic;
mod counts;
mod outcome;
mod runner;
mod threads;
mod trace;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::graph::Graph;
use crate::meter::{Bounds, ExternalPrimitives};
use crate::value::Value;

pub use agreement::{agreement, EXACT};
pub use catch_panic::catch_panic;
pub use counts::Counts;
pub use outcome::{CaseOutcome, NodeFailure, NodeOutcome, RootOutcome, NO_FAILURE};
pub use threads::in_parallel;
pub use trace::trace;

use counts::outputs_of;
use runner::{Runner, Watch};

/// Stack that a thread needs which evaluates: function values nest, and each level calls several
/// kernels' frames deep.
pub const STACK_BYTES: usize = 16 << 20;

/// The values of S, I and C for one evaluation.
#[derive(Clone, Debug)]
pub struct Case {
    /// S: the demo samples as pairs of grids.
    pub samples: Value,
    /// I: the grid at hand.
    pub input: Value,
    /// C: the grid to compare with; reading it fails where it is absent.
    pub compared: Option<Value>,
    /// The grid that outputs are scored against.
    pub wanted: Option<Value>,
}

/// A graph and the cases to evaluate it on.
#[derive(Clone, Debug)]
pub struct Job {
    /// What to evaluate.
    pub graph: Arc<Graph>,
    /// On what.
    pub cases: Vec<Case>,
}

/// How to evaluate.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Fuel that one call may use.
    pub node_fuel: u64,
    /// Leaves that one value may have.
    pub value_leaves: u64,
    /// Leaves that all values of a root's evaluation may have together, see
    /// [`load`](crate::meter::load).
    pub total_leaves: u64,
    /// Bytes that the kept values of roots may take; what has no room is not kept.
    pub kept_bytes: usize,
    /// Time that all nodes may take on one case together.
    pub case_time: Option<Duration>,
    /// How many cases may run at once.
    pub threads: usize,
    /// Whether to keep the values of the roots.
    pub keep_outputs: bool,
}

impl Settings {
    /// The bounds of a case that starts now.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            node_fuel: self.node_fuel,
            value_leaves: self.value_leaves,
            deadline: self
                .case_time
                .and_then(|time| Instant::now().checked_add(time)),
        }
    }
}

/// What an evaluation runs with, beside its jobs and settings.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Stops the evaluation when it is set.
    pub cancel: &'a AtomicBool,
    /// Calls primitives that have no kernel.
    pub externals: Option<&'a dyn ExternalPrimitives>,
}

/// The evaluation was stopped from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

/// Evaluates every job's graph on each of its cases.
///
/// Runs on the calling thread, which needs a stack of [`STACK_BYTES`], and on as many others as
/// the settings ask for beyond that.
///
/// Fails if it is cancelled.
pub fn evaluate(
    jobs: &[Job],
    settings: &Settings,
    surroundings: Surroundings<'_>,
) -> Result<Vec<Vec<CaseOutcome>>, Cancelled> {
    run(jobs, settings, surroundings, false).map(|(outcomes, _)| outcomes)
}

/// Evaluates as [`evaluate`] does, and counts what each primitive did, which takes more time.
///
/// Fails if it is cancelled.
pub fn evaluate_and_count(
    jobs: &[Job],
    settings: &Settings,
    surroundings: Surroundings<'_>,
) -> Result<(Vec<Vec<CaseOutcome>>, Counts), Cancelled> {
    let (outcomes, mut counts) = run(jobs, settings, surroundings, true)?;
    counts.outputs = outcomes.iter().map(|cases| outputs_of(cases)).collect();
    Ok((outcomes, counts))
}

fn run(
    jobs: &[Job],
    settings: &Settings,
    surroundings: Surroundings<'_>,
    counting: bool,
) -> Result<(Vec<Vec<CaseOutcome>>, Counts), Cancelled> {
    let queue = Queue::new(jobs, settings.threads);
    let work = || work(&queue, settings, surroundings, counting);
    let mut done = Vec::new();
    let mut counts = Counts::default();
    for (some, watch, nanoseconds) in in_parallel(queue.threads, work) {
        done.extend(some);
        counts.add(&watch, nanoseconds);
    }
    if surroundings.cancel.load(Ordering::Relaxed) {
        return Err(Cancelled);
    }
    done.sort_unstable_by_key(|(item, _)| *item);
    let mut outcomes = done.into_iter().map(|(_, outcome)| outcome);
    let by_job = jobs
        .iter()
        .map(|job| outcomes.by_ref().take(job.cases.len()).collect())
        .collect();
    Ok((by_job, counts))
}

/// All cases of all jobs, in order, handed out in chunks that get smaller towards the end.
struct Queue<'a> {
    jobs: &'a [Job],
    /// Of each job: the number of its first case among all.
    starts: Vec<usize>,
    cases: usize,
    threads: usize,
    next: AtomicUsize,
}

impl<'a> Queue<'a> {
    fn new(jobs: &'a [Job], threads: usize) -> Self {
        let mut cases = 0;
        let starts = jobs
            .iter()
            .map(|job| {
                cases += job.cases.len();
                cases - job.cases.len()
            })
            .collect();
        let threads = threads.clamp(1, cases.max(1));
        Self {
            jobs,
            starts,
            cases,
            threads,
            next: AtomicUsize::new(0),
        }
    }

    /// Takes the next chunk, as numbers of cases; an empty one when all are taken.
    fn take(&self) -> std::ops::Range<usize> {
        let end = |start: usize| {
            let chunk = ((self.cases - start) / (8 * self.threads)).max(1);
            (start + chunk).min(self.cases)
        };
        let start = self
            .next
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| Some(end(next)))
            .unwrap_or(self.cases);
        start..end(start)
    }

    /// Finds the job and the case of a number.
    fn get(&self, item: usize) -> (&'a Job, &'a Case) {
        let place = self.starts.partition_point(|&start| start <= item) - 1;
        let job = &self.jobs[place];
        (job, &job.cases[item - self.starts[place]])
    }
}

/// The cases that one thread did, what it counted, and its time.
type Done = (Vec<(usize, CaseOutcome)>, Watch, u64);

fn work(
    queue: &Queue<'_>,
    settings: &Settings,
    surroundings: Surroundings<'_>,
    counting: bool,
) -> Done {
    let started = Instant::now();
    let mut done = Vec::new();
    let mut runner = Runner::new(settings, surroundings, counting);
    'all: loop {
        let chunk = queue.take();
        if chunk.is_empty() {
            break;
        }
        for item in chunk {
            let (job, case) = queue.get(item);
            match runner.run(&job.graph, case) {
                Ok(outcome) => done.push((item, outcome)),
                Err(Cancelled) => break 'all,
            }
        }
    }
    let nanoseconds = started.elapsed().as_nanos() as u64;
    (done, runner.watch, nanoseconds)
}
