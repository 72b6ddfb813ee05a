//! The medical mutual aid to try: the built-in scheme, and sample members who were enrolled in every window of it.

use jiff::civil::Date;
use serde_json::Value;

use super::members;
use crate::domain::scheme::file::{self, EMBEDDED, SchemeFile};
use crate::domain::scheme::record::{How, Programme, Window};
use crate::staff::scheme::{ListForm, RowForm};

/// The programmes that a unit's union enrols its people in, and those that a retiree joins singly.
const OF_UNITS: &[&str] = &["inpatient_active", "critical"];
const SINGLY: &[&str] = &["inpatient_retired"];

/// An enrolment list as staff would send it.
pub struct SampleList {
    pub scheme: String,
    pub form: ListForm,
    pub rows: Vec<RowForm>,
}

/// The built-in scheme files, by name. Once the last term of cover is over, their years are moved on, so that there is
/// always somebody who is covered.
pub fn schemes(today: Date) -> Vec<(&'static str, String)> {
    let moved = |(path, text): &(&'static str, &str)| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let last = file::read(path, text).ok().and_then(|file| last_covered(&file));
        let years = last.map_or(0, |last| years_until(last, today));
        (name, if years == 0 { (*text).to_owned() } else { later(text, years) })
    };
    EMBEDDED.iter().map(moved).collect()
}

fn last_covered(file: &SchemeFile) -> Option<Date> {
    let windows = file.programmes.iter().flat_map(|programme| &programme.windows);
    windows.filter_map(|window| window.cover_until).max()
}

/// How many years `last` has to be moved on not to lie before the day.
fn years_until(last: Date, day: Date) -> i16 {
    let years = (day.year() - last.year()).max(0);
    let moved = last.saturating_add(jiff::Span::new().years(years));
    years + i16::from(moved < day)
}

/// With every year of a day, and the version, so much later.
fn later(text: &str, years: i16) -> String {
    let moved = |line: &str| {
        if let Some(version) = line.strip_prefix("version = ").and_then(|version| version.parse::<i16>().ok())
        {
            return format!("version = {}\n", version + years);
        }
        let mut parts = line.split("\"20");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let day =
                part.get(..3).filter(|begin| begin.ends_with('-')).and_then(|begin| begin[..2].parse().ok());
            let year = day.map(|year: i16| format!("\"{}", 2000 + year + years));
            out += &year.map_or_else(|| format!("\"20{part}"), |year| year + &part[2..]);
        }
        out + "\n"
    };
    text.lines().map(moved).collect()
}

/// What was enrolled in the windows of these schemes until today: active members by their units, the retired singly.
pub fn enrolments(files: &[SchemeFile], today: Date) -> Vec<SampleList> {
    let of_file = |file: &SchemeFile| -> Vec<SampleList> {
        let programmes = file.programmes.iter().filter_map(|programme| Some((programme, who(programme)?)));
        let lists = programmes.flat_map(|(programme, rows)| {
            let past = |window: &&Window| !window.late && !window.new_hires && window.from <= today;
            let list = move |window: &Window| SampleList {
                scheme: file.scheme.clone(),
                form: form(programme, window.from),
                rows: rows.clone(),
            };
            programme.windows.iter().filter(past).map(list)
        });
        lists.collect()
    };
    files.iter().flat_map(of_file).collect()
}

fn form(programme: &Programme, entered: Date) -> ListForm {
    let name = format!("sample{}{entered}", programme.key);
    ListForm {
        rows: None,
        file: name.chars().filter(char::is_ascii_alphanumeric).collect(),
        programme: programme.key.clone(),
        unit: String::new(),
        district: String::new(),
        entered: Some(entered),
        years: 1,
        shares: 1,
        class: None,
        people: None,
        again: false,
        new_hires: false,
    }
}

/// The sample members whom a programme is for.
fn who(programme: &Programme) -> Option<Vec<RowForm>> {
    let (tier, how) = match programme.key.as_str() {
        key if OF_UNITS.contains(&key) => ("full", How::Unit),
        key if SINGLY.contains(&key) => ("retained", How::Single),
        _ => return None,
    };
    let word = |member: &Value, name: &str| member[name].as_str().unwrap_or_default().to_owned();
    let row = |member: &Value| RowForm {
        name: word(member, "name"),
        identity: word(member, "identity"),
        unit: if how == How::Unit { word(member, "union") } else { String::new() },
        district: word(member, "district"),
        shares: None,
    };
    let all = members();
    let fits = |member: &&Value| member["tier"] == tier && member["state"] == "active";
    Some(all.iter().filter(fits).map(row).collect())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn files(today: Date) -> Vec<SchemeFile> {
        schemes(today).iter().map(|(name, text)| file::read(name, text).unwrap()).collect()
    }

    #[test]
    fn on_any_day_somebody_is_covered() {
        let days = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 11, 28), date(2027, 4, 30)];
        let later_days = [date(2027, 5, 1), date(2028, 4, 30), date(2032, 2, 29), date(2041, 12, 31)];
        for today in days.into_iter().chain(later_days) {
            let files = files(today);
            assert!(last_covered(&files[0]).is_some_and(|last| last >= today), "on {today}");
            let lists = enrolments(&files, today);
            let latest = |key: &str| {
                lists
                    .iter()
                    .filter(|list| list.form.programme == key)
                    .filter_map(|list| list.form.entered)
                    .max()
            };
            for key in OF_UNITS.iter().chain(SINGLY) {
                let since = latest(key).unwrap();
                assert!(
                    since <= today && since >= today.saturating_sub(jiff::Span::new().months(13)),
                    "on {today}"
                );
            }
            assert!(lists.iter().all(|list| !list.rows.is_empty()));
        }
    }

    #[test]
    fn while_its_terms_go_on_the_file_is_as_it_was_built_in() {
        for ((_, text), (_, built_in)) in schemes(date(2026, 11, 28)).iter().zip(EMBEDDED) {
            assert_eq!(text, built_in);
        }
        assert_eq!(files(date(2027, 5, 1))[0].version, 2025);
    }
}
