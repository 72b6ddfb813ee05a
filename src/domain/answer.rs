//! How a command passes on that a rule said no.

/// What was found; a refusal is the answer of the command that it stands in.
macro_rules! or_refused {
    ($found:expr) => {
        match $found? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        }
    };
}

pub(crate) use or_refused;
