//! Why a rule of the domain says no, as staff are told.

use std::convert::Infallible;
use std::fmt::Display;

pub trait Refuse: Display + Send + 'static {
    /// Stable.
    fn code(&self) -> &'static str;
    /// What there isn't, if that is why.
    fn missing(&self) -> Option<&'static str>;
}

/// A refusal that knows its code, with what there isn't where it says that.
macro_rules! refuse {
    ($refusal:ident { $($missing:ident => $such:literal),+ }) => {
        impl $crate::staff::Refuse for $refusal {
            fn code(&self) -> &'static str {
                (*self).code()
            }

            fn missing(&self) -> Option<&'static str> {
                match self {
                    $($refusal::$missing => Some($such),)+
                    _ => None,
                }
            }
        }
    };
}

pub(super) use refuse;

/// For acts that no rule refuses.
impl Refuse for Infallible {
    fn code(&self) -> &'static str {
        match *self {}
    }

    fn missing(&self) -> Option<&'static str> {
        match *self {}
    }
}
