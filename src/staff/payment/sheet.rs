//! The bank's files: what it is sent, and what it sends back.

use super::view::ProblemView;
use crate::domain::claim::payment::{BankResult, BankRow, Line};
use crate::domain::claim::record::ClaimId;
use crate::domain::scheme::record::Fen;
use crate::staff::activity::inert;

const REASON_CHARS_MAX: usize = 100;

/// The rows for the bank as CSV: UTF-8 with a byte order mark, nothing of it a formula. Each payment's number names its
/// batch, so that no other batch takes what the bank says of it.
pub fn write(batch: u64, lines: &[(ClaimId, Line)]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    writer.write_record(["编号", "户名", "账号", "开户行", "金额", "用途"])?;
    for (id, line) in lines {
        let account = line.account.reveal();
        writer.write_record([
            format!("{batch}-{id}"),
            inert(&account.holder),
            inert(&account.number),
            inert(&account.bank),
            line.amount.to_string(),
            "职工互助金".to_owned(),
        ])?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A row by its line, or what is wrong with it.
pub type ReadRow = (u64, Result<BankRow, ProblemView>);

/// Reads the bank's results: each row stands for itself, and a bad one is named by its line.
pub fn read(text: &str) -> Result<Vec<ReadRow>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let head = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |names: &[&str]| head.iter().position(|head| names.contains(&head.to_lowercase().as_str()));
    let number = column(&["number", "编号"]).ok_or("the column `number` (编号) is missing")?;
    let result = column(&["result", "结果"]).ok_or("the column `result` (结果) is missing")?;
    let (reason, amount) = (column(&["reason", "原因"]), column(&["amount", "金额"]));
    let mut rows = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let at = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(2);
        let row = record.map_err(|error| problem(at, error.to_string())).and_then(|record| {
            let cell = |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or("");
            let (batch, claim) = reference(cell(Some(number)))
                .ok_or_else(|| problem(at, "the number is none of a payment, such as 3-L000012"))?;
            let (result, arrived) = match cell(Some(result)).to_lowercase().as_str() {
                "paid" | "成功" => (BankResult::Paid, false),
                "arrived" | "确已到账" => (BankResult::Paid, true),
                "failed" | "失败" => (BankResult::Failed, false),
                "not_made" | "未办理" => (BankResult::NotMade, false),
                _ => {
                    let known =
                        "`paid` (成功), `failed` (失败), `not_made` (未办理) nor `arrived` (确已到账)";
                    return Err(problem(at, format!("the result is neither {known}")));
                }
            };
            let reason: String =
                cell(reason).chars().filter(|c| !c.is_control()).take(REASON_CHARS_MAX).collect();
            let amount = match cell(amount) {
                "" => None,
                // As spreadsheets show it: 1,800.00.
                text => Some(
                    text.replace(',', "").parse::<Fen>().map_err(|error| problem(at, error.to_string()))?,
                ),
            };
            Ok(BankRow { claim, result, arrived, reason, amount, batch })
        });
        rows.push((at, row));
    }
    Ok(rows)
}

/// The batch and the claim of `3-L000012`; of `L000012` the claim alone.
fn reference(number: &str) -> Option<(Option<u64>, ClaimId)> {
    match number.split_once('-') {
        Some((batch, claim)) => Some((Some(batch.parse().ok()?), claim.parse().ok()?)),
        None => Some((None, number.parse().ok()?)),
    }
}

fn problem(line: u64, message: impl Into<String>) -> ProblemView {
    ProblemView { line, code: "unreadable".to_owned(), message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banks_words_are_read_and_bad_rows_are_named_by_line() {
        let text = "\u{feff}编号,金额,结果,原因\n3-L000001,\"1,800.00\",成功,\nL000002,,失败,户名不符\nx,,成功,\nL3,,maybe,\n4-L000005,,未办理,\n4-L000006,,确已到账,\n";
        let rows = read(text).unwrap();
        let of = |at: usize| rows[at].1.clone().map(|row| (row.batch, row.claim.0, row.result, row.reason));
        assert_eq!(of(0), Ok((Some(3), 1, BankResult::Paid, String::new())));
        assert_eq!(of(1), Ok((None, 2, BankResult::Failed, "户名不符".to_owned())));
        assert_eq!(of(4), Ok((Some(4), 5, BankResult::NotMade, String::new())));
        assert_eq!(of(5).map(|row| row.2), Ok(BankResult::Paid));
        let arrived = rows.iter().filter_map(|(_, row)| row.as_ref().ok()).map(|row| row.arrived);
        assert_eq!(arrived.collect::<Vec<_>>(), [false, false, false, true]);
        assert_eq!(rows[0].1.as_ref().map(|row| row.amount), Ok(Some(Fen::yuan(1_800))));
        let bad: Vec<u64> = rows.iter().filter(|(_, row)| row.is_err()).map(|(line, _)| *line).collect();
        assert_eq!(bad, [4, 5]);
        assert!(read("a,b\n1,2\n").is_err());
    }
}
