//! What becomes of an object: cells that get a colour, and ways that it goes or is copied.

use super::object_scenes::{most_common, turned, Scene};

/// Steps to the neighbours of a cell: along rows and columns first.
pub(crate) const DIRECTIONS: [(i32, i32); 8] = [
    (-1, 0),
    (0, -1),
    (0, 1),
    (1, 0),
    (-1, -1),
    (-1, 1),
    (1, -1),
    (1, 1),
];

/// Directions that depend on the object, by the primitives that stand for them: to those of its
/// cells that have another colour, to the nearest object, and away from the edge of the grid.
pub(crate) const BEARINGS: [&str; 3] = ["leastcolor", "manhattan", "bordering"];
/// How many directions there are: steps, then each of the others with its opposite.
pub(crate) const WAYS: usize = DIRECTIONS.len() + 2 * BEARINGS.len();

/// Cells that belong to an object, by the primitives that stand for them.
pub(crate) const SHAPES: [&str; 19] = [
    "toindices",
    "delta",
    "holes",
    "backdrop",
    "box",
    "outbox",
    "inbox",
    "corners",
    "neighbors",
    "dneighbors",
    "ineighbors",
    "core",
    "skin",
    "hfrontier",
    "vfrontier",
    "shoot_cross",
    "shoot_diagonals",
    "connect",
    "reach",
];

/// Cells that get a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// A shape by its place.
    Named(usize),
    /// From the object to the edge of the grid, in a direction.
    Shoot(usize),
    /// From the object over background to what is in the way, in a direction.
    Reach(usize),
    /// From the object over background to a cell of its colour, in a direction; none without one.
    Connect(usize),
    /// From the object over background to cells of a colour, along rows and columns.
    Link(i8),
    /// As many cells from the object as a property says, in a direction.
    Steps(usize, usize),
}

/// Colours that depend on the object, by the primitives that stand for them.
pub(crate) const COLORS: [&str; 22] = [
    "color",
    "leastcolor",
    "adjacent",
    "contained",
    "inbox",
    "manhattan",
    "hmatching",
    "vmatching",
    "maximum",
    "minimum",
    "mostcommon",
    "leastcommon",
    "first",
    "shape",
    "free_shape",
    "size",
    "holes",
    "uppermost",
    "lowermost",
    "leftmost",
    "rightmost",
    "other",
];
/// The properties, by their places, that an object shares with another one for its colour.
const SHARED: [usize; 4] = [17, 18, 0, 11];

/// The colour that cells get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Paint {
    /// One colour.
    Constant(i8),
    /// A colour that depends on the object, by its place.
    Named(usize),
}

/// Turns in place, by the primitives that stand for them, with their numbers.
pub(crate) const TURNS: [(&str, usize); 7] = [
    ("hmirror", 1),
    ("vmirror", 2),
    ("rot180", 3),
    ("dmirror", 4),
    ("rot90", 6),
    ("rot270", 5),
    ("cmirror", 7),
];

/// What an object goes towards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    /// Cells of a colour.
    Color(i8),
    /// Cells of its own colour.
    Own,
    /// All cells but those of the background.
    Any,
}

/// Where an object goes, or its copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Path {
    /// By a number of rows and columns.
    By(i32, i32),
    /// By its own height and width, in a direction.
    Beside(usize),
    /// In a direction until something is in the way.
    Fall(usize),
    /// In a direction to the edge of the grid.
    Edge(usize),
    /// In a row or column towards the nearest cell of some, until it touches it.
    Towards(Target),
    /// Turned in place, by the place of the turn.
    Turned(usize),
    /// Mirrored at its side in a direction.
    Mirrored(usize),
    /// As many steps as a property says, in a direction.
    Steps(usize, usize),
}

/// How many cells the line of an object has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Length {
    /// One number.
    Fixed(i64),
    /// A property of the object, by its place.
    Property(usize),
    /// As many as there are lines.
    Count,
}

