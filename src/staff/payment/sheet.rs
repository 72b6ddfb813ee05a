//! The bank's files: what it is sent, and what it sends back.

use super::view::ProblemView;
use crate::domain::claim::payment::{BankRow, Line};
use crate::domain::claim::record::ClaimId;
use crate::domain::scheme::record::Fen;
use crate::staff::activity::inert;

const REASON_CHARS_MAX: usize = 100;

/// The rows for the bank as CSV: UTF-8 with a byte order mark, nothing of it a formula.
pub fn write(lines: &[(ClaimId, Line)]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    writer.write_record(["编号", "户名", "账号", "开户行", "金额", "用途"])?;
    for (id, line) in lines {
        let account = line.account.reveal();
        writer.write_record([
            id.to_string(),
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
            let claim = cell(Some(number)).parse();
            let claim = claim.map_err(|()| problem(at, "the number is none of a claim, such as L000012"))?;
            let paid = match cell(Some(result)).to_lowercase().as_str() {
                "paid" | "成功" => true,
                "failed" | "失败" => false,
                _ => return Err(problem(at, "the result is neither `paid` (成功) nor `failed` (失败)")),
            };
            let reason: String =
                cell(reason).chars().filter(|c| !c.is_control()).take(REASON_CHARS_MAX).collect();
            let amount = match cell(amount) {
                "" => None,
                text => Some(text.parse::<Fen>().map_err(|error| problem(at, error.to_string()))?),
            };
            Ok(BankRow { claim, paid, reason, amount })
        });
        rows.push((at, row));
    }
    Ok(rows)
}

fn problem(line: u64, message: impl Into<String>) -> ProblemView {
    ProblemView { line, code: "unreadable".to_owned(), message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banks_words_are_read_and_bad_rows_are_named_by_line() {
        let text = "\u{feff}编号,金额,结果,原因\nL000001,1800.00,成功,\nL000002,,失败,户名不符\nx,,成功,\nL3,,maybe,\n";
        let rows = read(text).unwrap();
        let first =
            BankRow { claim: ClaimId(1), paid: true, reason: String::new(), amount: Some(Fen::yuan(1_800)) };
        assert_eq!(rows[0], (2, Ok(first)));
        assert_eq!(rows[1].1.as_ref().map(|row| (row.paid, row.reason.as_str())), Ok((false, "户名不符")));
        let bad: Vec<u64> = rows.iter().filter(|(_, row)| row.is_err()).map(|(line, _)| *line).collect();
        assert_eq!(bad, [4, 5]);
        assert!(read("a,b\n1,2\n").is_err());
    }
}
