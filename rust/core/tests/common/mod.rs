//! Values as JSON, as the conformance vectors write them.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use arcbatt_core::{lookup, Function, Meter, Value};
use flate2::read::GzDecoder;
use serde_json::Value as Json;

/// Reads `{"t": […]}` as a tuple, `{"s": […]}` as a set, `{"f": …}` as a function.
pub fn decode(json: &Json) -> Value {
    match json {
        Json::Null => Value::None,
        Json::Bool(bit) => Value::Bool(*bit),
        Json::Number(number) => Value::Int(number.as_i64().expect("an integer of 64 bits")),
        Json::Object(object) => {
            let (letter, content) = object.iter().next().expect("one key");
            match (letter.as_str(), content) {
                ("t", Json::Array(members)) => Value::tuple(members.iter().map(decode).collect()),
                ("s", Json::Array(members)) => Value::set(members.iter().map(decode).collect()),
                ("f", function) => decode_function(function),
                _ => panic!("no value: {json}"),
            }
        }
        _ => panic!("no value: {json}"),
    }
}

fn decode_function(json: &Json) -> Value {
    let primitive = |name: &Json| {
        let name = name.as_str().expect("a name");
        lookup(name).unwrap_or_else(|| panic!("no primitive is called {name}"))
    };
    match json {
        Json::Array(expression) => {
            let parts: Vec<Value> = expression[1..].iter().map(decode).collect();
            Meter::default()
                .call(
                    &primitive(&expression[0]),
                    &parts.iter().collect::<Vec<_>>(),
                )
                .expect("a function that can be built")
        }
        name => Value::function(Function::of(primitive(name))),
    }
}

/// Reads a compressed file of JSON lines from the conformance data.
pub fn read_lines(name: &str) -> impl Iterator<Item = Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/conformance/data")
        .join(name);
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    BufReader::new(GzDecoder::new(file))
        .lines()
        .map(|line| serde_json::from_str(&line.expect("readable lines")).expect("lines of JSON"))
}
