//! The real program, as followers, staff and operators use it: its words and exit codes, a service that is started, asked,
//! killed and stopped, and what is on disk afterwards.

mod account;
mod broadcast_crash;
mod cli;
mod coupon_crash;
mod crash;
mod follower;
mod keeping;
mod members;
mod recorded;
mod seats;
mod serving;
mod site;
