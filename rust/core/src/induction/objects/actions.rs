//! Which actions are right on which objects, and which of them explain all changes together.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::Task;
use crate::primitives::object_actions::{
    Action, Cells, Paint, Path, Shape, Target, COLORS, SHAPES, TURNS, WAYS,
};

/// How many different actions a rule has, at most.
const ACTIONS_MAX: usize = 4;
/// How many sets of actions are tried for each way to take grids apart.
const SETS_MAX: usize = 40;
/// How many steps the choice of actions takes, at most.
const STEPS_MAX: usize = 3000;
/// The properties that may say how far: size, height, width, colours, holes, odd cells, contents.
const COUNTED: [usize; 7] = [0, 1, 2, 4, 11, 25, 21];
/// How many vectors are tried.
const VECTORS_MAX: usize = 30;

/// An action with what it explains.
pub(super) struct Candidate {
    pub(super) action: Action,
    pub(super) bits: u32,
    /// For each object, whether the action is right there.
    pub(super) right: Vec<bool>,
    /// For each object, the changed cells that it explains where it is right.
    pub(super) gains: Rc<Vec<Vec<usize>>>,
    /// All changed cells that it explains.
    cover: Vec<u64>,
}

/// What the motion of an object explains.
struct Motion {
    /// Whether its own colours are right.
    own: bool,
    /// The colour that all its cells have in the output, none without cells; if it is one.
    color: Option<Option<i8>>,
    /// The changed cells that it explains.
    gains: Vec<usize>,
}

