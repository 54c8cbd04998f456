//! Evolution for Python: tables in, lines of programs out.

use std::sync::Arc;

use arcbatt_core::evaluate::{Case, Surroundings};
use arcbatt_core::evolve as core;
use arcbatt_core::evolve::{
    Constant, Definitions, Findings, Ground, Language, Meaning, Move, Name, Number, Selection,
    Settings, Steps, Type, Typed, Wish, INPUTS, MOVES,
};
use arcbatt_core::{lookup, Bounds, Callee};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyTuple};

use super::cases::CaseReader;
use super::enter::enter;
use super::error::{BorderError, Result};

/// A type as Python writes it: its name and its arguments.
struct RawType {
    name: String,
    args: Vec<RawType>,
}

impl<'a, 'py> FromPyObject<'a, 'py> for RawType {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let (name, args) = object.extract()?;
        Ok(Self { name, args })
    }
}

fn wrong(problem: String) -> BorderError {
    BorderError::Engine(problem)
}

fn read_type(raw: &RawType, defined: &[String]) -> Result<Type> {
    let name = Name::named(&raw.name, defined)
        .ok_or_else(|| wrong(format!("no type is called '{}'", raw.name)))?;
    let args = raw.args.iter().map(|arg| read_type(arg, defined));
    Ok(Type {
        name,
        args: args.collect::<Result<_>>()?,
    })
}

fn write_type(kind: &Type, defined: &[String]) -> String {
    let args: Vec<String> = kind
        .args
        .iter()
        .map(|arg| write_type(arg, defined))
        .collect();
    let name = match kind.name {
        Name::Union => return args.join(" | "),
        Name::Callable => {
            let (result, parameters) = args.split_last().expect("a function has a result");
            return format!("Callable[[{}], {result}]", parameters.join(", "));
        }
        Name::Variable(number) => return format!("?{number}"),
        Name::Defined(place) => return defined[place as usize].clone(),
        Name::Container(_) => "Container".into(),
        other => format!("{other:?}"),
    };
    if args.is_empty() {
        return name;
    }
    format!("{name}[{}]", args.join(", "))
}

fn read_number(object: &Bound<'_, PyAny>) -> PyResult<Number> {
    match object.cast::<PyBool>() {
        Ok(bit) => Ok(Number::Bool(bit.is_true())),
        Err(_) => object.extract().map(Number::Int),
    }
}

fn read_constant(object: &Bound<'_, PyAny>) -> Result<Constant> {
    let Ok(pair) = object.cast::<PyTuple>() else {
        return Ok(Constant::One(read_number(object)?));
    };
    Ok(Constant::Two(
        read_number(&pair.get_item(0)?)?,
        read_number(&pair.get_item(1)?)?,
    ))
}

