//! Rules about objects: which of them a rule is about, by what it reads off them, and what it does.

use super::object_actions::{
    Action, Layout, Length, Paint, Path, Shape, Target, BEARINGS, COLORS, DIRECTIONS, SHAPES, TURNS,
};
use super::object_scenes::{Feature, Scene, COMPARISONS, PARTITIONS, PROPERTIES};
use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::function::Function;
use crate::primitives::lookup;
use crate::value::Value;

primitives! {
    by_objects(grid, rule) = by_objects;
}

/// A condition: a feature lies between two numbers, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Test {
    pub(crate) feature: Feature,
    pub(crate) low: i64,
    pub(crate) high: i64,
}

/// What happens to the objects that pass all tests.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Case {
    pub(crate) tests: Vec<Test>,
    pub(crate) action: Action,
}

/// Most rules, and most tests of one.
const RULES_MAX: usize = 16;
const WRONG: Failure = Failure::argument("expected rules about objects");

/// Returns the name of a primitive and the values that follow it in a tuple, or it alone.
fn head(value: &Value) -> Outcome<(&str, Vec<Value>)> {
    let name = |value: &'_ Value| match value {
        Value::Func(function) if function.parts().is_empty() => Ok(()),
        _ => Err(WRONG),
    };
    if let Value::Func(function) = value {
        name(value)?;
        return Ok((function.callee().name(), Vec::new()));
    }
    let Value::Tuple(sequence) = value else {
        return Err(WRONG);
    };
    let [Value::Func(function), rest @ ..] = sequence.members() else {
        return Err(WRONG);
    };
    name(&sequence.members()[0])?;
    Ok((function.callee().name(), rest.to_vec()))
}

fn place_of(names: &[&str], name: &str) -> Outcome<usize> {
    names.iter().position(|&other| other == name).ok_or(WRONG)
}

fn way(value: &Value) -> Outcome<usize> {
    if let Some(step) = value.two_numbers() {
        return DIRECTIONS
            .iter()
            .position(|&(down, right)| (i64::from(down), i64::from(right)) == step)
            .ok_or(WRONG);
    }
    let (name, rest) = head(value)?;
    match (name, rest.as_slice()) {
        (_, []) => place_of(&BEARINGS, name).map(|place| DIRECTIONS.len() + 2 * place),
        ("invert", [of]) if matches!(of, Value::Func(_)) => {
            let (name, _) = head(of)?;
            place_of(&BEARINGS, name).map(|place| DIRECTIONS.len() + 2 * place + 1)
        }
        _ => Err(WRONG),
    }
}

fn feature(value: &Value) -> Outcome<Feature> {
    let (name, rest) = head(value)?;
    match rest.as_slice() {
        [] => place_of(&PROPERTIES, name).map(Feature::Plain),
        [color] if color.is_number() && name == "palette" => {
            color.color().map(Feature::Has).ok_or(WRONG)
        }
        [color] if color.is_number() && name == "adjacent" => {
            color.color().map(Feature::Touches).ok_or(WRONG)
        }
        [of] => {
            let (of, none) = head(of)?;
            if !none.is_empty() {
                return Err(WRONG);
            }
            Ok(Feature::Compared(
                place_of(&COMPARISONS, name)?,
                place_of(&PROPERTIES, of)?,
            ))
        }
        _ => Err(WRONG),
    }
}

fn shape(value: &Value) -> Outcome<Shape> {
    let (name, rest) = head(value)?;
    match (name, rest.as_slice()) {
        (_, []) => place_of(&SHAPES, name).map(Shape::Named),
        ("shoot", [step]) => way(step).map(Shape::Shoot),
        ("reach", [step]) => way(step).map(Shape::Reach),
        ("connect", [color]) if color.is_number() => color.color().map(Shape::Link).ok_or(WRONG),
        ("connect", [step]) => way(step).map(Shape::Connect),
        ("multiply", [of, step]) => Ok(Shape::Steps(property(of)?, way(step)?)),
        _ => Err(WRONG),
    }
}

fn paint(value: &Value) -> Outcome<Paint> {
    if value.is_number() {
        return value.color().map(Paint::Constant).ok_or(WRONG);
    }
    match head(value)? {
        (name, rest) if rest.is_empty() => place_of(&COLORS, name).map(Paint::Named),
        _ => Err(WRONG),
    }
}

