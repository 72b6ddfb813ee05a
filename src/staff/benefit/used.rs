//! A provider's codes that were used, from a CSV file.

use super::acts::act;
use super::codes::{CODES_MAX, Line, read};
use crate::domain::benefit::record::BenefitCode;
use crate::domain::benefit::used::{Reported, USED_PER_COMMIT, UsedCode, report};
use crate::staff::form::wrong;
use crate::staff::{Act, ActError, Call, perform};

/// Marks a CSV of codes as used: a column `code`, and if the provider says when, an `at`. They go in by the hundred,
/// each hundred whole; the same file again changes nothing.
pub async fn report_used(call: &Call, id: BenefitCode, csv: &str) -> Result<Reported, ActError> {
    let (lines, refused) = read(csv, "at")?;
    if lines.len() > CODES_MAX {
        return Err(wrong("", "at most 5000 codes in one call; send the rest in another"));
    }
    let used: Vec<UsedCode> =
        lines.into_iter().map(|Line { line, code, time }| UsedCode { line, code, at: time }).collect();
    let mut all = Reported { refused, ..Reported::default() };
    for (index, part) in used.chunks(USED_PER_COMMIT).enumerate() {
        let request = format!("{part:?}");
        let act =
            Act { detail: format!("{} codes", part.len()), ..act("benefit.used", id.to_string(), &request) };
        let (part, by) = (part.to_vec(), call.who.name.clone());
        let done: Reported = perform(&call.part(index), act, move |tx| {
            Ok(report(tx, id.0, &by, &part)?.map(|reported| (id.to_string(), reported)))
        })
        .await?;
        all.marked += done.marked;
        all.known += done.known;
        all.refused.extend(done.refused);
    }
    all.refused.sort_by_key(|no| no.line);
    Ok(all)
}
