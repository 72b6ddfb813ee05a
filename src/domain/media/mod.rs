//! Pictures that followers sent: fetched before WeChat drops them, kept sealed, deleted when their time is over.

pub mod commands;
pub mod record;
#[cfg(test)]
mod tests;