fn path(value: &Value) -> Outcome<Path> {
    if let Some(location) = value.location() {
        return Ok(Path::By(location.0.into(), location.1.into()));
    }
    let (name, rest) = head(value)?;
    match (name, rest.as_slice()) {
        ("gravitate", []) => Ok(Path::Towards(Target::Any)),
        (_, []) => {
            let turn = TURNS.iter().position(|(other, _)| *other == name);
            turn.map(Path::Turned).ok_or(WRONG)
        }
        ("shape", [step]) => way(step).map(Path::Beside),
        ("fall", [step]) => way(step).map(Path::Fall),
        ("bordering", [step]) => way(step).map(Path::Edge),
        ("reflect_at", [step]) => match way(step)? {
            way @ 0..=3 => Ok(Path::Mirrored(way)),
            _ => Err(WRONG),
        },
        ("gravitate", [color]) if color.is_number() => {
            let color = color.color().ok_or(WRONG)?;
            Ok(Path::Towards(Target::Color(color)))
        }
        ("multiply", [of, step]) => Ok(Path::Steps(property(of)?, way(step)?)),
        ("gravitate", [of]) => match head(of)? {
            ("color", rest) if rest.is_empty() => Ok(Path::Towards(Target::Own)),
            _ => Err(WRONG),
        },
        _ => Err(WRONG),
    }
}

fn length(value: &Value) -> Outcome<Length> {
    if value.is_number() {
        return arguments::number(value).map(Length::Fixed);
    }
    match head(value)? {
        ("order", rest) if rest.is_empty() => Ok(Length::Count),
        (name, rest) if rest.is_empty() => place_of(&PROPERTIES, name).map(Length::Property),
        _ => Err(WRONG),
    }
}

fn property(value: &Value) -> Outcome<usize> {
    match feature(value)? {
        Feature::Plain(property) => Ok(property),
        _ => Err(WRONG),
    }
}

fn action(value: &Value) -> Outcome<Action> {
    let (name, rest) = head(value)?;
    match (name, rest.as_slice()) {
        ("identity", []) => Ok(Action::Keep),
        ("subgrid", []) => Ok(Action::Cut),
        ("normalize", []) => Ok(Action::Lift),
        ("hconcat" | "vconcat", [order, descends, cells]) => Ok(Action::List(Layout {
            across: name == "hconcat",
            order: property(order)?,
            descends: arguments::number(descends)? != 0,
            length: length(cells)?,
        })),
        ("fill", [of, color]) => Ok(Action::Fill(shape(of)?, paint(color)?)),
        ("underfill", [of, color]) => Ok(Action::Underfill(shape(of)?, paint(color)?)),
        ("move", [along]) => Ok(Action::Move(path(along)?, None)),
        ("paint", [along]) => Ok(Action::Copy(path(along)?, None)),
        ("move", [along, color]) => Ok(Action::Move(path(along)?, Some(paint(color)?))),
        ("paint", [along, color]) => Ok(Action::Copy(path(along)?, Some(paint(color)?))),
        _ => Err(WRONG),
    }
}

fn test(value: &Value) -> Outcome<Test> {
    match arguments::tuple(value)?.collect::<Vec<_>>().as_slice() {
        [of, low, high] => Ok(Test {
            feature: feature(of)?,
            low: arguments::number(low)?,
            high: arguments::number(high)?,
        }),
        _ => Err(WRONG),
    }
}

fn rules(value: &Value) -> Outcome<Vec<Case>> {
    let members: Vec<Value> = arguments::tuple(value)?.collect();
    if members.len() > RULES_MAX {
        return Err(WRONG);
    }
    let rule = |value: &Value| {
        let parts: Vec<Value> = arguments::tuple(value)?.collect();
        let [tests, what] = parts.as_slice() else {
            return Err(WRONG);
        };
        let tests: Vec<Value> = arguments::tuple(tests)?.collect();
        if tests.len() > RULES_MAX {
            return Err(WRONG);
        }
        Ok(Case {
            tests: tests.iter().map(test).collect::<Outcome<_>>()?,
            action: action(what)?,
        })
    };
    members.iter().map(rule).collect()
}

