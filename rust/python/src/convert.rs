//! Values from Python and back.

use arcbatt_core::value::VALUE_DEPTH;
use arcbatt_core::{Failure, FailureKind, Function, Value};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFrozenSet, PyInt, PyTuple, PyType};

use super::error::{BorderError, Result};
use super::externals::resolve;

fn function_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "arcbatt.dsl.values", "Function")
}

fn too_deep() -> BorderError {
    BorderError::Value(Failure::new(FailureKind::Depth, "a value nests too deeply"))
}

/// Reads a Python object as a value.
///
/// Fails as the reference engine's `measure` does: with `overflow` beyond 64 bits, with `depth`
/// beyond the nesting that values may have, with `argument` if it is no value at all.
pub fn to_value(object: &Bound<'_, PyAny>) -> Result<Value> {
    read(object, 0)
}

fn read(object: &Bound<'_, PyAny>, nesting: u32) -> Result<Value> {
    if let Ok(number) = object.cast_exact::<PyInt>() {
        return match number.extract() {
            Ok(number) => Ok(Value::Int(number)),
            Err(_) => Err(BorderError::Value(Failure::overflow())),
        };
    }
    if let Ok(tuple) = object.cast_exact::<PyTuple>() {
        check_nesting(nesting)?;
        let members = tuple.iter().map(|member| read(&member, nesting + 1));
        return Ok(Value::tuple(members.collect::<Result<_>>()?));
    }
    if let Ok(set) = object.cast_exact::<PyFrozenSet>() {
        check_nesting(nesting)?;
        let members = set.iter().map(|member| read(&member, nesting + 1));
        return Ok(Value::set(members.collect::<Result<_>>()?));
    }
    if let Ok(bit) = object.cast_exact::<PyBool>() {
        return Ok(Value::Bool(bit.is_true()));
    }
    if object.is_none() {
        return Ok(Value::None);
    }
    if object.is_exact_instance(function_class(object.py())?) {
        return read_function(object, nesting);
    }
    Err(BorderError::Value(Failure::argument(
        "no value of the language",
    )))
}

fn check_nesting(nesting: u32) -> Result<()> {
    if nesting >= VALUE_DEPTH {
        return Err(too_deep());
    }
    Ok(())
}

fn read_function(object: &Bound<'_, PyAny>, nesting: u32) -> Result<Value> {
    let py = object.py();
    let depth: u32 = object.getattr(intern!(py, "depth"))?.extract()?;
    if nesting.saturating_add(depth) > VALUE_DEPTH {
        return Err(too_deep());
    }
    let name = object.getattr(intern!(py, "name"))?;
    let name = name
        .cast::<pyo3::types::PyString>()
        .map_err(PyErr::from)?
        .to_str()?;
    let callee = resolve(py, name)?
        .ok_or_else(|| BorderError::Engine(format!("no primitive is called '{name}'")))?;
    let parts = object.getattr(intern!(py, "parts"))?;
    let parts = parts.cast::<PyTuple>().map_err(PyErr::from)?;
    let parts = parts
        .iter()
        .map(|part| read(&part, nesting + 1))
        .collect::<Result<Vec<_>>>()?;
    let arity = object.getattr(intern!(py, "arity"))?.extract()?;
    let function = if parts.is_empty() {
        Function::of(callee)
    } else {
        Function::built(callee, parts, arity).map_err(BorderError::Value)?
    };
    Ok(Value::function(function))
}

/// Writes a value as a Python object.
pub fn from_value<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::None => py.None().into_bound(py),
        Value::Bool(bit) => PyBool::new(py, *bit).to_owned().into_any(),
        Value::Int(number) => number.into_pyobject(py)?.into_any(),
        Value::Grid(grid) => {
            let rows = (0..grid.height()).map(|row| colors(py, grid.row(row)));
            PyTuple::new(py, rows.collect::<PyResult<Vec<_>>>()?)?.into_any()
        }
        Value::Row(row) => colors(py, row.cells())?.into_any(),
        Value::Indices(_) | Value::Object(_) | Value::Set(_) => {
            PyFrozenSet::new(py, members(py, value)?)?.into_any()
        }
        Value::Func(function) => {
            let parts = function.parts().iter().map(|part| from_value(py, part));
            let parts = PyTuple::new(py, parts.collect::<PyResult<Vec<_>>>()?)?;
            let arity = PyDict::new(py);
            arity.set_item(intern!(py, "arity"), function.arity())?;
            function_class(py)?.call((function.callee().name(), parts), Some(&arity))?
        }
        _ => PyTuple::new(py, members(py, value)?)?.into_any(),
    })
}

fn colors<'py>(py: Python<'py>, cells: &[i8]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, cells)
}

fn members<'py>(py: Python<'py>, value: &Value) -> PyResult<Vec<Bound<'py, PyAny>>> {
    value
        .members()
        .into_iter()
        .flatten()
        .map(|member| from_value(py, &member))
        .collect()
}
