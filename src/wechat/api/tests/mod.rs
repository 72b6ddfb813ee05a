//! The client against a stand-in over real HTTP.

mod bodies;
mod files;
mod odd_answers;
mod stub;
mod token;
