//! Cases from Python.

use std::collections::HashMap;

use arcbatt_core::evaluate::Case;
use arcbatt_core::Value;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyTuple};

use super::error::{BorderError, Result};
use super::outcomes::HeldGrid;

/// Reads cases; what many of them share is read once.
#[derive(Default)]
pub struct CaseReader {
    /// By the address of the Python object, which is held so that the address stays its own.
    known: HashMap<usize, (Py<PyAny>, Value)>,
}

impl CaseReader {
    /// Reads the cases of a job.
    pub fn read_all(&mut self, job: usize, cases: &Bound<'_, PyAny>) -> Result<Vec<Case>> {
        let cases = cases.try_iter()?.enumerate();
        cases
            .map(|(number, case)| self.read(job, number, &case?))
            .collect()
    }

    /// Reads one case; its numbers are for messages.
    ///
    /// Fails if a grid is not rectangular, or has cells that are no numbers in 0..255.
    pub fn read(&mut self, job: usize, number: usize, case: &Bound<'_, PyAny>) -> Result<Case> {
        let py = case.py();
        let place = |part: &str| format!("job {job}, case {number}, {part}");
        let samples = case.getattr(intern!(py, "S"))?;
        let samples = self.once(&samples, |reader, samples| {
            reader.read_samples(samples, || place("S"))
        })?;
        let mut grid = |name: &Bound<'_, pyo3::types::PyString>, part: &str| {
            let grid = case.getattr(name)?;
            if grid.is_none() && part != "I" {
                return Ok(None);
            }
            self.grid(&grid, || place(part)).map(Some)
        };
        let input = grid(intern!(py, "I"), "I")?;
        Ok(Case {
            samples,
            input: input.unwrap_or_else(Value::empty_tuple),
            compared: grid(intern!(py, "C"), "C")?,
            wanted: grid(intern!(py, "wanted"), "wanted")?,
        })
    }

    fn once(
        &mut self,
        object: &Bound<'_, PyAny>,
        read: impl FnOnce(&mut Self, &Bound<'_, PyAny>) -> Result<Value>,
    ) -> Result<Value> {
        let address = object.as_ptr() as usize;
        if let Some((_, value)) = self.known.get(&address) {
            return Ok(value.clone());
        }
        let value = read(self, object)?;
        self.known
            .insert(address, (object.clone().unbind(), value.clone()));
        Ok(value)
    }

    fn grid(&mut self, object: &Bound<'_, PyAny>, place: impl Fn() -> String) -> Result<Value> {
        if let Ok(held) = object.cast_exact::<HeldGrid>() {
            return Ok(held.get().value().clone());
        }
        self.once(object, |_, object| read_grid(object, place))
    }

    fn read_samples(
        &mut self,
        object: &Bound<'_, PyAny>,
        place: impl Fn() -> String,
    ) -> Result<Value> {
        let wrong = |got| BorderError::Case {
            place: place(),
            expected: "a tuple of (input, output) pairs of grids",
            got,
        };
        let samples = object
            .cast::<PyTuple>()
            .map_err(|_| wrong(kind("an object", object)))?;
        let mut pairs = Vec::with_capacity(samples.len());
        for (number, sample) in samples.iter().enumerate() {
            let pair = sample
                .cast::<PyTuple>()
                .map_err(|_| wrong(kind("a sample", &sample)))?;
            if pair.len() != 2 {
                return Err(wrong(format!("a tuple of {}", pair.len())));
            }
            let grids = pair.iter().zip(["input", "output"]).map(|(grid, part)| {
                self.grid(&grid, || format!("{}, {part} of sample {number}", place()))
            });
            pairs.push(Value::tuple(grids.collect::<Result<_>>()?));
        }
        Ok(Value::tuple(pairs))
    }
}

fn kind(what: &str, object: &Bound<'_, PyAny>) -> String {
    let name = object.get_type().name();
    name.map_or_else(|_| what.into(), |name| format!("{what} of type {name}"))
}

fn read_grid(object: &Bound<'_, PyAny>, place: impl Fn() -> String) -> Result<Value> {
    let wrong = |got| BorderError::Case {
        place: place(),
        expected: "a tuple of equally long tuples of numbers 0..255",
        got,
    };
    let rows = object
        .cast::<PyTuple>()
        .map_err(|_| wrong(kind("an object", object)))?;
    let mut cells: Vec<u8> = Vec::new();
    let mut width = 0;
    for (number, row) in rows.iter().enumerate() {
        let row = row
            .cast::<PyTuple>()
            .map_err(|_| wrong(kind("a row", &row)))?;
        if number == 0 {
            width = row.len();
            cells.reserve(width * rows.len());
        } else if row.len() != width {
            return Err(wrong(format!("rows of {width} and of {} cells", row.len())));
        }
        for cell in row.iter() {
            let number = cell
                .cast::<PyInt>()
                .map_err(|_| wrong(kind("a cell", &cell)))?;
            let number: i64 = number
                .extract()
                .map_err(|_| wrong("a cell beyond 64 bits".into()))?;
            cells.push(u8::try_from(number).map_err(|_| wrong(format!("a cell {number}")))?);
        }
    }
    Ok(grid_value(rows.len(), width, &cells))
}

fn grid_value(height: usize, width: usize, cells: &[u8]) -> Value {
    let small: std::result::Result<Vec<i8>, _> =
        cells.iter().map(|&cell| cell.try_into()).collect();
    match small {
        Ok(cells) => Value::grid(height, width, cells),
        Err(_) => {
            let row = |row: &[u8]| row.iter().map(|&cell| Value::Int(cell.into())).collect();
            Value::tuple(
                cells
                    .chunks(width)
                    .map(|cells| Value::tuple(row(cells)))
                    .collect(),
            )
        }
    }
}
