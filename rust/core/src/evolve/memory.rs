//! What nodes are worth on samples: every distinct call is made once.
//!
//! A mutant differs from its parent in few nodes, and most of these get arguments that some other
//! call had before. So values are numbered, a node has a number for each sample, and a call with
//! the same numbers is looked up.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};
use smallvec::SmallVec;

use crate::bytes::digest_through;
use crate::evaluate::{catch_panic, Case};
use crate::failure::Outcome;
use crate::function::Function;
use crate::meter::Meter;
use crate::value::Value;

use super::language::{Language, ProgramOp};
use super::packed::{pack, INVOKE};
use super::random::mix;
use super::store::{NodeId, Store, Term};

/// A value, by its number.
pub type ValueId = u32;
/// Stands for a failure.
pub const FAILED: ValueId = u32::MAX;
const UNKNOWN: ValueId = u32::MAX - 1;

type Values = SmallVec<[ValueId; 4]>;

/// Fuel beyond this is not told apart: it is for ranking.
type Fuel = u32;

/// S, I and C of a sample by their numbers; C may be absent.
#[derive(Clone, Copy, Debug)]
pub struct Inputs([ValueId; 3]);

/// Values of the nodes of one store on some samples.
pub struct Memory {
    samples: Vec<Inputs>,
    values: Vec<Value>,
    /// By the hash of the value; where that is taken, by the next one.
    numbers: FxHashMap<u64, ValueId>,
    digests: Vec<u128>,
    /// By the primitive and the numbers of its arguments, see [`pack`].
    calls: FxHashMap<u128, (ValueId, Fuel)>,
    /// Of each node and sample: the number of its value, and the fuel of its call.
    known: Vec<(ValueId, Fuel)>,
    leaves: u64,
    bytes: Vec<u8>,
    shares: bool,
    /// How many calls were really made.
    pub calls_made: u64,
}

impl Memory {
    /// Makes an empty memory for some samples; one that does not share makes every call anew.
    pub fn new(cases: &[Case], shares: bool) -> Self {
        let mut memory = Self {
            samples: Vec::new(),
            values: Vec::new(),
            numbers: FxHashMap::default(),
            digests: Vec::new(),
            calls: FxHashMap::default(),
            known: Vec::new(),
            leaves: 0,
            bytes: Vec::new(),
            shares,
            calls_made: 0,
        };
        memory.samples = cases.iter().map(|case| memory.inputs(case)).collect();
        memory
    }

    /// Numbers the inputs of a case.
    pub fn inputs(&mut self, case: &Case) -> Inputs {
        let compared = case
            .compared
            .clone()
            .map_or(FAILED, |grid| self.number(grid));
        Inputs([
            self.number(case.samples.clone()),
            self.number(case.input.clone()),
            compared,
        ])
    }

    /// The inputs of a differ: the S of a sample, a grid and the wanted one, by their numbers.
    pub fn compared(&self, sample: usize, grid: ValueId, wanted: ValueId) -> Inputs {
        Inputs([self.samples[sample].0[0], grid, wanted])
    }

    /// How much is remembered, in leaves of values and entries of tables.
    pub fn size(&self) -> u64 {
        self.leaves + 8 * self.calls.len() as u64 + self.known.len() as u64
    }

    /// Forgets all values but those of the samples.
    pub fn forget(&mut self, cases: &[Case]) {
        let (shares, calls_made) = (self.shares, self.calls_made);
        *self = Self::new(cases, shares);
        self.calls_made = calls_made;
    }

    /// Numbers a value.
    pub fn number(&mut self, value: Value) -> ValueId {
        let mut hasher = FxHasher::default();
        value.hash(&mut hasher);
        let mut hash = mix(hasher.finish());
        while let Some(&known) = self.numbers.get(&hash) {
            if self.values[known as usize] == value {
                return known;
            }
            hash = mix(hash.wrapping_add(1));
        }
        let number = self.values.len() as ValueId;
        self.leaves += value.leaves() + 4;
        self.values.push(value);
        self.digests.push(0);
        self.numbers.insert(hash, number);
        number
    }

    /// The value of a number that stands for one.
    pub fn value(&self, number: ValueId) -> &Value {
        &self.values[number as usize]
    }