impl Task<'_> {
    /// Tries every action on every object.
    pub(super) fn candidates(&self, ids: &[Vec<usize>], changed: usize) -> Vec<Candidate> {
        let mut found = Vec::new();
        let mut news: Vec<i8> = Vec::new();
        for (wanted, own) in self.wanted.iter().zip(ids) {
            let places = own.iter().enumerate().filter(|(_, id)| **id != usize::MAX);
            news.extend(places.map(|(place, _)| wanted.cells()[place]));
        }
        news.sort_unstable();
        news.dedup();
        let mut paints: Vec<(Paint, u32, Vec<Option<i8>>)> = Vec::new();
        for &color in &news {
            paints.push((
                Paint::Constant(color),
                4,
                vec![Some(color); self.things.len()],
            ));
        }
        for named in 0..COLORS.len() {
            let paint = Paint::Named(named);
            let colors = self
                .things
                .iter()
                .map(|&(demo, number)| self.scenes[demo].paint(number, paint));
            paints.push((paint, if named == 0 { 3 } else { 5 }, colors.collect()));
        }
        let mut shapes: Vec<(Shape, u32)> = (0..SHAPES.len())
            .map(|place| (Shape::Named(place), if place == 0 { 1 } else { 5 }))
            .collect();
        for way in 0..WAYS {
            shapes.push((Shape::Shoot(way), 7));
            shapes.push((Shape::Reach(way), 7));
            if matches!(way, 2 | 3 | 6 | 7) {
                shapes.push((Shape::Connect(way), 7));
            }
        }
        shapes.extend((1..10).map(|color| (Shape::Link(color), 8)));
        let steps = self.steps();
        shapes.extend(steps.iter().map(|&(of, way)| (Shape::Steps(of, way), 9)));
        for &(shape, shape_bits) in &shapes {
            let all: Vec<Vec<usize>> = self
                .things
                .iter()
                .map(|&(demo, number)| self.scenes[demo].shape(number, shape))
                .collect();
            for under in [false, true] {
                if under && shape == Shape::Named(0) {
                    continue;
                }
                // The colour that all cells get, if there are any and it is one.
                let mut colors: Vec<Result<Option<i8>, ()>> = Vec::with_capacity(all.len());
                let mut gains: Vec<Vec<usize>> = Vec::with_capacity(all.len());
                for (places, &(demo, _)) in all.iter().zip(&self.things) {
                    let scene = &self.scenes[demo];
                    let mut color = Ok(None);
                    let mut gain = Vec::new();
                    for &place in places {
                        if under && scene.grid.cells()[place] != scene.background {
                            continue;
                        }
                        let new = self.wanted[demo].cells()[place];
                        color = match color {
                            Ok(None) => Ok(Some(new)),
                            Ok(Some(one)) if one == new => color,
                            _ => Err(()),
                        };
                        if color.is_err() {
                            gain.clear();
                            break;
                        }
                        let id = ids[demo][place];
                        if id != usize::MAX {
                            gain.push(id);
                        }
                    }
                    colors.push(color);
                    gains.push(gain);
                }
                if gains.iter().all(Vec::is_empty) {
                    continue;
                }
                let gains = Rc::new(gains);
                for (paint, paint_bits, values) in &paints {
                    let right: Vec<bool> = colors
                        .iter()
                        .zip(values)
                        .map(|(color, value)| match color {
                            Ok(None) => true,
                            Ok(color) => color == value,
                            Err(()) => false,
                        })
                        .collect();
                    let action = if under {
                        Action::Underfill(shape, *paint)
                    } else {
                        Action::Fill(shape, *paint)
                    };
                    add(
                        &mut found,
                        action,
                        1 + shape_bits + paint_bits,
                        right,
                        &gains,
                        changed,
                    );
                }
            }
        }
        if self.moves {
            self.motions(ids, changed, &paints, &steps, &mut found);
        }
        distinct(found)
    }

    /// Lists the properties that say how far, as far as they differ, each with the directions.
    fn steps(&self) -> Vec<(usize, usize)> {
        let differs = |property: &usize| {
            let mut numbers = self
                .things
                .iter()
                .map(|&(demo, number)| self.scenes[demo].things[number].numbers[*property]);
            let first = numbers.next();
            numbers.any(|number| Some(number) != first)
        };
        let ways = (0..WAYS).filter(|way| !(4..8).contains(way));
        let differing = COUNTED.into_iter().filter(differs);
        differing
            .flat_map(|property| ways.clone().map(move |way| (property, way)))
            .collect()
    }

    fn motions(
        &self,
        ids: &[Vec<usize>],
        changed: usize,
        paints: &[(Paint, u32, Vec<Option<i8>>)],
        steps: &[(usize, usize)],
        found: &mut Vec<Candidate>,
    ) {
        let mut paths: Vec<(Path, u32)> = Vec::new();
        for way in 0..WAYS {
            paths.push((Path::Fall(way), 4));
            paths.push((Path::Edge(way), 5));
            paths.push((Path::Beside(way), 5));
            if way < 4 {
                paths.push((Path::Mirrored(way), 5));
            }
        }
        paths.extend((0..TURNS.len()).map(|turn| (Path::Turned(turn), 5)));
        paths.extend((1..10).map(|color| (Path::Towards(Target::Color(color)), 6)));
        paths.extend(steps.iter().map(|&(of, way)| (Path::Steps(of, way), 8)));
        paths.push((Path::Towards(Target::Own), 6));
        paths.push((Path::Towards(Target::Any), 6));
        paths.extend(self.vectors(ids).into_iter().map(|vector| {
            let length = vector.0.unsigned_abs() + vector.1.unsigned_abs();
            (Path::By(vector.0, vector.1), 5 + length.ilog2() * 2)
        }));
        for (path, bits) in paths {
            for is_move in [true, false] {
                let motions: Vec<Option<Motion>> = self
                    .things
                    .iter()
                    .map(|&(demo, number)| self.motion(ids, demo, number, path, is_move))
                    .collect();
                let gains = motions.iter().map(|motion| {
                    let gains = motion.as_ref().map(|motion| motion.gains.clone());
                    gains.unwrap_or_default()
                });
                let gains = Rc::new(gains.collect::<Vec<Vec<usize>>>());
                if gains.iter().all(Vec::is_empty) {
                    continue;
                }
                let action = |paint| {
                    if is_move {
                        Action::Move(path, paint)
                    } else {
                        Action::Copy(path, paint)
                    }
                };
                let mut try_paint = |paint, bits, is_right: &dyn Fn(usize, &Motion) -> bool| {
                    let right = |(thing, motion): (usize, &Option<Motion>)| {
                        motion
                            .as_ref()
                            .is_some_and(|motion| is_right(thing, motion))
                    };
                    let right: Vec<bool> = motions.iter().enumerate().map(right).collect();
                    add(found, action(paint), bits, right, &gains, changed);
                };
                try_paint(None, 1 + bits, &|_, motion| motion.own);
                if motions.iter().flatten().any(|motion| !motion.own) {
                    for (paint, more, values) in paints {
                        let fits = |thing: usize, motion: &Motion| match motion.color {
                            Some(Some(color)) => values[thing] == Some(color),
                            Some(None) => true,
                            None => false,
                        };
                        try_paint(Some(*paint), 1 + bits + more, &fits);
                    }
                }
            }
        }
    }

    /// Returns what a motion explains, if it is right in some colour.
    fn motion(
        &self,
        ids: &[Vec<usize>],
        demo: usize,
        number: usize,
        path: Path,
        is_move: bool,
    ) -> Option<Motion> {
        let (scene, wanted) = (&self.scenes[demo], self.wanted[demo]);
        // The colour that all cells have in the output, and whether it is their own.
        let look = |cells: &Cells| {
            let (mut own, mut one, mut first) = (true, true, None);
            for &(row, column, color) in cells {
                if let Some(place) = scene.place(row, column) {
                    let new = wanted.cells()[place];
                    own &= new == color;
                    one &= *first.get_or_insert(new) == new;
                }
            }
            (own || one).then_some((own, one.then_some(first)))
        };
        let (cells, (own, color)) = match path {
            Path::Fall(way) => {
                // What is in the way may move too: it may go as far as agrees.
                let mut cells = scene.follow(number, Path::By(0, 0), &[])?;
                let (down, right) = scene.step(number, way)?;
                let mut last = None;
                loop {
                    let mut places = cells.iter();
                    if places.any(|&(row, column, _)| scene.place(row, column).is_none()) {
                        break last?;
                    }
                    if let Some(seen) = look(&cells).filter(|seen| seen.0) {
                        last = Some((cells.clone(), seen));
                    }
                    for cell in &mut cells {
                        cell.0 += down;
                        cell.1 += right;
                    }
                }
            }
            _ => {
                let cells = scene.follow(number, path, scene.grid.cells())?;
                let seen = look(&cells)?;
                (cells, seen)
            }
        };
        let mut places: Vec<usize> = cells
            .iter()
            .filter_map(|&(row, column, _)| scene.place(row, column))
            .collect();
        if is_move {
            let old = &scene.things[number].places;
            let gone = old.iter().copied().filter(|place| !places.contains(place));
            let gone: Vec<usize> = gone.collect();
            let is_gone = |&place: &usize| {
                let new = wanted.cells()[place];
                new == scene.background || new != scene.grid.cells()[place]
            };
            if !gone.iter().all(is_gone) {
                return None;
            }
            // A cell that gets another colour afterwards is not explained by what left it.
            let is_empty = |place: &usize| wanted.cells()[*place] == scene.background;
            places.extend(gone.into_iter().filter(is_empty));
        }
        let gains = places.iter().map(|&place| ids[demo][place]);
        Some(Motion {
            own,
            color,
            gains: gains.filter(|&id| id != usize::MAX).collect(),
        })
    }

    /// Lists the vectors by which objects of the first demo with changes may have moved.
    fn vectors(&self, ids: &[Vec<usize>]) -> Vec<(i32, i32)> {
        let Some(demo) = ids
            .iter()
            .position(|ids| ids.iter().any(|&id| id != usize::MAX))
        else {
            return Vec::new();
        };
        let scene = &self.scenes[demo];
        let wanted = self.wanted[demo];
        let mut found: Vec<(usize, i32, i32)> = Vec::new();
        let (height, width) = (wanted.height() as i32, wanted.width() as i32);
        for down in 1 - height..height {
            for right in 1 - width..width {
                if (down, right) == (0, 0) {
                    continue;
                }
                let moves = |number: &usize| {
                    let thing = &scene.things[*number];
                    let mut gains = false;
                    thing.places.iter().all(|&place| {
                        let (row, column) = scene.location(place);
                        match scene.place(row + down, column + right) {
                            Some(to) => {
                                gains |= ids[demo][to] != usize::MAX;
                                wanted.cells()[to] == scene.grid.cells()[place]
                            }
                            None => true,
                        }
                    }) && gains
                };
                let count = (0..scene.things.len()).filter(moves).count();
                if count > 0 {
                    found.push((count, down, right));
                }
            }
        }
        found.sort_by_key(|&(count, down, right)| {
            (
                std::cmp::Reverse(count),
                down.abs() + right.abs(),
                down,
                right,
            )
        });
        found.truncate(VECTORS_MAX);
        found
            .into_iter()
            .map(|(_, down, right)| (down, right))
            .collect()
    }
}

