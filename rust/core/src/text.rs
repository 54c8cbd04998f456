//! Values as text: equal values give the same text.

use std::fmt::{self, Write};

use crate::value::Value;

/// Writes a value as an expression.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value).expect("writing to a string does not fail");
    out
}

fn write(out: &mut String, value: &Value) -> fmt::Result {
    match value {
        Value::None => out.write_str("None"),
        Value::Bool(bit) => write!(out, "{}", i64::from(*bit)),
        Value::Int(number) => write!(out, "{number}"),
        Value::Func(function) => out.write_str(function.text()),
        Value::Indices(_) | Value::Object(_) | Value::Set(_) => {
            out.push('{');
            write_members(out, value)?;
            out.write_char('}')
        }
        _ => {
            out.push('(');
            write_members(out, value)?;
            out.write_str(if value.size() == Some(1) { ",)" } else { ")" })
        }
    }
}

fn write_members(out: &mut String, value: &Value) -> fmt::Result {
    for (place, member) in value.members().into_iter().flatten().enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        write(out, &member)?;
    }
    Ok(())
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&text(self))
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&text(self))
    }
}
