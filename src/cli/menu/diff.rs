//! What changes from one menu to another, button by button, in words.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::cli::out::tame;
use crate::wechat::menu::Button;

/// What happens to one button, or with `button` empty to a menu as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Change {
    /// Whose menu: `everybody's menu`, `menu drivers`.
    pub menu: String,
    /// The button of the bar that it is under; empty for those of the bar.
    pub under: String,
    pub button: String,
    pub change: Kind,
    /// What it leads to, or what is different.
    pub details: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Added,
    Removed,
    Changed,
}

/// What changes when `old` becomes `new`.
pub(super) fn changes(menu: &str, old: &[Button], new: &[Button]) -> Vec<Change> {
    let mut changes = Vec::new();
    level(menu, "", old, new, &mut changes);
    changes
}

/// A line each, indented below its menu and its button of the bar.
pub(super) fn drawn(changes: &[Change]) -> String {
    let mut text = String::new();
    let (mut menu, mut under) = ("", "");
    for change in changes {
        if change.menu != menu {
            (menu, under) = (&change.menu, "");
            text.push_str(&format!("{}\n", tame(menu)));
        }
        if change.under != under && !change.under.is_empty() {
            text.push_str(&format!("    {}\n", tame(&change.under)));
        }
        under = &change.under;
        text.push_str(&line(change));
    }
    text
}

fn line(change: &Change) -> String {
    let mark = match change.change {
        Kind::Added => '+',
        Kind::Removed => '-',
        Kind::Changed => '~',
    };
    let indent = if change.under.is_empty() { "" } else { "  " };
    let details = change.details.join("; ");
    let between = if change.button.is_empty() || details.is_empty() { "" } else { "  " };
    format!("  {mark} {indent}{}{between}{}\n", tame(&change.button), tame(&details))
}

fn level(menu: &str, under: &str, old: &[Button], new: &[Button], changes: &mut Vec<Change>) {
    let pairs = paired(old, new);
    let moved = moved(&pairs);
    let change = |button: &Button, change, details| Change {
        menu: menu.to_owned(),
        under: under.to_owned(),
        button: button.name.clone(),
        change,
        details,
    };
    for (at, (button, pair)) in new.iter().zip(&pairs).enumerate() {
        let Some((was, before)) = pair.and_then(|was| Some((was, old.get(was)?))) else {
            changes.push(change(button, Kind::Added, leads_to(button)));
            level(menu, &button.name, &[], &button.sub_button, changes);
            continue;
        };
        let mut details = differences(before, button);
        if moved.contains(&at) {
            details.push(format!("moved from place {} to {}", was + 1, at + 1));
        }
        if !details.is_empty() {
            changes.push(change(before, Kind::Changed, details));
        }
        level(menu, &button.name, &before.sub_button, &button.sub_button, changes);
    }
    let gone = old.iter().enumerate().filter(|(at, _)| !pairs.contains(&Some(*at)));
    for (_, button) in gone {
        changes.push(change(button, Kind::Removed, leads_to(button)));
        level(menu, &button.name, &button.sub_button, &[], changes);
    }
}

/// For each new button, the old one that it was: the one of its name, else one that leads to the same.
fn paired(old: &[Button], new: &[Button]) -> Vec<Option<usize>> {
    let mut taken = vec![false; old.len()];
    let mut pairs = vec![None; new.len()];
    let alike: [fn(&Button, &Button) -> bool; 2] = [|a, b| a.name == b.name, lead_to_the_same];
    for alike in alike {
        for (pair, button) in pairs.iter_mut().zip(new).filter(|(pair, _)| pair.is_none()) {
            let mut free = old.iter().zip(&mut taken).enumerate().filter(|(_, (_, taken))| !**taken);
            if let Some((at, (_, taken))) = free.find(|(_, (was, _))| alike(was, button)) {
                *taken = true;
                *pair = Some(at);
            }
        }
    }
    pairs
}

fn lead_to_the_same(one: &Button, other: &Button) -> bool {
    let (one, other) = (fields(one), fields(other));
    let target = |fields: &BTreeMap<String, String>| {
        let mut fields = fields.clone();
        fields.remove("name");
        fields
    };
    target(&one) == target(&other) && target(&one).len() > 1
}

