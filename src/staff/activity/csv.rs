use super::people_form::InsuranceForm;
use super::view::{ConsentView, RegistrationView, Roster};

/// The columns of a roster as a table; one for each question follows.
pub const ROSTER_HEAD: [&str; 15] = [
    "报名号",
    "状态",
    "场次",
    "到场",
    "粉丝",
    "同行",
    "大人年龄",
    "孩子",
    "名额",
    "名额类别",
    "报名时间",
    "候补跳过原因",
    "同意",
    "保险",
    "填写内容删除于",
];

/// One sign-up under [`ROSTER_HEAD`] and `questions`, as it is written: see [`inert`].
pub fn roster_row(
    row: &RegistrationView,
    insurance: Option<&InsuranceForm>,
    questions: &[String],
) -> Vec<String> {
    let passed: Vec<&str> = row.passed_over.iter().map(|skip| skip.why.as_str()).collect();
    let fixed = [
        row.number.clone(),
        status(row).to_owned(),
        row.session.to_string(),
        row.attendance.as_deref().map_or("", attendance).to_owned(),
        row.follower.clone(),
        row.party.companions.to_string(),
        ages(&row.party.adults),
        ages(&row.party.children),
        row.party.seats.to_string(),
        row.share.clone().unwrap_or_default(),
        row.created.to_string(),
        passed.join("; "),
        agreed(row),
        match (insurance, row.status.as_str()) {
            (Some(insurance), "confirmed") => format!("{} {}", insurance.by, insurance.number),
            _ => String::new(),
        },
        row.erased.map(|at| at.to_string()).unwrap_or_default(),
    ];
    let answers = questions.iter().map(|name| row.answers.get(name).cloned().unwrap_or_default());
    fixed.into_iter().chain(answers).collect()
}

/// The roster as CSV that a spreadsheet opens: UTF-8 with a byte order mark, and nothing that a follower typed
/// runs as a formula.
pub fn roster_csv(roster: &Roster) -> Result<String, csv::Error> {
    let mut questions: Vec<String> =
        roster.registrations.iter().flat_map(|row| row.answers.keys().cloned()).collect();
    questions.sort();
    questions.dedup();
    let mut writer = csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    let head = ROSTER_HEAD.iter().map(|head| (*head).to_owned());
    writer.write_record(head.chain(questions.iter().map(|name| inert(name))))?;
    for row in &roster.registrations {
        let cells = roster_row(row, roster.insurance.as_ref(), &questions);
        writer.write_record(cells.iter().map(|cell| inert(cell)))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// One of 0 was not asked or is erased.
fn ages(ages: &[u8]) -> String {
    let one = |age: &u8| if *age == 0 { "1位".to_owned() } else { format!("{age}岁") };
    ages.iter().map(one).collect::<Vec<_>>().join("、")
}

/// What was agreed to, with version and time.
fn agreed(row: &RegistrationView) -> String {
    let name = |kind: &str| match kind {
        "notice" => "须知",
        "guardian" => "监护人",
        "health" => "健康",
        "photo" => "肖像",
        _ => "其他",
    };
    let one = |(kind, said): (&String, &ConsentView)| match said.given {
        true => format!("{} v{} {}", name(kind), said.version, said.at),
        false => format!("{} v{} 不同意", name(kind), said.version),
    };
    row.consents.iter().map(one).collect::<Vec<_>>().join("；")
}

fn status(row: &RegistrationView) -> &str {
    match (row.status.as_str(), row.ended_by.as_deref()) {
        ("applied", _) => "待抽签或审核",
        ("confirmed", _) => "已报名",
        ("waiting", _) => "候补",
        ("offered", _) => "候补转正待确认",
        ("not_drawn", _) => "未中签",
        ("late_cancel", _) => "过时取消",
        ("cancelled", Some("refused")) => "未通过审核",
        ("cancelled", Some("undecided")) => "开始前没有审核",
        ("cancelled", Some("staff")) => "工作人员代为取消",
        ("cancelled", Some("declined")) => "放弃候补",
        ("cancelled", Some("lapsed")) => "候补过时",
        ("cancelled", _) => "已取消",
        (other, _) => other,
    }
}

fn attendance(known: &str) -> &str {
    match known {
        "present" => "已签到",
        "absent" => "缺席",
        "excused" => "请假",
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
