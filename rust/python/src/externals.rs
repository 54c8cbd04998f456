//! Primitives that exist in Python alone: they are called back, and are slow.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use arcbatt_core::{
    lookup, Callee, External, ExternalPrimitives, Failure, FailureKind, Meter, Outcome, Value,
};
use pyo3::prelude::*;
use pyo3::sync::{MutexExt, PyOnceLock};
use pyo3::types::{PyString, PyTuple};

use super::convert::{from_value, to_value};
use super::error::{BorderError, Result};

/// The Python primitives that were met so far; an external's id is its place here.
static MET: Mutex<Vec<Py<PyAny>>> = Mutex::new(Vec::new());

/// Finds the primitive of a name: a kernel, or what Python's registry holds.
pub fn resolve(py: Python<'_>, name: &str) -> PyResult<Option<Callee>> {
    if let Some(callee) = lookup(name) {
        return Ok(Some(callee));
    }
    static REGISTRY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let registry = REGISTRY.import(py, "arcbatt.dsl", "REGISTRY")?;
    let primitive = registry.call_method1("get", (name,))?;
    if primitive.is_none() {
        return Ok(None);
    }
    let arity = primitive.getattr("arity")?.extract()?;
    let id = remember(&primitive);
    Ok(Some(Callee::External(Arc::new(External {
        name: name.into(),
        arity,
        id,
    }))))
}

fn remember(primitive: &Bound<'_, PyAny>) -> usize {
    let mut met = MET
        .lock_py_attached(primitive.py())
        .unwrap_or_else(|held| held.into_inner());
    met.iter()
        .position(|known| known.is(primitive))
        .unwrap_or_else(|| {
            met.push(primitive.clone().unbind());
            met.len() - 1
        })
}

/// Calls Python from a worker thread.
pub struct Bridge<'a> {
    cancel: &'a AtomicBool,
    problem: Mutex<Option<PyErr>>,
}

impl<'a> Bridge<'a> {
    /// Makes a bridge that sets a flag when Python code raises more than an `Exception`.
    pub fn new(cancel: &'a AtomicBool) -> Self {
        Self {
            cancel,
            problem: Mutex::new(None),
        }
    }

    /// Fails with what Python code raised and no engine may swallow.
    pub fn problem(&self) -> Result<()> {
        match self
            .problem
            .lock()
            .unwrap_or_else(|held| held.into_inner())
            .take()
        {
            Some(problem) => Err(BorderError::Python(problem)),
            None => Ok(()),
        }
    }

    fn run(
        &self,
        meter: &mut Meter<'_>,
        primitive: &External,
        parts: Option<&[Value]>,
        args: &[&Value],
    ) -> Outcome<Value> {
        Python::attach(|py| {
            call_back(py, meter, primitive, parts, args).unwrap_or_else(|error| {
                *self.problem.lock().unwrap_or_else(|held| held.into_inner()) = Some(error.into());
                self.cancel.store(true, Ordering::Relaxed);
                Err(Failure::new(FailureKind::Deadline, "cancelled"))
            })
        })
    }
}

impl ExternalPrimitives for Bridge<'_> {
    fn call(&self, meter: &mut Meter<'_>, primitive: &External, args: &[&Value]) -> Outcome<Value> {
        self.run(meter, primitive, None, args)
    }

    fn call_built(
        &self,
        meter: &mut Meter<'_>,
        primitive: &External,
        parts: &[Value],
        args: &[&Value],
    ) -> Outcome<Value> {
        self.run(meter, primitive, Some(parts), args)
    }
}

type Answer<'py> = (Bound<'py, PyAny>, Option<Bound<'py, PyString>>, u64, u64);

fn write_all<'py, 'a>(
    py: Python<'py>,
    values: impl IntoIterator<Item = &'a Value>,
) -> PyResult<Bound<'py, PyTuple>> {
    let values = values.into_iter().map(|value| from_value(py, value));
    PyTuple::new(py, values.collect::<PyResult<Vec<_>>>()?)
}

/// Runs a body under a Python meter that starts where this one stands, and takes over its count.
fn call_back(
    py: Python<'_>,
    meter: &mut Meter<'_>,
    primitive: &External,
    parts: Option<&[Value]>,
    args: &[&Value],
) -> Result<Outcome<Value>> {
    static HELPER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let helper = HELPER.import(py, "arcbatt.engine.native", "call_python_primitive")?;
    let met = MET
        .lock_py_attached(py)
        .unwrap_or_else(|held| held.into_inner());
    let body = met[primitive.id].clone_ref(py);
    drop(met);
    let bounds = *meter.bounds();
    let seconds = bounds.deadline.map(|deadline| {
        deadline
            .saturating_duration_since(Instant::now())
            .as_secs_f64()
    });
    let depth = meter.depth();
    let answer = helper.call1((
        body,
        parts.map(|parts| write_all(py, parts)).transpose()?,
        write_all(py, args.iter().copied())?,
        (bounds.node_fuel, bounds.value_leaves, seconds, meter.room()),
        (meter.spent(), depth),
    ))?;
    let (value, kind, spent, held): Answer<'_> = answer.extract()?;
    meter.resume(spent, depth);
    meter.note_held(held);
    if let Some(kind) = kind {
        let kind = FailureKind::from_name(kind.to_str()?).unwrap_or(FailureKind::Panic);
        return Ok(Err(Failure::new(kind, "in a primitive without a kernel")));
    }
    match to_value(&value) {
        Ok(value) => Ok(Ok(value)),
        Err(BorderError::Value(failure)) => Ok(Err(failure)),
        Err(error) => Err(error),
    }
}
