//! Cases against the store: moves, clock, erasure, pairs.
