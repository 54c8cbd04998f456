//! How a family declares its primitives.

/// Makes a family's table: `name(parameters) = kernel`, and `built by f` where one builds
/// functions.
macro_rules! primitives {
    ($($name:ident($($parameter:ident),*) = $kernel:expr $(, built by $built:expr)?;)*) => {
        /// The primitives of this family.
        pub(super) static PRIMITIVES: &[$crate::primitives::Primitive] = &[$(
            $crate::primitives::Primitive {
                name: stringify!($name),
                parameters: &[$(stringify!($parameter)),*],
                kernel: $kernel,
                built: $crate::primitives::table::primitives!(@built $($built)?),
            },
        )*];
    };
    (@built) => { None };
    (@built $built:expr) => { Some($built) };
}

pub(super) use primitives;
