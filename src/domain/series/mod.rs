//! Series: a rule makes the next round's sign-up, as the Tuesday craft class has one every week.

pub mod commands;
pub mod record;
