//! What Python sees of the core: conversions, and calls that run without the interpreter.

mod cases;
mod convert;
mod counting;
mod enter;
mod error;
mod evolve;
mod externals;
mod graph;
mod induction;
mod outcomes;
mod search;

use mimalloc::MiMalloc;
use pyo3::prelude::*;

// Search makes and drops small values all the time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The native engine; `arcbatt.engine.native` is its face.
#[pymodule]
mod _engine {
    use std::time::{Duration, Instant};

    use arcbatt_core::evaluate as core;
    use arcbatt_core::evaluate::{catch_panic, Case, Job, Settings};
    use arcbatt_core::primitives::table;
    use arcbatt_core::{Failure, Meter, Value};
    use pyo3::prelude::*;
    use pyo3::types::{PyList, PyTuple};

    use super::cases::CaseReader;
    use super::convert::{from_value, to_value};
    use super::counting::{self, Border, Crossing};
    #[pymodule_export]
    use super::counting::{EngineCounts, PrimitiveCount};
    use super::enter::enter;
    use super::error::{BorderError, Result};
    #[pymodule_export]
    use super::evolve::{Breeder, IslandFindings, Member, MutationChild, MutationTally};
    use super::externals::resolve;
    #[pymodule_export]
    use super::graph::Graph;
    #[pymodule_export]
    use super::induction::{induce, InductionProblem, LearntRule};
    #[pymodule_export]
    use super::outcomes::{HeldGrid, NativeCall, NativeFailure, NativeOutcome, Outcomes};
    #[pymodule_export]
    use super::search::{
        search, SearchGrammar, SearchLimits, SearchOutcome, SearchProblem, SearchProduction,
        SearchTerminal, Solution, SolutionStep,
    };

    /// List the primitives that have a kernel: their names and the names of their parameters.
    #[pyfunction]
    fn primitives() -> Vec<(&'static str, Vec<&'static str>)> {
        table()
            .iter()
            .map(|one| (one.name, one.parameters.to_vec()))
            .collect()
    }

    /// Turn counting on or off.
    #[pyfunction]
    fn count_calls(on: bool) {
        counting::switch(on);
    }

    /// Return what was counted since the last time.
    #[pyfunction]
    fn take_counts() -> EngineCounts {
        counting::take()
    }

    /// Digest a value to 128 bits.
    #[pyfunction]
    fn digest(value: &Bound<'_, PyAny>) -> Result<u128> {
        let _crossing = Crossing::begin(Border::Values);
        Ok(arcbatt_core::digest(&to_value(value)?))
    }

    /// Score an output against the wanted grid.
    #[pyfunction]
    fn agreement(output: &Bound<'_, PyAny>, wanted: &Bound<'_, PyAny>) -> Result<u16> {
        let _crossing = Crossing::begin(Border::Values);
        Ok(core::agreement(&to_value(output)?, &to_value(wanted)?))
    }

    fn settings(
        node_fuel: u64,
        value_leaves: u64,
        total_leaves: u64,
        sample_seconds: Option<f64>,
    ) -> Result<Settings> {
        let case_time = match sample_seconds.map(Duration::try_from_secs_f64) {
            None => None,
            Some(Ok(time)) => Some(time),
            Some(Err(_)) if sample_seconds > Some(0.0) => None,
            Some(Err(_)) => {
                return Err(BorderError::Engine(
                    "sample_seconds must not be negative".into(),
                ))
            }
        };
        Ok(Settings {
            node_fuel,
            value_leaves,
            total_leaves,
            case_time,
            threads: 1,
            keep_outputs: false,
            kept_bytes: 0,
        })
    }

