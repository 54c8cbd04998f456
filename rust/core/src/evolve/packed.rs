//! Calls as numbers: a primitive and up to four arguments in 128 bits, which hash quickly.

/// Places and numbers stay below this, or a call is not packed.
const ARG_BITS: u32 = 28;
const ARGS_MAX: usize = 4;
/// Stands where there is no argument.
const NONE: u128 = (1 << ARG_BITS) - 1;
/// Stands for a call of a computed function.
pub const INVOKE: u16 = u16::MAX;

/// Packs a call; nothing if it has too many arguments or an argument's number is too large.
pub fn pack(callee: u16, args: &[u32]) -> Option<u128> {
    if args.len() > ARGS_MAX || args.iter().any(|&arg| u128::from(arg) >= NONE) {
        return None;
    }
    let key = (0..ARGS_MAX).fold(u128::from(callee), |key, place| {
        key << ARG_BITS | args.get(place).map_or(NONE, |&arg| arg.into())
    });
    Some(key)
}
