//! Work on the members of containers that keeps to the compact forms.

use crate::value::{Ascend, Cell, Location, Value};

/// How many times larger a set is that is better searched than walked.
const FAR_LARGER: usize = 16;
/// Below this many members a walk is quicker than a board.
const FEW: usize = 16;

/// Makes a container of the given one's kind.
pub(super) fn gather(container: &Value, members: Vec<Value>) -> Value {
    if container.is_set() {
        Value::set(members)
    } else {
        Value::tuple(members)
    }
}

/// Makes a container of the given one's kind from some of its own members, in order.
pub(super) fn gather_kept(container: &Value, members: Vec<Value>) -> Value {
    if container.is_set() {
        Value::ascending_set(members)
    } else {
        Value::tuple(members)
    }
}

/// Returns whether a container has a member; nothing if it is no container.
pub(super) fn contains(container: &Value, value: &Value) -> Option<bool> {
    Some(match container {
        Value::Indices(locations) => value
            .location()
            .is_some_and(|location| locations.binary_search(&location).is_ok()),
        Value::Object(cells) => value
            .cell()
            .is_some_and(|cell| cells.binary_search(&cell).is_ok()),
        Value::Set(set) => set.members().binary_search(value).is_ok(),
        Value::Row(row) => value
            .color()
            .is_some_and(|color| row.cells().contains(&color)),
        _ => container.members()?.any(|member| member == *value),
    })
}

/// Joins two sets.
pub(super) fn union(a: &Value, b: &Value) -> Value {
    join_all(&[a, b])
}

/// Joins many containers into a set.
pub(super) fn join_all(containers: &[&Value]) -> Value {
    if let Some(parts) = containers
        .iter()
        .map(|one| as_locations(one))
        .collect::<Option<Vec<_>>>()
    {
        return Value::ascending_indices(Ascend::join(&parts));
    }
    if let Some(parts) = containers
        .iter()
        .map(|one| as_cells(one))
        .collect::<Option<Vec<_>>>()
    {
        return Value::ascending_object(Ascend::join(&parts));
    }
    let members = containers
        .iter()
        .filter_map(|container| container.members());
    Value::set(members.flatten().collect())
}

fn as_locations(container: &Value) -> Option<&[Location]> {
    match container {
        Value::Indices(locations) => Some(locations),
        _ => None,
    }
}

fn as_cells(container: &Value) -> Option<&[Cell]> {
    match container {
        Value::Object(cells) => Some(cells),
        Value::Indices(locations) if locations.is_empty() => Some(&[]),
        _ => None,
    }
}

/// Keeps the members of the first set that the second has, or those that it lacks.
pub(super) fn keep(a: &Value, b: &Value, shared: bool) -> Value {
    match (a, b) {
        (Value::Indices(a), Value::Indices(b)) => {
            Value::ascending_indices(keep_by_keys(a, b, shared))
        }
        (Value::Object(a), Value::Object(b)) => Value::ascending_object(keep_by_keys(a, b, shared)),
        (Value::Set(a), Value::Set(b)) => {
            Value::ascending_set(keep_ascending(a.members(), b.members(), shared))
        }
        _ => {
            let kept = a.members().into_iter().flatten();
            let kept = kept.filter(|member| contains(b, member) == Some(shared));
            Value::ascending_set(kept.collect())
        }
    }
}

/// Does what [`keep_ascending`] does, with numbers in the place of members.
fn keep_by_keys<T: Ascend>(a: &[T], b: &[T], shared: bool) -> Vec<T> {
    // Equal members are the same, so that either set may give what they share.
    let (a, b) = if shared && b.len() < a.len() {
        (b, a)
    } else {
        (a, b)
    };
    if a.len() < b.len() / FAR_LARGER {
        return keep_ascending(a, b, shared);
    }
    if a.len() >= FEW {
        if let Some(board) = T::board(b) {
            return kept_where(a, |member| T::is_on(member, &board) == shared);
        }
    }
    let mut rest = b;
    kept_where(a, |member| {
        let key = member.key();
        while let [first, after @ ..] = rest {
            if first.key() >= key {
                break;
            }
            rest = after;
        }
        rest.first().is_some_and(|other| other.key() == key) == shared
    })
}

/// Keeps the members that pass a test; what the test says decides no jump.
fn kept_where<T: Copy>(members: &[T], mut test: impl FnMut(T) -> bool) -> Vec<T> {
    let mut kept = members.to_vec();
    let mut count = 0;
    for &member in members {
        kept[count] = member;
        count += usize::from(test(member));
    }
    kept.truncate(count);
    kept
}

fn keep_ascending<T: Ord + Clone>(a: &[T], b: &[T], shared: bool) -> Vec<T> {
    let mut kept = Vec::with_capacity(if shared {
        a.len().min(b.len())
    } else {
        a.len()
    });
    if a.len() < b.len() / FAR_LARGER {
        let found = |member: &&T| b.binary_search(member).is_ok() == shared;
        kept.extend(a.iter().filter(found).cloned());
        return kept;
    }
    let mut place = 0;
    for member in a {
        while place < b.len() && b[place] < *member {
            place += 1;
        }
        if (b.get(place) == Some(member)) == shared {
            kept.push(member.clone());
        }
    }
    kept
}