/// Decides what each object does: what the first rule says whose tests it passes.
pub(crate) fn decide(scene: &Scene<'_>, rules: &[Case]) -> Vec<Action> {
    let mut actions = vec![None; scene.things.len()];
    for rule in rules {
        let mut passes = vec![true; actions.len()];
        for test in &rule.tests {
            for (passes, number) in passes.iter_mut().zip(scene.read(test.feature)) {
                *passes &= test.low <= number && number <= test.high;
            }
        }
        for (action, passes) in actions.iter_mut().zip(passes) {
            if action.is_none() && passes {
                *action = Some(rule.action);
            }
        }
    }
    actions
        .into_iter()
        .map(|action| action.unwrap_or(Action::Keep))
        .collect()
}

/// Applies rules to a grid that was taken apart.
pub(crate) fn apply(scene: &Scene<'_>, rules: &[Case]) -> Outcome<Value> {
    let actions = decide(scene, rules);
    let canvas = scene.act(&actions);
    let layout = |rule: &Case| match rule.action {
        Action::List(layout) => Some(layout),
        _ => None,
    };
    if let Some(layout) = rules.iter().find_map(layout) {
        let chosen = (0..actions.len()).filter(|&each| matches!(actions[each], Action::List(_)));
        return list(scene, layout, chosen.collect());
    }
    let is_cut = |action: &Action| matches!(action, Action::Cut | Action::Lift);
    let grid = scene.grid;
    match actions.iter().filter(|action| is_cut(action)).count() {
        0 if rules.iter().any(|rule| is_cut(&rule.action)) => {
            Err(Failure::argument("expected one object to cut out"))
        }
        0 => Ok(Value::grid(grid.height(), grid.width(), canvas)),
        1 => {
            let number = actions.iter().position(is_cut).unwrap_or_default();
            let lifts = actions[number] == Action::Lift;
            let edges = scene.things[number].edges;
            let mut cells = Vec::with_capacity(edges.area());
            for row in edges.top..=edges.bottom {
                for column in edges.left..=edges.right {
                    let place = row * grid.width() + column;
                    let is_own = scene.owners[place] == Some(number);
                    cells.push(if is_own || !lifts {
                        canvas[place]
                    } else {
                        scene.background
                    });
                }
            }
            Ok(Value::grid(edges.height(), edges.width(), cells))
        }
        _ => Err(Failure::argument("expected one object to cut out")),
    }
}

/// How many cells a line has, at most.
const LENGTH_MAX: i64 = 100;

/// Draws objects as lines.
fn list(scene: &Scene<'_>, layout: Layout, mut chosen: Vec<usize>) -> Outcome<Value> {
    let sign = if layout.descends { -1 } else { 1 };
    chosen.sort_by_key(|&each| sign * scene.things[each].numbers[layout.order]);
    let lengths: Vec<i64> = chosen
        .iter()
        .map(|&each| match layout.length {
            Length::Fixed(length) => length,
            Length::Property(property) => scene.things[each].numbers[property],
            Length::Count => chosen.len() as i64,
        })
        .collect();
    let longest = lengths.iter().copied().max().unwrap_or(0);
    if !(1..=LENGTH_MAX).contains(&longest) {
        return Err(Failure::argument("expected lines of 1 to 100 cells"));
    }
    let color = |line: usize, cell: usize| {
        if (cell as i64) < lengths[line] {
            scene.things[chosen[line]].color
        } else {
            scene.background
        }
    };
    let (lines, cells) = (chosen.len(), longest as usize);
    if layout.across {
        let all = (0..cells).flat_map(|cell| (0..lines).map(move |line| (line, cell)));
        let all = all.map(|(line, cell)| color(line, cell)).collect();
        return Ok(Value::grid(cells, lines, all));
    }
    let all = (0..lines).flat_map(|line| (0..cells).map(move |cell| (line, cell)));
    let all = all.map(|(line, cell)| color(line, cell)).collect();
    Ok(Value::grid(lines, cells, all))
}

fn by_objects([grid, rule]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let parts: Vec<Value> = arguments::tuple(rule)?.collect();
    let [background, partition, written] = parts.as_slice() else {
        return Err(WRONG);
    };
    let background = arguments::color(background)?;
    let partition = match head(partition)? {
        (name, rest) if rest.is_empty() => place_of(&PARTITIONS, name)?,
        _ => return Err(WRONG),
    };
    let rules = rules(written)?;
    apply(&Scene::new(grid, background, partition)?, &rules)
}

/// Makes the value of a primitive.
fn named(name: &str) -> Value {
    lookup(name).map_or(Value::None, |callee| Value::function(Function::of(callee)))
}