type RawFunction = (Vec<String>, RawType, String);
type RawPrimitive = (String, Vec<String>, RawType, Vec<RawType>);
type RawMeaning<'py> = (Option<RawType>, Option<String>, Vec<Bound<'py, PyAny>>);
/// Demos, tests, probes, lines that are dealt, donors that are left out, seeds.
type RawIsland<'py> = (
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Vec<String>,
    Vec<usize>,
    Vec<u64>,
);
/// Line, scores, size, fuel, origins, whether it is new, behaviour, bodies with it.
type RawMember = (String, Vec<u16>, usize, u64, Vec<u32>, bool, u64, u32);
/// Line, move, and the places of the parent, of other parents and of donors.
type RawMutant = (String, &'static str, usize, Vec<usize>, Vec<usize>);
/// Members, for each move what was tried, new and kept, and the counts by name.
type RawFindings = (
    Vec<RawMember>,
    Vec<(u64, u64, u64)>,
    Vec<(&'static str, u64)>,
);

/// Breeds programs, see `arcbatt.engine.breeder`.
#[pyclass(frozen, module = "arcbatt._engine")]
pub struct Breeder {
    breeder: core::Breeder,
    defined: Vec<String>,
}

impl Breeder {
    fn read_lines(&self, lines: &[String]) -> Result<Vec<Arc<Steps>>> {
        let read = |line: &String| self.breeder.language.read(line).map(Arc::new);
        lines
            .iter()
            .map(read)
            .collect::<std::result::Result<_, _>>()
            .map_err(wrong)
    }

    fn read_inputs(inputs: &str) -> Result<Vec<u8>> {
        let place = |name: char| INPUTS.iter().position(|one| one.starts_with(name));
        inputs
            .chars()
            .map(|name| place(name).map(|place| place as u8))
            .collect::<Option<_>>()
            .ok_or_else(|| wrong(format!("expected some of S, I and C, got '{inputs}'")))
    }

    fn write_findings(&self, findings: &Findings) -> RawFindings {
        let members = findings.members.iter().map(|(member, steps)| {
            let origins = member.origins.iter().copied();
            (
                self.breeder.language.write(steps),
                member.scores.clone(),
                member.cone.len(),
                member.fuel,
                origins
                    .filter(|&origin| origin != core::NO_ORIGIN)
                    .collect(),
                member.is_new,
                member.behaviour as u64,
                member.bodies,
            )
        });
        let tallies = findings.tallies.iter();
        let counts = &findings.counts;
        (
            members.collect(),
            tallies
                .map(|tally| (tally.tried, tally.new, tally.kept))
                .collect(),
            vec![
                ("dealt", counts.dealt),
                ("mutants", counts.mutants),
                ("evaluations", counts.evaluations),
                ("unfit", counts.unfit),
                ("known_bodies", counts.known_bodies),
                ("known_behaviours", counts.known_behaviours),
                ("failed", counts.failed),
                ("copies", counts.copies),
                ("calls", counts.calls),
            ],
        )
    }
}

fn read_weights(weights: &[(String, f64)]) -> Result<[f64; MOVES]> {
    let mut read = [0.0; MOVES];
    for (name, weight) in weights {
        let place = Move::ALL.iter().position(|kind| kind.name() == name);
        let place = place.ok_or_else(|| wrong(format!("no move is called '{name}'")))?;
        if !(weight.is_finite() && *weight >= 0.0) {
            return Err(wrong(format!(
                "move {name}: expected a weight of 0 or more"
            )));
        }
        read[place] = *weight;
    }
    if read.iter().sum::<f64>() <= 0.0 {
        return Err(wrong("expected a move with a weight above 0".into()));
    }
    Ok(read)
}

// Python gives arguments by name.
#[allow(clippy::too_many_arguments)]
#[pymethods]
impl Breeder {
    #[new]
    #[pyo3(signature = (
        *, primitives, definitions, short, inputs, meanings, derived, features,
        functions=Vec::new()
    ))]
    fn new(
        primitives: Vec<RawPrimitive>,
        definitions: Vec<(String, RawType)>,
        short: Vec<String>,
        inputs: Vec<RawType>,
        meanings: Vec<RawMeaning<'_>>,
        derived: Vec<String>,
        features: Vec<String>,
        functions: Vec<RawFunction>,
    ) -> Result<Self> {
        let defined: Vec<String> = definitions.iter().map(|(name, _)| name.clone()).collect();
        let read = |raw: &RawType| read_type(raw, &defined);
        let mut typed = Vec::new();
        for (name, parameters, signature, overloads) in primitives {
            // What has no kernel would have to be called back, which is slow.
            if let Some(primitive) = lookup(&name) {
                typed.push(Typed {
                    callee: Callee::from(primitive),
                    parameters,
                    signature: read(&signature)?,
                    overloads: overloads.iter().map(read).collect::<Result<_>>()?,
                });
            }
        }
        let types = definitions.iter().map(|(_, kind)| read(kind));
        let definitions = Definitions {
            types: types.collect::<Result<_>>()?,
            short: (0..defined.len() as u32)
                .filter(|&place| short.contains(&defined[place as usize]))
                .collect(),
        };
        let meanings = meanings.iter().map(|(kind, parameter, constants)| {
            Ok(Meaning {
                kind: kind.as_ref().map(read).transpose()?,
                parameter: parameter.clone(),
                constants: constants.iter().map(read_constant).collect::<Result<_>>()?,
            })
        });
        let mut language = Language::new(
            typed,
            definitions,
            inputs.iter().map(read).collect::<Result<_>>()?,
            meanings.collect::<Result<_>>()?,
            &derived,
            &features,
        )
        .map_err(wrong)?;
        for (parameters, signature, line) in functions {
            let function = language.read_function(&parameters, read(&signature)?, &line);
            language.functions.push(function.map_err(wrong)?);
        }
        Ok(Self {
            breeder: core::Breeder::new(language),
            defined,
        })
    }

    /// List the names of the moves.
    #[staticmethod]
    fn moves() -> Vec<&'static str> {
        Move::ALL.iter().map(|kind| kind.name()).collect()
    }

    /// Infer the type of a program; None if it is not well typed.
    fn infer(&self, line: &str) -> Result<Option<String>> {
        let steps = self.breeder.language.read(line).map_err(wrong)?;
        let kind = self.breeder.infer(&steps);
        Ok(kind.map(|kind| write_type(&kind, &self.defined)))
    }

    /// Make children without evaluating them.
    #[pyo3(signature = (parents, donors, *, goal, inputs, weights, count, seed, further=0.0))]
    fn mutate(
        &self,
        py: Python<'_>,
        parents: Vec<String>,
        donors: Vec<String>,
        goal: RawType,
        inputs: &str,
        weights: Vec<(String, f64)>,
        count: usize,
        seed: u64,
        further: f64,
    ) -> Result<Vec<RawMutant>> {
        let (parents, donors) = (self.read_lines(&parents)?, self.read_lines(&donors)?);
        let wish = Wish {
            goal: read_type(&goal, &self.defined)?,
            inputs: Self::read_inputs(inputs)?,
            weights: read_weights(&weights)?,
            count,
            further: further.clamp(0.0, 0.9),
        };
        let mutants = enter(py, |_| self.breeder.mutate(&parents, &donors, &wish, seed))?;
        let language = &self.breeder.language;
        Ok(mutants
            .iter()
            .map(|mutant| {
                (
                    language.write(&mutant.steps),
                    mutant.kind.name(),
                    mutant.parent,
                    mutant.mates.clone(),
                    mutant.donors.clone(),
                )
            })
            .collect())
    }

    /// Do a round of islands.
    #[pyo3(signature = (
        islands, donors, differs, *, goal, inputs, weights, mutants, generation, population,
        selection, fresh, further, size_max, node_fuel, value_leaves, memory_max, shares=true, threads=1
    ))]
    fn breed(
        &self,
        py: Python<'_>,
        islands: Vec<RawIsland<'_>>,
        donors: Vec<String>,
        differs: Vec<String>,
        goal: RawType,
        inputs: &str,
        weights: Vec<(String, f64)>,
        mutants: usize,
        generation: usize,
        population: usize,
        selection: &str,
        fresh: f64,
        further: f64,
        size_max: usize,
        node_fuel: u64,
        value_leaves: u64,
        memory_max: u64,
        shares: bool,
        threads: usize,
    ) -> Result<Vec<RawFindings>> {
        let (donors, differs) = (self.read_lines(&donors)?, self.read_lines(&differs)?);
        let goal = read_type(&goal, &self.defined)?;
        let inputs = Self::read_inputs(inputs)?;
        let settings = Settings {
            mutants,
            generation: generation.max(1),
            population: population.max(1),
            selection: Selection::from_name(selection)
                .ok_or_else(|| wrong(format!("no selection is called '{selection}'")))?,
            fresh: fresh.clamp(0.0, 1.0),
            further: further.clamp(0.0, 0.9),
            size_max,
            bounds: Bounds {
                node_fuel,
                value_leaves,
                deadline: None,
            },
            memory_max,
            shares,
            weights: read_weights(&weights)?,
        };
        let mut reader = CaseReader::default();
        let mut grounds = Vec::with_capacity(islands.len());
        for (number, (demos, tests, probes, dealt, without, seeds)) in islands.iter().enumerate() {
            let mut read =
                |cases: &Bound<'_, PyAny>| -> Result<Vec<Case>> { reader.read_all(number, cases) };
            grounds.push(Ground {
                demos: read(demos)?,
                tests: read(tests)?,
                probes: read(probes)?,
                dealt: self.read_lines(dealt)?,
                without: without.clone(),
                seeds: seeds.clone(),
                goal: goal.clone(),
                inputs: inputs.clone(),
            });
        }
        drop(reader);
        let found = enter(py, |surroundings: Surroundings<'_>| {
            self.breeder.breed(
                &grounds,
                &donors,
                &differs,
                &settings,
                threads,
                surroundings,
            )
        })??;
        Ok(found.iter().map(|one| self.write_findings(one)).collect())
    }
}
