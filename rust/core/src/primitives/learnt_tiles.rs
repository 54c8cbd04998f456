//! Grids that are laid out from forms of a smaller one as the demo samples show.

use super::counts::{most_color, Counts};
use super::cuts_regions::{check_cells, Rectangle};
use super::ranks::{turn, SYMMETRIES};
use super::samples::check_samples;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

/// Lists what a tile may be: turned or mirrored, empty, of one colour, its two colours swapped.
fn forms(grid: &Grid) -> Outcome<Vec<Option<Value>>> {
    let (height, width) = (grid.height(), grid.width());
    let full = |color: i8| Value::grid(height, width, vec![color; height * width]);
    let mut forms: Vec<Option<Value>> = Vec::new();
    for symmetry in 0..SYMMETRIES {
        forms.push(Some(turn(grid, symmetry)?));
    }
    forms.push(Some(full(0)));
    forms.push(Some(full(most_color(grid)?)));
    let counts = Counts::of_grid(grid);
    forms.push(match counts.pairs() {
        &[(one, _), (other, _)] => {
            let cells = grid.cells().iter();
            let swapped = cells.map(|&color| if color == one { other } else { one });
            Some(Value::grid(height, width, swapped.collect::<Vec<i8>>()))
        }
        _ => None,
    });
    Ok(forms)
}

fn tile(grid: &Grid, row: usize, column: usize, sides: (usize, usize)) -> Value {
    let (top, left) = (row * sides.0, column * sides.1);
    let part = Rectangle {
        top,
        left,
        bottom: top + sides.0 - 1,
        right: left + sides.1 - 1,
    };
    part.cut(grid)
}

fn shape(grid: &Grid) -> (usize, usize) {
    (grid.height(), grid.width())
}

pub(super) fn learn_tiles(meter: &mut Meter<'_>, [samples, grid]: [&Value; 2]) -> Outcome<Value> {
    let samples = check_samples(samples)?;
    let mut pairs = Vec::with_capacity(samples.len());
    for [given, wanted] in &samples {
        pairs.push((check_cells(given)?, check_cells(wanted)?));
    }
    let grid = check_cells(grid)?;
    let (height, width) = shape(grid);
    let unfit = Failure::argument("expected samples whose outputs are as many times as big");
    let &(given, wanted) = pairs.first().ok_or(unfit)?;
    let down = wanted.height() / given.height();
    let right = wanted.width() / given.width();
    let fits = |&(given, wanted): &(&Grid, &Grid)| {
        shape(wanted) == (down * given.height(), right * given.width())
    };
    if down * right <= 1 || !pairs.iter().all(fits) {
        return Err(unfit);
    }
    meter.claim((height * width * down * right) as i128)?;
    let own = forms(grid)?;
    let known = pairs.iter().map(|(given, _)| forms(given));
    let known = known.collect::<Outcome<Vec<_>>>()?;
    let mut cells = vec![0; height * width * down * right];
    for row in 0..down {
        for column in 0..right {
            let is_form = |number: usize| {
                pairs.iter().zip(&known).all(|(&(given, wanted), forms)| {
                    forms[number].as_ref() == Some(&tile(wanted, row, column, shape(given)))
                })
            };
            let forms = own.iter().enumerate();
            let laid = forms
                .filter_map(|(number, form)| Some((number, form.as_ref()?.as_grid()?)))
                .find(|&(number, form)| shape(form) == shape(grid) && is_form(number))
                .ok_or(Failure::argument(
                    "expected samples whose tiles are forms of the input",
                ))?;
            for line in 0..height {
                let start = ((row * height + line) * right + column) * width;
                cells[start..start + width].copy_from_slice(laid.1.row(line));
            }
        }
    }
    Ok(Value::grid(height * down, width * right, cells))
}
