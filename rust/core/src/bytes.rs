//! Values as bytes, and their digests.

use xxhash_rust::xxh3::xxh3_128;

use crate::value::{Members, Value};

/// Digests a value to 128 bits; equal values, and only these, have equal digests.
pub fn digest(value: &Value) -> u128 {
    xxh3_128(&canonical_bytes(value))
}

/// Writes a value as bytes.
///
/// One letter for the kind, lengths as 4 and numbers as 8 bytes, little end first. A tuple of
/// equally long, non-empty tuples of numbers 0..255 is written as a picture: `g`, height, width,
/// one byte a cell. Sets are written in the canonical order.
pub fn canonical_bytes(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, value);
    out
}

fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::None => out.push(b'n'),
        Value::Bool(bit) => write_number(out, i64::from(*bit)),
        Value::Int(number) => write_number(out, *number),
        Value::Grid(grid) if grid.width() > 0 && grid.cells().iter().all(|&cell| cell >= 0) => {
            write_picture_head(out, grid.height(), grid.width());
            out.extend(grid.cells().iter().map(|&cell| cell as u8));
        }
        Value::Tuple(tuple) => {
            if !write_picture(out, tuple.members()) {
                write_members(out, b't', value);
            }
        }
        Value::Pair(..) | Value::Cell(_) | Value::Row(_) | Value::Grid(_) => {
            write_members(out, b't', value);
        }
        Value::Indices(_) | Value::Object(_) | Value::Set(_) => write_members(out, b's', value),
        Value::Func(function) => {
            out.push(b'f');
            write_length(out, function.text().len());
            out.extend(function.text().as_bytes());
        }
    }
}

fn write_number(out: &mut Vec<u8>, number: i64) {
    out.push(b'i');
    out.extend(number.to_le_bytes());
}

fn write_length(out: &mut Vec<u8>, length: usize) {
    // No value has 2^32 members: the size bound of a run is far below.
    out.extend((length as u32).to_le_bytes());
}

fn write_members(out: &mut Vec<u8>, letter: u8, value: &Value) {
    let members = value.members().unwrap_or(Members::empty());
    out.push(letter);
    write_length(out, members.len());
    for member in members {
        write(out, &member);
    }
}

fn write_picture_head(out: &mut Vec<u8>, height: usize, width: usize) {
    out.push(b'g');
    write_length(out, height);
    write_length(out, width);
}

/// Writes rows of 0..255 that are no grid since a cell is beyond a colour; tells whether it did.
fn write_picture(out: &mut Vec<u8>, rows: &[Value]) -> bool {
    let Some(width) = rows
        .first()
        .filter(|row| row.is_tuple())
        .and_then(Value::size)
    else {
        return false;
    };
    if width == 0
        || rows
            .iter()
            .any(|row| !row.is_tuple() || row.size() != Some(width))
    {
        return false;
    }
    let start = out.len();
    write_picture_head(out, rows.len(), width);
    for cell in rows.iter().filter_map(Value::members).flatten() {
        match cell.number().and_then(|number| u8::try_from(number).ok()) {
            Some(byte) => out.push(byte),
            None => {
                out.truncate(start);
                return false;
            }
        }
    }
    true
}