/// Which new places are out of the order that the buttons had: all but a longest run that kept it.
fn moved(pairs: &[Option<usize>]) -> Vec<usize> {
    let kept: Vec<(usize, usize)> =
        pairs.iter().enumerate().filter_map(|(at, was)| Some((at, (*was)?))).collect();
    let mut runs: Vec<Vec<usize>> = Vec::new();
    for (at, was) in &kept {
        let before =
            |run: &&Vec<usize>| run.last().and_then(|last| pairs.get(*last).copied().flatten()) < Some(*was);
        let mut run = runs.iter().filter(before).max_by_key(|run| run.len()).cloned().unwrap_or_default();
        run.push(*at);
        runs.push(run);
    }
    let longest = runs.into_iter().max_by_key(Vec::len).unwrap_or_default();
    kept.into_iter().map(|(at, _)| at).filter(|at| !longest.contains(at)).collect()
}

fn differences(old: &Button, new: &Button) -> Vec<String> {
    let (old, new) = (fields(old), fields(new));
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differs = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    let told = |name: &String| match (old.get(name), new.get(name)) {
        (Some(old), Some(new)) => format!("{name} {old} → {new}"),
        (None, Some(new)) => format!("{name} {new} is new"),
        (Some(old), None) => format!("{name} {old} goes"),
        (None, None) => String::new(),
    };
    differs.map(told).collect()
}

fn leads_to(button: &Button) -> Vec<String> {
    let mut fields = fields(button);
    fields.remove("name");
    let kind = fields.remove("type");
    let rest: Vec<String> = fields.into_iter().map(|(name, value)| format!("{name} {value}")).collect();
    let whole = kind.into_iter().chain(Some(rest.join(", ")).filter(|rest| !rest.is_empty()));
    whole.collect()
}

/// Everything that a button has but its own buttons, by WeChat's names.
fn fields(button: &Button) -> BTreeMap<String, String> {
    let value = serde_json::to_value(button).unwrap_or_default();
    let fields = value.as_object().into_iter().flatten().filter(|(name, _)| *name != "sub_button");
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    fields.map(|(name, value)| (name.clone(), text(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn buttons(value: Value) -> Vec<Button> {
        serde_json::from_value(value).unwrap()
    }

    fn click(name: &str, key: &str) -> Value {
        json!({ "type": "click", "name": name, "key": key })
    }

    fn check(old: Value, new: Value, expected: &str) {
        assert_eq!(drawn(&changes("everybody's menu", &buttons(old), &buttons(new))), expected);
    }

    #[test]
    fn the_same_menu_has_no_change() {
        let menu = json!([click("报名", "a"), { "name": "我的", "sub_button": [click("券包", "w")] }]);
        let theirs = json!([
            { "type": "click", "name": "报名", "key": "a", "sub_button": [] },
            { "name": "我的", "sub_button": [{ "type": "click", "name": "券包", "key": "w", "sub_button": [] }] },
        ]);
        check(theirs, menu, "");
    }

    #[test]
    fn each_button_says_what_becomes_of_it() {
        let old = json!([
            { "name": "福利活动", "sub_button": [
                click("活动报名", "activity.list"), click("福利领取", "welfare.list"), click("每周手工", "craft"),
            ]},
            { "type": "view", "name": "官网", "url": "https://a" },
        ]);
        let new = json!([
            { "name": "福利活动", "sub_button": [
                click("每周手工", "craft"), click("报名", "activity.list"), click("福利领取", "welfare.all"),
                { "type": "view", "name": "年货节", "url": "https://b" },
            ]},
            { "name": "我的", "sub_button": [click("券包", "w")] },
        ]);
        let expected = "\
everybody's menu
    福利活动
  ~   每周手工  moved from place 3 to 1
  ~   活动报名  name 活动报名 → 报名
  ~   福利领取  key welfare.list → welfare.all
  +   年货节  view; url https://b
  + 我的
    我的
  +   券包  click; key w
  - 官网  view; url https://a
";
        check(old, new, expected);
    }

    #[test]
    fn a_name_from_outside_can_not_drive_the_terminal() {
        check(json!([]), json!([click("\u{1b}[2J", "k")]), "everybody's menu\n  + ?[2J  click; key k\n");
    }
}
