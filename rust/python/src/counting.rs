//! What was counted since someone asked, if counting is on: per primitive, and at the border.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Mutex;
use std::time::Instant;

use arcbatt_core::evaluate::Counts;
use arcbatt_core::tally::Count;

/// What is converted at the border.
#[derive(Clone, Copy)]
pub enum Border {
    /// Graphs from Python.
    Graphs,
    /// Samples and grids from Python.
    Cases,
    /// Scores, digests, fuel and failures to Python.
    Results,
    /// Values in both directions.
    Values,
}

const BORDERS: [(Border, &str); 4] = [
    (Border::Graphs, "graphs"),
    (Border::Cases, "cases"),
    (Border::Results, "results"),
    (Border::Values, "values"),
];

static ON: AtomicBool = AtomicBool::new(false);
static COUNTED: Mutex<Option<Counts>> = Mutex::new(None);
static BORDER: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];

/// Turns counting on or off.
pub fn switch(on: bool) {
    ON.store(on, Ordering::Relaxed);
}

/// Tells whether to count.
pub fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Times a conversion until it is dropped, if counting is on.
pub struct Crossing(Option<(Border, Instant)>);

impl Crossing {
    /// Begins a conversion.
    pub fn begin(border: Border) -> Self {
        Self(is_on().then(|| (border, Instant::now())))
    }
}

impl Drop for Crossing {
    fn drop(&mut self) {
        if let Some((border, started)) = self.0 {
            let nanoseconds = started.elapsed().as_nanos() as u64;
            BORDER[border as usize].fetch_add(nanoseconds, Ordering::Relaxed);
        }
    }
}

/// Adds what an evaluation counted.
pub fn add(counts: Counts) {
    let mut held = COUNTED.lock().unwrap_or_else(|held| held.into_inner());
    let Some(known) = held.as_mut() else {
        *held = Some(counts);
        return;
    };
    for (name, count) in counts.primitives {
        known.primitives.entry(name).or_default().add(&count);
    }
    known.busy_nanoseconds += counts.busy_nanoseconds;
    known.longest_nanoseconds += counts.longest_nanoseconds;
    known.outputs_nanoseconds += counts.outputs_nanoseconds;
    known.sums_nanoseconds += counts.sums_nanoseconds;
    known.counting_nanoseconds += counts.counting_nanoseconds;
    known.outputs.extend(counts.outputs);
}

/// Name, calls, values, fuel, runs, own nanoseconds, nanoseconds.
pub type Row = (String, u64, u64, u64, u64, u64, u64);
/// Rows; busy, longest, outputs, sums and counting nanoseconds; nanoseconds by border; outputs by job.
pub type Taken = (
    Vec<Row>,
    (u64, u64, u64, u64, u64),
    Vec<(&'static str, u64)>,
    Vec<u128>,
);

/// Returns what was counted since the last time, and begins anew.
pub fn take() -> Taken {
    let counts = COUNTED
        .lock()
        .unwrap_or_else(|held| held.into_inner())
        .take()
        .unwrap_or_default();
    let row = |(name, count): (Box<str>, Count)| {
        (
            name.into(),
            count.calls,
            count.values,
            count.fuel,
            count.runs,
            count.own_nanoseconds,
            count.nanoseconds,
        )
    };
    let mut rows: Vec<Row> = counts.primitives.into_iter().map(row).collect();
    rows.sort_unstable();
    let border = |(border, name): (Border, &'static str)| {
        (name, BORDER[border as usize].swap(0, Ordering::Relaxed))
    };
    (
        rows,
        (
            counts.busy_nanoseconds,
            counts.longest_nanoseconds,
            counts.outputs_nanoseconds,
            counts.sums_nanoseconds,
            counts.counting_nanoseconds,
        ),
        BORDERS.map(border).into(),
        counts.outputs,
    )
}