    /// Evaluate graphs on their cases.
    #[pyfunction]
    #[pyo3(signature = (
        jobs, *, node_fuel, value_leaves, total_leaves, sample_seconds, threads=1,
        keep_outputs=false, kept_bytes=usize::MAX
    ))]
    #[allow(clippy::too_many_arguments)] // each is named in the only call
    fn evaluate<'py>(
        py: Python<'py>,
        jobs: Vec<(Bound<'py, Graph>, Bound<'py, PyAny>)>,
        node_fuel: u64,
        value_leaves: u64,
        total_leaves: u64,
        sample_seconds: Option<f64>,
        threads: usize,
        keep_outputs: bool,
        kept_bytes: usize,
    ) -> Result<Vec<Outcomes>> {
        let settings = Settings {
            threads,
            keep_outputs,
            kept_bytes,
            ..settings(node_fuel, value_leaves, total_leaves, sample_seconds)?
        };
        let crossing = Crossing::begin(Border::Cases);
        let mut reader = CaseReader::default();
        let jobs = jobs
            .iter()
            .enumerate()
            .map(|(number, (graph, cases))| {
                Ok(Job {
                    graph: graph.get().shared(),
                    cases: reader.read_all(number, cases)?,
                })
            })
            .collect::<Result<Vec<Job>>>()?;
        drop(reader);
        drop(crossing);
        let outcomes = enter(py, |surroundings| {
            if !counting::is_on() {
                return core::evaluate(&jobs, &settings, surroundings);
            }
            let (outcomes, counts) = core::evaluate_and_count(&jobs, &settings, surroundings)?;
            counting::add(counts);
            Ok(outcomes)
        })??;
        let graphs = jobs.into_iter().map(|job| job.graph);
        Ok(graphs
            .zip(outcomes)
            .map(|(graph, cases)| Outcomes::new(graph, cases))
            .collect())
    }

    /// Evaluate every node of a graph on one case.
    #[pyfunction]
    #[pyo3(signature = (graph, case, *, node_fuel, value_leaves, total_leaves, sample_seconds))]
    fn trace<'py>(
        py: Python<'py>,
        graph: &Bound<'py, Graph>,
        case: &Bound<'py, PyAny>,
        node_fuel: u64,
        value_leaves: u64,
        total_leaves: u64,
        sample_seconds: Option<f64>,
    ) -> Result<Vec<NativeCall>> {
        let settings = settings(node_fuel, value_leaves, total_leaves, sample_seconds)?;
        let case: Case = CaseReader::default().read(0, 0, case)?;
        let graph = graph.get().shared();
        let nodes = enter(py, |surroundings| {
            core::trace(&graph, &case, &settings, surroundings)
        })??;
        nodes
            .iter()
            .map(|node| {
                let (value, failure) = match &node.value {
                    Ok(value) => (Some(from_value(py, value)?.unbind()), None),
                    Err(failed) => (None, Some(NativeFailure::of_node(py, &graph, failed)?)),
                };
                Ok(NativeCall {
                    value,
                    failure,
                    fuel: node.fuel,
                    nanoseconds: node.nanoseconds,
                })
            })
            .collect()
    }

    /// Call one primitive.
    #[pyfunction]
    #[pyo3(signature = (name, args, *, node_fuel, value_leaves))]
    fn call<'py>(
        py: Python<'py>,
        name: &str,
        args: &Bound<'py, PyTuple>,
        node_fuel: u64,
        value_leaves: u64,
    ) -> Result<NativeCall> {
        let callee = resolve(py, name)?
            .ok_or_else(|| BorderError::Engine(format!("no primitive is called '{name}'")))?;
        let failed = |failure: Failure, fuel: u64| -> Result<NativeCall> {
            Ok(NativeCall {
                value: None,
                failure: Some(NativeFailure::of_call(py, name, failure)?),
                fuel,
                nanoseconds: 0,
            })
        };
        if args.len() != callee.arity() {
            return failed(Failure::argument("a wrong number of arguments"), 0);
        }
        let args = args
            .iter()
            .map(|arg| to_value(&arg))
            .collect::<Result<Vec<Value>>>();
        let args = match args {
            Ok(args) => args,
            Err(BorderError::Value(failure)) => return failed(failure, 0),
            Err(error) => return Err(error),
        };
        let settings = settings(node_fuel, value_leaves, u64::MAX, None)?;
        let (outcome, fuel, nanoseconds) = enter(py, |surroundings| {
            let mut meter = Meter::new(settings.bounds()).with_cancel(surroundings.cancel);
            if let Some(externals) = surroundings.externals {
                meter = meter.with_externals(externals);
            }
            let started = Instant::now();
            let outcome = catch_panic(|| meter.call(&callee, &args.iter().collect::<Vec<_>>()));
            let nanoseconds = started.elapsed().as_nanos() as u64;
            (outcome, meter.spent(), nanoseconds)
        })?;
        match outcome {
            Ok(value) => Ok(NativeCall {
                value: Some(from_value(py, &value)?.unbind()),
                failure: None,
                fuel,
                nanoseconds,
            }),
            Err(failure) => failed(failure, fuel),
        }
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        use arcbatt_core::search as limits;
        module.add("SEARCH_FIRST_ROUND", limits::FIRST_ROUND)?;
        module.add("SEARCH_SEEDS", limits::SEEDS)?;
        module.add("SEARCH_SEEDS_PER_BIT", limits::SEEDS_PER_BIT)?;
        module.add("SEARCH_SEED_COST", limits::SEED_COST)?;
        module.add("SEARCH_SIDE_MAX", limits::SIDE_MAX)?;
        let names = [
            "Breeder",
            "EngineCounts",
            "Graph",
            "HeldGrid",
            "InductionProblem",
            "IslandFindings",
            "LearntRule",
            "Member",
            "MutationChild",
            "MutationTally",
            "NativeCall",
            "NativeFailure",
            "NativeOutcome",
            "Outcomes",
            "PrimitiveCount",
            "SEARCH_FIRST_ROUND",
            "SEARCH_SEEDS",
            "SEARCH_SEEDS_PER_BIT",
            "SEARCH_SEED_COST",
            "SEARCH_SIDE_MAX",
            "SearchGrammar",
            "SearchLimits",
            "SearchOutcome",
            "SearchProblem",
            "SearchProduction",
            "SearchTerminal",
            "Solution",
            "SolutionStep",
            "agreement",
            "call",
            "count_calls",
            "digest",
            "evaluate",
            "induce",
            "primitives",
            "search",
            "take_counts",
            "trace",
        ];
        module.add("__all__", PyList::new(module.py(), names)?)
    }
}
