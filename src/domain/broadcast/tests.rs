mod chunks;
mod help;
mod model;
mod run;
mod staff;
