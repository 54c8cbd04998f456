//! Predicates that are learnt: what a feature of the grid tells apart.

use super::language::Constant;
use super::mutation_context::MutationContext;
use super::store::NodeId;

/// Builds a predicate of a feature that is true for some demos and false for some others, or, as
/// the flag says, the other way round; nothing if the feature does not tell them apart.
///
/// `numbers` holds the feature for each demo, `yes` and `no` are demos as bits.
pub fn separate(
    context: &mut MutationContext<'_>,
    feature: NodeId,
    numbers: &[Option<i64>],
    yes: u64,
    no: u64,
) -> Option<(NodeId, bool)> {
    let of = |bits: u64| -> Option<Vec<i64>> {
        let demos = numbers.iter().enumerate();
        let chosen = demos.filter(|(demo, _)| bits & (1 << demo) != 0);
        chosen.map(|(_, number)| *number).collect()
    };
    let (yes, no) = (of(yes)?, of(no)?);
    if context.is_truth(feature) {
        let all = |side: &[i64], truth: i64| side.iter().all(|&number| number == truth);
        return if all(&yes, 1) && all(&no, 0) {
            Some((feature, false))
        } else if all(&yes, 0) && all(&no, 1) {
            Some((feature, true))
        } else {
            None
        };
    }
    let range = |side: &[i64]| Some((*side.iter().min()?, *side.iter().max()?));
    let ((yes_least, yes_most), (no_least, no_most)) = (range(&yes)?, range(&no)?);
    let (name, bound, swapped) = if yes_least == yes_most && !no.contains(&yes_least) {
        ("equality", yes_least, false)
    } else if yes_least > no_most {
        ("greater", no_most, false)
    } else if no_least > yes_most {
        ("greater", yes_most, true)
    } else {
        return None;
    };
    let bound = context.constant(Constant::int(bound))?;
    let predicate = context.call(name, &[feature, bound])?;
    Some((predicate, swapped))
}
