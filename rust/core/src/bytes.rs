//! Values as bytes, and their digests.

use xxhash_rust::xxh3::xxh3_128;

use crate::value::{Cell, Location, Value};

/// Digests a value to 128 bits; equal values, and only these, have equal digests.
pub fn digest(value: &Value) -> u128 {
    digest_through(value, &mut Vec::new())
}

/// Digests a value; the buffer's room is used again.
pub(crate) fn digest_through(value: &Value, buffer: &mut Vec<u8>) -> u128 {
    buffer.clear();
    write(buffer, value);
    xxh3_128(buffer)
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
        Value::Pair(first, second) => {
            write_head(out, b't', 2);
            write_number(out, i64::from(*first));
            write_number(out, i64::from(*second));
        }
        Value::Cell(cell) => out.extend(cell_bytes(*cell)),
        Value::Row(row) => write_row(out, row.cells()),
        Value::Grid(grid) if grid.width() > 0 && grid.cells().iter().all(|&cell| cell >= 0) => {
            write_picture_head(out, grid.height(), grid.width());
            out.extend(grid.cells().iter().map(|&cell| cell as u8));
        }
        Value::Grid(grid) => {
            write_head(out, b't', grid.height());
            (0..grid.height()).for_each(|row| write_row(out, grid.row(row)));
        }
        Value::Tuple(tuple) => {
            if !write_picture(out, tuple.members()) {
                write_head(out, b't', tuple.members().len());
                tuple.members().iter().for_each(|member| write(out, member));
            }
        }
        Value::Indices(locations) => {
            write_head(out, b's', locations.len());
            locations
                .iter()
                .for_each(|&location| out.extend(location_bytes(location)));
        }
        Value::Object(cells) => {
            write_head(out, b's', cells.len());
            cells.iter().for_each(|&cell| out.extend(cell_bytes(cell)));
        }
        Value::Set(set) => {
            write_head(out, b's', set.members().len());
            set.members().iter().for_each(|member| write(out, member));
        }
        Value::Func(function) => {
            write_head(out, b'f', function.text().len());
            out.extend(function.text().as_bytes());
        }
    }
}

const NUMBER_BYTES: usize = 9;
const HEAD_BYTES: usize = 5;
const LOCATION_BYTES: usize = HEAD_BYTES + 2 * NUMBER_BYTES;
const CELL_BYTES: usize = HEAD_BYTES + NUMBER_BYTES + LOCATION_BYTES;

fn number_bytes(number: i64) -> [u8; NUMBER_BYTES] {
    let mut bytes = [b'i'; NUMBER_BYTES];
    bytes[1..].copy_from_slice(&number.to_le_bytes());
    bytes
}

fn head_bytes(letter: u8, length: usize) -> [u8; HEAD_BYTES] {
    let mut bytes = [letter; HEAD_BYTES];
    // No value has 2^32 members: the size bound of a run is far below.
    bytes[1..].copy_from_slice(&(length as u32).to_le_bytes());
    bytes
}

fn location_bytes((row, column): Location) -> [u8; LOCATION_BYTES] {
    let mut bytes = [0; LOCATION_BYTES];
    bytes[..HEAD_BYTES].copy_from_slice(&head_bytes(b't', 2));
    bytes[HEAD_BYTES..][..NUMBER_BYTES].copy_from_slice(&number_bytes(row.into()));
    bytes[HEAD_BYTES + NUMBER_BYTES..].copy_from_slice(&number_bytes(column.into()));
    bytes
}

fn cell_bytes(cell: Cell) -> [u8; CELL_BYTES] {
    let mut bytes = [0; CELL_BYTES];
    bytes[..HEAD_BYTES].copy_from_slice(&head_bytes(b't', 2));
    bytes[HEAD_BYTES..][..NUMBER_BYTES].copy_from_slice(&number_bytes(cell.color.into()));
    bytes[HEAD_BYTES + NUMBER_BYTES..].copy_from_slice(&location_bytes(cell.location));
    bytes
}

fn write_number(out: &mut Vec<u8>, number: i64) {
    out.extend(number_bytes(number));
}

fn write_head(out: &mut Vec<u8>, letter: u8, length: usize) {
    out.extend(head_bytes(letter, length));
}

fn write_row(out: &mut Vec<u8>, cells: &[i8]) {
    write_head(out, b't', cells.len());
    cells
        .iter()
        .for_each(|&cell| write_number(out, i64::from(cell)));
}

fn write_picture_head(out: &mut Vec<u8>, height: usize, width: usize) {
    write_head(out, b'g', height);
    out.extend((width as u32).to_le_bytes());
}

/// Writes rows of 0..255 that are no grid since a cell is beyond a colour; returns whether it did.
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