fn add(
    found: &mut Vec<Candidate>,
    action: Action,
    bits: u32,
    right: Vec<bool>,
    gains: &Rc<Vec<Vec<usize>>>,
    changed: usize,
) {
    let mut cover = vec![0_u64; changed.div_ceil(64)];
    for (gains, _) in gains.iter().zip(&right).filter(|(_, right)| **right) {
        for id in gains {
            cover[id / 64] |= 1 << (id % 64);
        }
    }
    if cover.iter().any(|word| *word != 0) {
        found.push(Candidate {
            action,
            bits,
            right,
            gains: Rc::clone(gains),
            cover,
        });
    }
}

/// Keeps of the candidates that are right at the same objects and explain the same the simplest.
fn distinct(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.sort_by_key(|one| one.bits);
    let mut seen = FxHashSet::default();
    found.retain(|one| seen.insert((one.right.clone(), one.cover.clone())));
    found
}

/// Chooses sets of candidates that explain all changed cells together, by steps that are bounded.
pub(super) fn choose(candidates: &[Candidate], changed: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    let size = |one: &Candidate| one.cover.iter().map(|word| word.count_ones()).sum::<u32>();
    order.sort_by_key(|&each| {
        (
            std::cmp::Reverse(size(&candidates[each])),
            candidates[each].bits,
        )
    });
    let mut found = Vec::new();
    let mut open = vec![0_u64; changed.div_ceil(64)];
    for id in 0..changed {
        open[id / 64] |= 1 << (id % 64);
    }
    for depth in 1..=ACTIONS_MAX {
        let mut steps = STEPS_MAX;
        extend(
            candidates,
            &order,
            &open,
            depth,
            &mut Vec::new(),
            &mut found,
            &mut steps,
        );
        if found.len() >= SETS_MAX {
            break;
        }
    }
    found
}

fn extend(
    candidates: &[Candidate],
    order: &[usize],
    open: &[u64],
    depth: usize,
    set: &mut Vec<usize>,
    found: &mut Vec<Vec<usize>>,
    steps: &mut usize,
) {
    let Some(word) = open.iter().position(|word| *word != 0) else {
        if depth == 0 {
            let mut sorted = set.clone();
            sorted.sort_unstable();
            if !found.contains(&sorted) {
                found.push(sorted);
            }
        }
        return;
    };
    if depth == 0 {
        return;
    }
    let bit = open[word] & open[word].wrapping_neg();
    for &each in order {
        if candidates[each].cover[word] & bit == 0 {
            continue;
        }
        if *steps == 0 || found.len() >= SETS_MAX {
            return;
        }
        *steps -= 1;
        let rest: Vec<u64> = open
            .iter()
            .zip(&candidates[each].cover)
            .map(|(open, cover)| open & !cover)
            .collect();
        if depth == 1 && rest.iter().any(|word| *word != 0) {
            continue;
        }
        set.push(each);
        extend(candidates, order, &rest, depth - 1, set, found, steps);
        set.pop();
    }
}
