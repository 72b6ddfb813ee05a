//! Cases (办件): what a person asks of a person, from the first question to the stars at the end. Which kinds there are,
//! what each asks and what it promises is data (`menus/services.toml`); a case keeps the [`Plan`](record::Plan) that it
//! was handed in with.
//!
//! A case's own row holds where it stands; answers and entries are rows of their own. [`moves`] is the one place where
//! it changes its status.

#[cfg(test)]
mod account_tests;
pub mod audit;
pub mod draft;
pub mod entries;
pub mod erase;
pub mod moves;
pub mod news;
pub mod pairs;
pub mod queue;
pub mod record;
pub mod rounds;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod work;
