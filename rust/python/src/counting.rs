//! What was counted since someone asked, if counting is on: per primitive, and at the border.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Mutex;
use std::time::Instant;

use arcbatt_core::evaluate::Counts;
use pyo3::prelude::*;
use pyo3::types::PyDict;

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

/// Returns whether to count.
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

/// The calls of one primitive.
#[pyclass(frozen, get_all, module = "arcbatt._engine")]
pub struct PrimitiveCount {
    name: String,
    calls: u64,
    values: u64,
    fuel: u64,
    runs: u64,
    own_nanoseconds: u64,
    nanoseconds: u64,
}

/// What was counted.
#[pyclass(frozen, module = "arcbatt._engine")]
pub struct EngineCounts {
    counts: Counts,
    border: [(&'static str, u64); 4],
}

#[pymethods]
impl EngineCounts {
    /// The calls of each primitive, by name.
    #[getter]
    fn primitives(&self) -> Vec<PrimitiveCount> {
        let rows = self.counts.primitives.iter();
        let rows = rows.map(|(name, count)| PrimitiveCount {
            name: name.to_string(),
            calls: count.calls,
            values: count.values,
            fuel: count.fuel,
            runs: count.runs,
            own_nanoseconds: count.own_nanoseconds,
            nanoseconds: count.nanoseconds,
        });
        let mut rows: Vec<PrimitiveCount> = rows.collect();
        rows.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        rows
    }

    /// The time of all threads together.
    #[getter]
    fn busy_nanoseconds(&self) -> u64 {
        self.counts.busy_nanoseconds
    }

    /// The time of the longest thread of each evaluation.
    #[getter]
    fn longest_nanoseconds(&self) -> u64 {
        self.counts.longest_nanoseconds
    }

    /// The time of digests and scores.
    #[getter]
    fn outputs_nanoseconds(&self) -> u64 {
        self.counts.outputs_nanoseconds
    }

    /// The time of sums over nodes.
    #[getter]
    fn sums_nanoseconds(&self) -> u64 {
        self.counts.sums_nanoseconds
    }

    /// The time of counting itself.
    #[getter]
    fn counting_nanoseconds(&self) -> u64 {
        self.counts.counting_nanoseconds
    }

    /// The time of conversions, by what is converted.
    #[getter]
    fn border_nanoseconds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let border = PyDict::new(py);
        for (name, nanoseconds) in self.border {
            border.set_item(name, nanoseconds)?;
        }
        Ok(border)
    }

    /// A number for each job that stands for its outputs.
    #[getter]
    fn outputs(&self) -> Vec<u128> {
        self.counts.outputs.clone()
    }
}

/// Returns what was counted since the last time, and begins anew.
pub fn take() -> EngineCounts {
    let counts = COUNTED
        .lock()
        .unwrap_or_else(|held| held.into_inner())
        .take()
        .unwrap_or_default();
    let border = |(border, name): (Border, &'static str)| {
        (name, BORDER[border as usize].swap(0, Ordering::Relaxed))
    };
    EngineCounts {
        counts,
        border: BORDERS.map(border),
    }
}