/// How objects become lines of their colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Layout {
    /// Whether lines are columns, side by side.
    pub(crate) across: bool,
    /// The property by which they are ordered, by its place.
    pub(crate) order: usize,
    /// Whether the greatest comes first.
    pub(crate) descends: bool,
    /// How long they are.
    pub(crate) length: Length,
}

/// What a rule does with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// Leave it.
    Keep,
    /// Give cells a colour.
    Fill(Shape, Paint),
    /// Give the cells of background among them a colour.
    Underfill(Shape, Paint),
    /// Move it, perhaps in another colour.
    Move(Path, Option<Paint>),
    /// Copy it, perhaps in another colour.
    Copy(Path, Option<Paint>),
    /// Cut its box out of the result.
    Cut,
    /// Return it alone, in its box.
    Lift,
    /// Draw it as a line beside those of others.
    List(Layout),
}

/// The cells of an object that was moved, each a row, a column and a colour.
pub(crate) type Cells = Vec<(i32, i32, i8)>;

impl Scene<'_> {
    /// Walks from a place in a direction, without the place itself, to the edge of the grid.
    fn walk(&self, place: usize, (down, right): (i32, i32)) -> impl Iterator<Item = usize> + '_ {
        let (row, column) = self.location(place);
        (1..).map_while(move |steps| self.place(row + steps * down, column + steps * right))
    }

    /// Returns the step of a direction, if the object has one.
    pub(crate) fn step(&self, number: usize, way: usize) -> Option<(i32, i32)> {
        if let Some(&step) = DIRECTIONS.get(way) {
            return Some(step);
        }
        let edges = self.things[number].edges;
        let (top, left) = (edges.top as i32, edges.left as i32);
        let (bottom, right) = (edges.bottom as i32, edges.right as i32);
        let (down, across) = match (way - DIRECTIONS.len()) / 2 {
            0 => {
                let color = self.things[number].color;
                let cells = self.things[number].places.iter();
                let odd = cells.filter(|&&place| self.grid.cells()[place] != color);
                let sides = odd.map(|&place| {
                    let (row, column) = self.location(place);
                    (2 * row - top - bottom, 2 * column - left - right)
                });
                sides.fold((0, 0), |sum, side| (sum.0 + side.0, sum.1 + side.1))
            }
            1 => {
                let others = (0..self.things.len()).filter(|&other| other != number);
                let nearest = others.min_by_key(|&other| self.distance(number, other))?;
                let other = self.things[nearest].edges;
                let side = |low: i32, high: i32, from: usize, to: usize| {
                    i32::from(from as i32 > high) - i32::from((to as i32) < low)
                };
                (
                    side(top, bottom, other.top, other.bottom),
                    side(left, right, other.left, other.right),
                )
            }
            _ => {
                let (rows, columns) = (self.grid.height() as i32, self.grid.width() as i32);
                (
                    i32::from(top == 0) - i32::from(bottom == rows - 1),
                    i32::from(left == 0) - i32::from(right == columns - 1),
                )
            }
        };
        let sign = if way % 2 == 0 { 1 } else { -1 };
        let step = (sign * down.signum(), sign * across.signum());
        (step != (0, 0)).then_some(step)
    }

    /// Lists the places from which rays of an object start: all, or the corner of its box.
    fn starts(&self, number: usize, (down, right): (i32, i32)) -> Vec<usize> {
        let thing = &self.things[number];
        if down == 0 || right == 0 {
            return thing.places.clone();
        }
        let row = if down < 0 {
            thing.edges.top
        } else {
            thing.edges.bottom
        };
        let column = if right < 0 {
            thing.edges.left
        } else {
            thing.edges.right
        };
        vec![row * self.grid.width() + column]
    }

    /// Collects so many cells beyond an object in a direction, to the edge of the grid at most.
    fn shoot(&self, number: usize, way: usize, cells: usize, places: &mut Vec<usize>) {
        let Some(step) = self.step(number, way) else {
            return;
        };
        for start in self.starts(number, step) {
            let ray = self.walk(start, step);
            let beyond = ray.filter(|&place| self.owners[place] != Some(number));
            places.extend(beyond.take(cells));
        }
    }

    /// Returns how many steps a property says, none below 0.
    fn steps(&self, number: usize, property: usize) -> usize {
        usize::try_from(self.things[number].numbers[property]).unwrap_or(0)
    }

    /// Collects the background from an object to what is in the way, only where that has a
    /// colour if one is given.
    fn reach(&self, number: usize, way: usize, color: Option<i8>, places: &mut Vec<usize>) {
        let Some(step) = self.step(number, way) else {
            return;
        };
        for start in self.starts(number, step) {
            let mut ray = Vec::new();
            let mut end = None;
            for place in self.walk(start, step) {
                let cell = self.grid.cells()[place];
                if cell != self.background {
                    end = Some((place, cell));
                    break;
                }
                ray.push(place);
            }
            let own = end.is_some_and(|(place, _)| self.owners[place] == Some(number));
            let meets = color.is_none_or(|color| end.is_some_and(|(_, cell)| cell == color));
            if !own && meets {
                places.append(&mut ray);
            }
        }
    }

    /// Lists the cells around each cell of an object, by some steps, that are not of it.
    fn around(&self, number: usize, steps: &[(i32, i32)]) -> Vec<usize> {
        let mut found = Vec::new();
        for &place in &self.things[number].places {
            let (row, column) = self.location(place);
            let beside = steps
                .iter()
                .filter_map(|&(down, right)| self.place(row + down, column + right));
            found.extend(beside.filter(|&place| self.owners[place] != Some(number)));
        }
        found
    }

    /// Lists the edge of a box that is some cells larger than that of an object.
    fn frame(&self, number: usize, larger: i32) -> Vec<usize> {
        let edges = self.things[number].edges;
        let (top, left) = (edges.top as i32 - larger, edges.left as i32 - larger);
        let (bottom, right) = (edges.bottom as i32 + larger, edges.right as i32 + larger);
        let mut found = Vec::new();
        for row in top..=bottom {
            for column in left..=right {
                if row == top || row == bottom || column == left || column == right {
                    found.extend(self.place(row, column));
                }
            }
        }
        found
    }

    /// Lists the places of a shape, ascending.
    pub(crate) fn shape(&self, number: usize, shape: Shape) -> Vec<usize> {
        let thing = &self.things[number];
        let edges = thing.edges;
        let width = self.grid.width();
        let inside = || {
            (edges.top..=edges.bottom)
                .flat_map(|row| (edges.left..=edges.right).map(move |column| row * width + column))
        };
        let is_core = |&place: &usize| {
            let (row, column) = self.location(place);
            DIRECTIONS.iter().all(|&(down, right)| {
                let beside = self.place(row + down, column + right);
                beside.is_some_and(|place| self.owners[place] == Some(number))
            })
        };
        let mut found = match shape {
            Shape::Named(0) => thing.places.clone(),
            Shape::Named(1) => inside()
                .filter(|&place| self.owners[place] != Some(number))
                .collect(),
            Shape::Named(2) => self.holes(number).concat(),
            Shape::Named(3) => inside().collect(),
            Shape::Named(4) => self.frame(number, 0),
            Shape::Named(5) => self.frame(number, 1),
            Shape::Named(6) => self.frame(number, -1),
            Shape::Named(7) => vec![
                edges.top * width + edges.left,
                edges.top * width + edges.right,
                edges.bottom * width + edges.left,
                edges.bottom * width + edges.right,
            ],
            Shape::Named(8) => self.around(number, &DIRECTIONS),
            Shape::Named(9) => self.around(number, &DIRECTIONS[..4]),
            Shape::Named(10) => self.around(number, &DIRECTIONS[4..]),
            Shape::Named(11) => thing.places.iter().copied().filter(is_core).collect(),
            Shape::Named(12) => {
                let places = thing.places.iter().copied();
                places.filter(|place| !is_core(place)).collect()
            }
            Shape::Named(other) => {
                let mut found = Vec::new();
                let ways: &[usize] = match other {
                    13 => &[1, 2],
                    14 => &[0, 3],
                    15 | 18 => &[1, 2, 0, 3],
                    16 => &[4, 5, 6, 7],
                    _ => &[2, 3],
                };
                for &way in ways {
                    match other {
                        13..=16 => self.shoot(number, way, usize::MAX, &mut found),
                        17 => self.reach(number, way, Some(thing.color), &mut found),
                        _ => self.reach(number, way, None, &mut found),
                    }
                }
                found
            }
            Shape::Shoot(way) => {
                let mut found = Vec::new();
                self.shoot(number, way, usize::MAX, &mut found);
                found
            }
            Shape::Steps(property, way) => {
                let mut found = Vec::new();
                self.shoot(number, way, self.steps(number, property), &mut found);
                found
            }
            Shape::Reach(way) => {
                let mut found = Vec::new();
                self.reach(number, way, None, &mut found);
                found
            }
            Shape::Connect(way) => {
                let mut found = Vec::new();
                self.reach(number, way, Some(thing.color), &mut found);
                found
            }
            Shape::Link(color) => {
                let mut found = Vec::new();
                for way in 0..4 {
                    self.reach(number, way, Some(color), &mut found);
                }
                found
            }
        };
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Returns the colour that an object gets, if there is one.
    pub(crate) fn paint(&self, number: usize, paint: Paint) -> Option<i8> {
        let cells = self.grid.cells();
        let thing = &self.things[number];
        let others = || (0..self.things.len()).filter(|&other| other != number);
        let color_of = |other: usize| self.things[other].color;
        let nearest = |test: &dyn Fn(usize) -> bool| {
            others()
                .filter(|&other| test(other))
                .min_by_key(|&other| self.distance(number, other))
                .map(color_of)
        };
        let foreground = || {
            cells
                .iter()
                .copied()
                .filter(|&color| color != self.background)
        };
        let named = match paint {
            Paint::Constant(color) => return Some(color),
            Paint::Named(named) => named,
        };
        match named {
            0 => Some(thing.color),
            1 => least_common(thing.places.iter().map(|&place| cells[place])),
            2 => {
                let beside = self.beside(number);
                let beside = beside.iter().map(|&place| cells[place]);
                most_common(beside.filter(|&color| color != self.background))
            }
            3 => {
                let inside = self.shape(number, Shape::Named(1));
                let inside = inside.iter().map(|&place| cells[place]);
                most_common(inside.filter(|&color| color != self.background))
            }
            4 => others()
                .filter(|&other| self.is_inside(number, other))
                .min_by_key(|&other| self.things[other].edges.area())
                .map(color_of),
            5 => nearest(&|_| true),
            6 => nearest(&|other| self.share_rows(number, other)),
            7 => nearest(&|other| self.share_columns(number, other)),
            8 => (0..self.things.len())
                .min_by_key(|&other| std::cmp::Reverse(self.things[other].places.len()))
                .map(color_of),
            9 => (0..self.things.len())
                .min_by_key(|&other| self.things[other].places.len())
                .map(color_of),
            10 => most_common(foreground()),
            11 => least_common(foreground()),
            12 => cells.first().copied(),
            13..=16 => {
                let property = SHARED[named - 13];
                nearest(&|other| {
                    let other = &self.things[other];
                    other.color != thing.color && other.numbers[property] == thing.numbers[property]
                })
            }
            17..=20 => {
                let (width, edges) = (self.grid.width(), thing.edges);
                let last = (self.grid.height() - 1) * width;
                let line: Vec<usize> = match named {
                    17 => (edges.left..=edges.right).collect(),
                    18 => (edges.left..=edges.right)
                        .map(|column| last + column)
                        .collect(),
                    19 => (edges.top..=edges.bottom).map(|row| row * width).collect(),
                    _ => (edges.top..=edges.bottom)
                        .map(|row| row * width + width - 1)
                        .collect(),
                };
                let line = line
                    .into_iter()
                    .filter(|&place| self.owners[place] != Some(number));
                most_common(
                    line.map(|place| cells[place])
                        .filter(|&color| color != self.background),
                )
            }
            _ => self.partner(number),
        }
    }

    /// Returns the colour beside the first cell that has the colour of an object, but not its own
    /// cells: of a pair that says which colour goes with which, the other one.
    fn partner(&self, number: usize) -> Option<i8> {
        let cells = self.grid.cells();
        let own = self.things[number].color;
        (0..cells.len())
            .filter(|&place| cells[place] == own && self.owners[place] != Some(number))
            .find_map(|place| {
                let (row, column) = self.location(place);
                DIRECTIONS[..4]
                    .iter()
                    .filter_map(|&(down, right)| self.place(row + down, column + right))
                    .map(|beside| cells[beside])
                    .find(|&color| color != own && color != self.background)
            })
    }

    /// Returns the cells of an object, where they are.
    fn cells_of(&self, number: usize) -> Cells {
        let cell = |&place: &usize| {
            let (row, column) = self.location(place);
            (row, column, self.grid.cells()[place])
        };
        self.things[number].places.iter().map(cell).collect()
    }

    /// Returns where a path takes the cells of an object, among the cells of a canvas; some may
    /// be outside the grid. None if the path leads nowhere.
    pub(crate) fn follow(&self, number: usize, path: Path, canvas: &[i8]) -> Option<Cells> {
        let edges = self.things[number].edges;
        let (height, width) = (edges.height() as i32, edges.width() as i32);
        let mut cells = self.cells_of(number);
        let (down, right) =
            match path {
                Path::By(down, right) => (down, right),
                Path::Beside(way) => {
                    let (down, right) = self.step(number, way)?;
                    (down * height, right * width)
                }
                Path::Steps(property, way) => {
                    let (down, right) = self.step(number, way)?;
                    let steps = self.steps(number, property) as i32;
                    (down * steps, right * steps)
                }
                Path::Edge(way) => {
                    let (down, right) = self.step(number, way)?;
                    let room = |step: i32, before: usize, after: usize| match step {
                        0 => i32::MAX,
                        ..=-1 => before as i32,
                        _ => after as i32,
                    };
                    let steps = room(down, edges.top, self.grid.height() - 1 - edges.bottom)
                        .min(room(right, edges.left, self.grid.width() - 1 - edges.right));
                    (down * steps, right * steps)
                }
                Path::Fall(way) => {
                    let (down, right) = self.step(number, way)?;
                    let is_free = |steps: i32| {
                        cells.iter().all(|&(row, column, _)| {
                            self.place(row + steps * down, column + steps * right)
                                .is_some_and(|place| canvas[place] == self.background)
                        })
                    };
                    let steps = (1..).find(|&steps| !is_free(steps)).unwrap_or(1) - 1;
                    (down * steps, right * steps)
                }
                Path::Towards(target) => {
                    let own = self.things[number].color;
                    let fits = |color: i8| match target {
                        Target::Color(wanted) => color == wanted,
                        Target::Own => color == own,
                        Target::Any => color != self.background,
                    };
                    let mut best: Option<(i32, usize)> = None;
                    for (way, &(down, right)) in DIRECTIONS[..4].iter().enumerate() {
                        for &place in &self.things[number].places {
                            let ray = self.walk(place, (down, right));
                            let steps = (0..).zip(ray).find(|&(_, place)| {
                                fits(self.grid.cells()[place]) && self.owners[place] != Some(number)
                            });
                            let found = steps.map(|(steps, _)| (steps, way));
                            best = match (best, found) {
                                (Some(best), Some(found)) => Some(best.min(found)),
                                (best, found) => best.or(found),
                            };
                        }
                    }
                    let (steps, way) = best?;
                    (DIRECTIONS[way].0 * steps, DIRECTIONS[way].1 * steps)
                }
                Path::Turned(turn) | Path::Mirrored(turn) => {
                    let (number, shift) = match path {
                        Path::Turned(_) => (TURNS[turn].1, (0, 0)),
                        _ => (
                            if DIRECTIONS[turn].0 == 0 { 2 } else { 1 },
                            (DIRECTIONS[turn].0 * height, DIRECTIONS[turn].1 * width),
                        ),
                    };
                    let (top, left) = (edges.top as i32, edges.left as i32);
                    for cell in &mut cells {
                        let inside = (cell.0 - top, cell.1 - left);
                        let (row, column) = turned(inside, (height, width), number);
                        (cell.0, cell.1) = (top + row, left + column);
                    }
                    shift
                }
            };
        for cell in &mut cells {
            cell.0 += down;
            cell.1 += right;
        }
        Some(cells)
    }

    /// Does what was decided for each object, all at once: first what moves leaves its place,
    /// then the others act in order, then what falls does, the foremost first.
    pub(crate) fn act(&self, actions: &[Action]) -> Vec<i8> {
        let mut canvas = self.grid.cells().to_vec();
        for (thing, action) in self.things.iter().zip(actions) {
            if matches!(action, Action::Move(..)) {
                for &place in &thing.places {
                    canvas[place] = self.background;
                }
            }
        }
        let mut later = Vec::new();
        for (number, &action) in actions.iter().enumerate() {
            match action {
                Action::Move(Path::Fall(way), paint) | Action::Copy(Path::Fall(way), paint) => {
                    let (down, right) = self.step(number, way).unwrap_or_default();
                    let edges = self.things[number].edges;
                    let front = |step: i32, first: usize, last: usize| match step {
                        0 => 0,
                        ..=-1 => first as i32,
                        _ => -(last as i32),
                    };
                    let key = front(down, edges.top, edges.bottom)
                        + front(right, edges.left, edges.right);
                    later.push((key, number, Path::Fall(way), paint));
                }
                Action::Move(path, paint) | Action::Copy(path, paint) => {
                    self.put(number, path, paint, &mut canvas);
                }
                Action::Fill(shape, paint) | Action::Underfill(shape, paint) => {
                    let Some(color) = self.paint(number, paint) else {
                        continue;
                    };
                    let under = matches!(action, Action::Underfill(..));
                    for place in self.shape(number, shape) {
                        if !under || self.grid.cells()[place] == self.background {
                            canvas[place] = color;
                        }
                    }
                }
                Action::Keep | Action::Cut | Action::Lift | Action::List(_) => {}
            }
        }
        later.sort_unstable_by_key(|&(key, number, _, _)| (key, number));
        for (_, number, path, paint) in later {
            self.put(number, path, paint, &mut canvas);
        }
        canvas
    }

    fn put(&self, number: usize, path: Path, paint: Option<Paint>, canvas: &mut [i8]) {
        let new = paint.and_then(|paint| self.paint(number, paint));
        let moved = self.follow(number, path, canvas);
        for (row, column, color) in moved.unwrap_or_else(|| self.cells_of(number)) {
            if let Some(place) = self.place(row, column) {
                canvas[place] = new.unwrap_or(color);
            }
        }
    }
}

/// Returns the least common of some colours, the lowest of several.
fn least_common(colors: impl Iterator<Item = i8>) -> Option<i8> {
    let mut counts = [0_u32; 256];
    colors.for_each(|color| counts[usize::from(color as u8)] += 1);
    (i8::MIN..=i8::MAX)
        .filter(|&color| counts[usize::from(color as u8)] > 0)
        .min_by_key(|&color| (counts[usize::from(color as u8)], color))
}