fn step(way: usize) -> Value {
    if let Some(&(down, right)) = DIRECTIONS.get(way) {
        return Value::pair(down.into(), right.into());
    }
    let bearing = named(BEARINGS[(way - DIRECTIONS.len()) / 2]);
    if way % 2 == 0 {
        bearing
    } else {
        Value::two(named("invert"), bearing)
    }
}

fn write_feature(feature: Feature) -> Value {
    match feature {
        Feature::Plain(property) => named(PROPERTIES[property]),
        Feature::Compared(comparison, property) => {
            Value::two(named(COMPARISONS[comparison]), named(PROPERTIES[property]))
        }
        Feature::Has(color) => Value::two(named("palette"), Value::Int(color.into())),
        Feature::Touches(color) => Value::two(named("adjacent"), Value::Int(color.into())),
    }
}

fn write_shape(shape: Shape) -> Value {
    match shape {
        Shape::Named(place) => named(SHAPES[place]),
        Shape::Shoot(way) => Value::two(named("shoot"), step(way)),
        Shape::Reach(way) => Value::two(named("reach"), step(way)),
        Shape::Connect(way) => Value::two(named("connect"), step(way)),
        Shape::Link(color) => Value::two(named("connect"), Value::Int(color.into())),
        Shape::Steps(property, way) => write_steps(property, way),
    }
}

fn write_steps(property: usize, way: usize) -> Value {
    Value::tuple(vec![
        named("multiply"),
        named(PROPERTIES[property]),
        step(way),
    ])
}

fn write_paint(paint: Paint) -> Value {
    match paint {
        Paint::Constant(color) => Value::Int(color.into()),
        Paint::Named(place) => named(COLORS[place]),
    }
}

fn write_path(path: Path) -> Value {
    match path {
        Path::By(down, right) => Value::pair(down.into(), right.into()),
        Path::Beside(way) => Value::two(named("shape"), step(way)),
        Path::Fall(way) => Value::two(named("fall"), step(way)),
        Path::Edge(way) => Value::two(named("bordering"), step(way)),
        Path::Towards(Target::Any) => named("gravitate"),
        Path::Towards(Target::Own) => Value::two(named("gravitate"), named("color")),
        Path::Towards(Target::Color(color)) => {
            Value::two(named("gravitate"), Value::Int(color.into()))
        }
        Path::Turned(turn) => named(TURNS[turn].0),
        Path::Mirrored(way) => Value::two(named("reflect_at"), step(way)),
        Path::Steps(property, way) => write_steps(property, way),
    }
}

fn write_action(action: Action) -> Value {
    let parts = match action {
        Action::Keep => vec![named("identity")],
        Action::Cut => vec![named("subgrid")],
        Action::Lift => vec![named("normalize")],
        Action::List(layout) => vec![
            named(if layout.across { "hconcat" } else { "vconcat" }),
            named(PROPERTIES[layout.order]),
            Value::Int(layout.descends.into()),
            match layout.length {
                Length::Fixed(length) => Value::Int(length),
                Length::Property(property) => named(PROPERTIES[property]),
                Length::Count => named("order"),
            },
        ],
        Action::Fill(shape, paint) => vec![named("fill"), write_shape(shape), write_paint(paint)],
        Action::Underfill(shape, paint) => {
            vec![named("underfill"), write_shape(shape), write_paint(paint)]
        }
        Action::Move(path, paint) | Action::Copy(path, paint) => {
            let name = if matches!(action, Action::Move(..)) {
                "move"
            } else {
                "paint"
            };
            let mut parts = vec![named(name), write_path(path)];
            parts.extend(paint.map(write_paint));
            parts
        }
    };
    Value::tuple(parts)
}

/// Writes a rule as a value of the language.
pub(crate) fn write(background: i8, partition: usize, rules: &[Case]) -> Value {
    let write_test = |test: &Test| {
        Value::tuple(vec![
            write_feature(test.feature),
            Value::Int(test.low),
            Value::Int(test.high),
        ])
    };
    let rule = |rule: &Case| {
        let tests = rule.tests.iter().map(write_test).collect();
        Value::two(Value::tuple(tests), write_action(rule.action))
    };
    let rules = Value::tuple(rules.iter().map(rule).collect());
    let background = Value::Int(background.into());
    Value::tuple(vec![background, named(PARTITIONS[partition]), rules])
}
