//! Types: what is inferred, what is refused, and that it always comes to an end.

use super::super::types::settle;
use super::*;

fn inferred(line: &str) -> Option<Type> {
    let breeder = breeder();
    let steps = breeder.language.read(line).expect("a program");
    breeder.infer(&steps)
}

#[test]
fn calls_have_the_types_of_their_signatures() {
    assert_eq!(inferred("$I;vmirror 0"), Some(kind("Grid")));
    assert_eq!(inferred("$I;identity 0;height 1"), Some(kind("Integer")));
    assert_eq!(inferred("$S;size 0"), Some(kind("Integer")));
    assert_eq!(inferred("$I;=3;ofcolor 0 1"), Some(kind("Indices")));
}

#[test]
fn functions_are_inferred_from_what_they_are_made_of() {
    let chained = "@height;@vmirror;compose 0 1;$I;! 2 3";
    assert_eq!(inferred(chained), Some(kind("Integer")));
    let bound = "@ofcolor;=3;rbind 0 1;$I;! 2 3";
    assert_eq!(inferred(bound), Some(kind("Indices")));
}

#[test]
fn what_does_not_fit_has_no_type() {
    for line in [
        "$I;height 0;vmirror 1",
        "$I;asindices 0;ofcolor 0 1",
        "@vmirror;@height;compose 0 1",
        "@vmirror;=3;! 0 1",
    ] {
        assert_eq!(inferred(line), None, "{line}");
    }
}

#[test]
fn a_narrower_number_fits_where_a_wider_one_is_wanted() {
    let language = language();
    let fits = |given: &str, wanted: &str| language.definitions.fits(&kind(given), &kind(wanted));
    assert!(fits("Color", "Integer") && fits("Boolean", "Integer"));
    assert!(fits("Grid", "Tuple[Any]") && fits("Indices", "Container[Place]"));
    assert!(fits("Integer", "Union[Integer, Place]") && fits("Place", "Tuple[Integer]"));
    assert!(!fits("Grid", "Integer") && !fits("Indices", "Tuple[Place]"));
    assert!(!fits("Integer", "Union[Grid, Place]"));
}

#[test]
fn bounds_hold_both_ways() {
    let language = language();
    let infer = |signature: &str, args: &[&str]| {
        let args: Vec<Type> = args.iter().map(|text| kind(text)).collect();
        let args: Vec<&Type> = args.iter().collect();
        language
            .definitions
            .infer_call(&kind(signature), &[], &args)
    };
    // What flows in from two sides is joined.
    let either = infer("Callable[A, A, A]", &["Grid", "Integer"]);
    assert_eq!(either, Some(kind("Union[Grid, Integer]")));
    assert_eq!(
        infer("Callable[A, A, A]", &["Color", "Integer"]),
        Some(kind("Integer"))
    );
    // What must go into a parameter is an upper bound.
    let taken = |given: &str| {
        infer(
            "Callable[Callable[A, B], A, B]",
            &["Callable[Grid, Color]", given],
        )
    };
    assert_eq!(taken("Grid"), Some(kind("Color")));
    assert_eq!(taken("Integer"), None);
    // All containers of a signature are of one kind.
    let mapped = infer(
        "Callable[Callable[A, B], Container[A], Container[B]]",
        &["Callable[Grid, Color]", "FrozenSet[Grid]"],
    );
    assert_eq!(mapped, Some(kind("FrozenSet[Color]")));
}

#[test]
fn a_type_that_would_hold_itself_comes_to_an_end() {
    let language = language();
    let signature = kind("Callable[Callable[A, A], A]");
    let endless = kind("Callable[A, Tuple[A]]");
    let found = language
        .definitions
        .infer_call(&signature, &[], &[&endless]);
    let found = found.expect("a type whose members are left open");
    assert!(found.name == Name::Tuple && found.is_open());
    let plain = kind("Callable[Grid, Grid]");
    let found = language.definitions.infer_call(&signature, &[], &[&plain]);
    assert_eq!(found, Some(kind("Grid")));
}

#[test]
fn open_types_that_are_the_same_are_equal() {
    let left = settle(kind("Callable[X, Container[Y], X]"));
    let right = settle(kind("Callable[P, Container[Q], P]"));
    assert_eq!(left, right);
    assert_ne!(left, settle(kind("Callable[X, Container[X], X]")));
}
