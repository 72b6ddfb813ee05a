//! How often the articles of mass sends were read, as WeChat's statistics tell (图文分析).

use std::collections::BTreeMap;

use super::chunks::all;
use crate::domain::tables::*;
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Broadcasts looked at, the latest first.
const BROADCASTS_MAX: usize = 200;

/// WeChat counts the reads of this chunk's articles under that id.
pub fn count_under(tx: &mut Tx, id: u32, number: u32, data_id: &str) -> Result<(), Fault> {
    let Some(mut chunk) = tx.get(&CHUNKS, &(id, number))? else { return Ok(()) };
    chunk.data_id = Some(data_id.to_owned());
    tx.put(&CHUNKS, &(id, number), &chunk)
}

/// Of each send whose articles are counted: the broadcast, and when it was begun.
pub fn counted(tx: &Tx) -> Result<Vec<(u32, Time)>, Fault> {
    let mut sent = Vec::new();
    for (id, _) in tx.scan_back(&OPEN_BROADCASTS, &(), None, BROADCASTS_MAX)?.rows {
        let chunks = all(tx, id)?.into_iter().filter(|(_, chunk)| chunk.data_id.is_some());
        sent.extend(chunks.filter_map(|(_, chunk)| Some((id, chunk.begun?))));
    }
    Ok(sent)
}

/// Takes down what is told of this broadcast's sends, by the ids under which they are counted; of those that are told of
/// no more the last word stands.
pub fn read(tx: &mut Tx, id: u32, times: &BTreeMap<String, u64>) -> Result<(), Fault> {
    let Some(mut run) = tx.get(&RUNS, &id)? else { return Ok(()) };
    let mut sum = None;
    for (number, mut chunk) in all(tx, id)? {
        let told = chunk.data_id.as_ref().and_then(|data_id| times.get(data_id));
        if let Some(told) = told.filter(|told| chunk.read != Some(**told)) {
            chunk.read = Some(*told);
            tx.put(&CHUNKS, &(id, number), &chunk)?;
        }
        sum = chunk.read.map(|read| sum.unwrap_or(0) + read).or(sum);
    }
    if run.read != sum {
        run.read = sum;
        tx.put(&RUNS, &id, &run)?;
    }
    Ok(())
}
