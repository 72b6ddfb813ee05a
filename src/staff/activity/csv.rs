use super::view::{ConsentView, RegistrationView, Roster};

/// The roster as CSV that a spreadsheet opens: UTF-8 with a byte order mark, and nothing that a follower typed
/// runs as a formula.
pub fn roster_csv(roster: &Roster) -> Result<String, csv::Error> {
    let mut names: Vec<&String> = roster.registrations.iter().flat_map(|row| row.answers.keys()).collect();
    names.sort();
    names.dedup();
    let mut writer = csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    let fixed =
        ["报名号", "状态", "场次", "粉丝", "同行", "孩子", "名额", "报名时间", "名额类别", "同意", "保险"];
    writer.write_record(
        fixed.iter().map(|head| (*head).to_owned()).chain(names.iter().map(|name| inert(name))),
    )?;
    for row in &roster.registrations {
        let ages = row.party.children.iter().map(|age| format!("{age}岁")).collect::<Vec<_>>().join("、");
        let fixed = [
            row.number.clone(),
            status(&row.status).to_owned(),
            row.session.to_string(),
            inert(&row.follower),
            row.party.companions.to_string(),
            ages,
            row.party.seats.to_string(),
            row.created.to_string(),
            inert(row.share.as_deref().unwrap_or_default()),
            agreed(row),
            match (&roster.insurance, row.status.as_str()) {
                (Some(insurance), "confirmed") => inert(&format!("{} {}", insurance.by, insurance.number)),
                _ => String::new(),
            },
        ];
        let answers = names.iter().map(|name| inert(row.answers.get(*name).map_or("", String::as_str)));
        writer.write_record(fixed.into_iter().chain(answers))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// `guardian v1 2026-11-25T09:00:00+08:00; photo v1 no`
fn agreed(row: &RegistrationView) -> String {
    let one = |(kind, said): (&String, &ConsentView)| match said.given {
        true => format!("{kind} v{} {}", said.version, said.at),
        false => format!("{kind} v{} no", said.version),
    };
    row.consents.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn status(status: &str) -> &str {
    match status {
        "confirmed" => "已报名",
        "waiting" => "候补",
        "cancelled" => "已取消",
        "applied" => "待抽签",
        "offered" => "候补转正待确认",
        "not_drawn" => "未中签",
        "late_cancel" => "过时取消",
        other => other,
    }
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection).
pub fn inert(cell: &str) -> String {
    let cell: String = cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let first = cell.trim_start().chars().next();
    if first.is_some_and(|c| "=+-@＝＋－＠".contains(c)) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_follower_types_is_a_formula() {
        for cell in ["=1+1", "+86", "-1", "@x", "＝cmd", "\t=1", " =1", "\r@x"] {
            assert!(inert(cell).starts_with('\''), "{cell:?}");
        }
        assert_eq!(inert("张三"), "张三");
        assert_eq!(inert("a\nb"), "a b");
    }
}
