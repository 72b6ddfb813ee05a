//! Where something stands: a name for people and programs, a place for the store's order.

/// `Status { Draft = "draft", Open = "open" }`: every status in its order, its name, and reading it again. As a key it is its
/// place, so a new one stands at the end.
macro_rules! named_status {
    ($status:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        impl $status {
            pub const ALL: &'static [$status] = &[$($status::$variant),+];

            pub fn name(self) -> &'static str {
                match self {
                    $($status::$variant => $name),+
                }
            }
        }

        impl std::str::FromStr for $status {
            type Err = ();

            fn from_str(name: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|status| status.name() == name).ok_or(())
            }
        }

        impl crate::store::Key for $status {
            fn encode(&self, out: &mut Vec<u8>) {
                let place = Self::ALL.iter().position(|status| status == self).unwrap_or_default();
                u8::try_from(place).unwrap_or(u8::MAX).encode(out);
            }

            fn decode(from: &mut &[u8]) -> Option<Self> {
                Self::ALL.get(usize::from(<u8 as crate::store::Key>::decode(from)?)).copied()
            }
        }
    };
}

pub(super) use named_status;