    /// The digest of a value; 0 for a failure.
    pub fn digest(&mut self, number: ValueId) -> u128 {
        if number == FAILED {
            return 0;
        }
        let digest = &mut self.digests[number as usize];
        if *digest == 0 {
            *digest = digest_through(&self.values[number as usize], &mut self.bytes);
        }
        *digest
    }

    fn place(&self, node: NodeId, sample: usize) -> usize {
        node as usize * self.samples.len() + sample
    }

    /// Forgets what the nodes of a program are worth, for a measurement without sharing.
    pub fn unlearn(&mut self, cone: &[NodeId]) {
        for &node in cone {
            for sample in 0..self.samples.len() {
                let place = self.place(node, sample);
                if let Some(known) = self.known.get_mut(place) {
                    *known = (UNKNOWN, 0);
                }
            }
        }
        self.calls.clear();
    }

    /// Evaluates a program on a sample and returns the number of its result with all its fuel.
    ///
    /// `cone` lists its nodes, ascending.
    pub fn run(
        &mut self,
        language: &Language,
        store: &Store,
        cone: &[NodeId],
        sample: usize,
        meter: &mut Meter<'_>,
    ) -> (ValueId, u64) {
        let size = store.len() * self.samples.len();
        if self.known.len() < size {
            self.known.resize(size, (UNKNOWN, 0));
        }
        let mut last = FAILED;
        let mut fuel = 0;
        for &node in cone {
            let place = self.place(node, sample);
            if self.known[place].0 == UNKNOWN {
                let inputs = self.samples[sample];
                let at = |memory: &Self, arg| memory.known[memory.place(arg, sample)].0;
                self.known[place] = self.step(language, store.term(node), inputs, meter, at);
            }
            let (number, own) = self.known[place];
            last = number;
            fuel += u64::from(own);
        }
        (last, fuel)
    }

    /// Evaluates steps on inputs that are no sample and returns the number of the result.
    pub fn run_once(
        &mut self,
        language: &Language,
        store: &Store,
        cone: &[NodeId],
        inputs: Inputs,
        meter: &mut Meter<'_>,
    ) -> ValueId {
        let mut done: FxHashMap<NodeId, ValueId> = FxHashMap::default();
        let mut last = FAILED;
        for &node in cone {
            let term = store.term(node);
            last = self
                .step(language, term, inputs, meter, |_, arg| done[&arg])
                .0;
            done.insert(node, last);
        }
        last
    }

    fn step(
        &mut self,
        language: &Language,
        term: &Term,
        inputs: Inputs,
        meter: &mut Meter<'_>,
        at: impl Fn(&Self, NodeId) -> ValueId,
    ) -> (ValueId, Fuel) {
        let callee = match term.op {
            ProgramOp::Input(place) => return (inputs.0[place as usize], 0),
            ProgramOp::Constant(constant) => return (self.number(constant.value()), 0),
            ProgramOp::Function(callee) => {
                let callee = language.primitive(callee).callee.clone();
                return (self.number(Value::function(Function::of(callee))), 0);
            }
            ProgramOp::Call(callee) => callee,
            ProgramOp::Invoke => INVOKE,
        };
        let args: Values = term.args.iter().map(|&arg| at(self, arg)).collect();
        if args.contains(&FAILED) {
            return (FAILED, 0);
        }
        let key = pack(callee, &args).filter(|_| self.shares);
        if let Some(&known) = key.and_then(|key| self.calls.get(&key)) {
            return known;
        }
        meter.restart();
        self.calls_made += 1;
        let outcome = self.call(language, callee, &args, meter);
        let fuel = Fuel::try_from(meter.spent()).unwrap_or(Fuel::MAX);
        let result = match outcome {
            Ok(value) => (self.number(value), fuel),
            Err(_) => (FAILED, fuel),
        };
        if let Some(key) = key {
            self.calls.insert(key, result);
        }
        result
    }

    fn call(
        &self,
        language: &Language,
        callee: u16,
        args: &[ValueId],
        meter: &mut Meter<'_>,
    ) -> Outcome<Value> {
        let args: SmallVec<[&Value; 4]> = args.iter().map(|&arg| self.value(arg)).collect();
        catch_panic(|| match callee {
            INVOKE => meter.invoke(args[0], &args[1..]),
            callee => meter.call(&language.primitive(callee).callee, &args),
        })
    }
}
