//! What has to be done to an account so that its menus equal the files.

use std::collections::BTreeMap;

use serde_json::Value;

use super::diff::{Change, Kind, changes};
use super::files::Menus;
use crate::wechat::api::AccountMenu;
use crate::wechat::menu::{MatchRule, Menu};

const EVERYBODY: &str = "everybody's menu";

/// The steps, in the order in which they are taken. A personalised menu can't be changed, so another takes its place
/// before it is deleted.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Plan {
    pub create: Option<Menu>,
    pub add: Vec<(String, Menu)>,
    /// By WeChat's ids.
    pub delete: Vec<String>,
    pub changes: Vec<Change>,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.create.is_none() && self.add.is_empty() && self.delete.is_empty()
    }
}

/// `None` for the account: it has no menu.
pub(super) fn plan(account: Option<&AccountMenu>, files: &Menus) -> Plan {
    let mut plan = Plan::default();
    let nothing = AccountMenu::default();
    let account = account.unwrap_or(&nothing);
    if account.menu.button != files.default.button {
        plan.create = Some(files.default.clone());
        plan.changes = changes(EVERYBODY, &account.menu.button, &files.default.button);
    }
    conditional(&account.conditional, &files.conditional, may_meet, &mut plan);
    plan
}

/// What changes when a set of files becomes another. Files have no age, so none overtakes another.
pub(super) fn changes_of_files(old: &Menus, new: &Menus) -> Vec<Change> {
    let named = |(name, menu): &(String, Menu)| Menu { menuid: Some(name.as_str().into()), ..menu.clone() };
    let old_conditional: Vec<Menu> = old.conditional.iter().map(named).collect();
    let changes = changes(EVERYBODY, &old.default.button, &new.default.button);
    let mut plan = Plan { changes, ..Plan::default() };
    conditional(&old_conditional, &new.conditional, |_, _| false, &mut plan);
    plan.changes
}

/// `overtakes`: whether adding the first makes it necessary to add the second again.
fn conditional(
    theirs: &[Menu],
    files: &[(String, Menu)],
    overtakes: fn(&Menu, &Menu) -> bool,
    plan: &mut Plan,
) {
    let mut left: Vec<&Menu> = theirs.iter().collect();
    let mut newer: Vec<&Menu> = Vec::new();
    for (name, menu) in files {
        let title = format!("menu {name}, for {}", condition(menu));
        let same = take(&mut left, |theirs| rule(theirs) == rule(menu) && theirs.button == menu.button);
        // What is added is the newest and goes before older ones: who is to go before it has to be added again.
        let is_overtaken = newer.iter().any(|other| overtakes(other, menu));
        let old = match same {
            Some(_) if !is_overtaken => continue,
            Some(old) => {
                plan.changes.push(whole(&title, Kind::Changed, "is added again, to go before the others"));
                Some(old)
            }
            None => take(&mut left, |theirs| rule(theirs) == rule(menu)).inspect(|old| {
                plan.changes.extend(changes(&title, &old.button, &menu.button));
            }),
        };
        if old.is_none() {
            plan.changes.push(whole(&title, Kind::Added, "is new"));
            plan.changes.extend(changes(&title, &[], &menu.button));
        }
        plan.delete.extend(old.and_then(id));
        plan.add.push((name.clone(), menu.clone()));
        newer.push(menu);
    }
    for old in left {
        let title = format!("menu {}, for {}", id(old).unwrap_or_default(), condition(old));
        plan.changes.push(whole(&title, Kind::Removed, "goes"));
        plan.delete.extend(id(old));
    }
}

fn take<'a>(menus: &mut Vec<&'a Menu>, fits: impl Fn(&Menu) -> bool) -> Option<&'a Menu> {
    let at = menus.iter().position(|menu| fits(menu))?;
    Some(menus.remove(at))
}

fn whole(menu: &str, change: Kind, what: &str) -> Change {
    let (under, button) = (String::new(), String::new());
    Change { menu: menu.to_owned(), under, button, change, details: vec![what.to_owned()] }
}

fn id(menu: &Menu) -> Option<String> {
    menu.menuid.as_ref().map(text)
}

/// A rule's conditions that count, by name. WeChat writes the others as empty texts, and `tag_id` sometimes by its
/// old name.
pub(super) fn rule(menu: &Menu) -> BTreeMap<String, String> {
    let Some(MatchRule { tag_id, client_platform_type, extra }) = &menu.matchrule else {
        return BTreeMap::new();
    };
    let named = [("tag_id", tag_id), ("client_platform_type", client_platform_type)];
    let named = named.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let others = extra.iter().map(|(name, value)| match name.as_str() {
        "group_id" => ("tag_id", value),
        name => (name, value),
    });
    let conditions = others.chain(named).map(|(name, value)| (name.to_owned(), text(value)));
    conditions.filter(|(_, value)| !value.is_empty() && value != "null").collect()
}

fn condition(menu: &Menu) -> String {
    let conditions = rule(menu);
    conditions.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(" and ")
}

/// Whether one follower may fit both: they may have any tags, and one phone.
fn may_meet(one: &Menu, other: &Menu) -> bool {
    let platform = |menu| rule(menu).remove("client_platform_type");
    match (platform(one), platform(other)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn menu(key: &str, rule: Value) -> Menu {
        let mut menu = json!({ "button": [{ "type": "click", "name": "报名", "key": key }] });
        if !rule.is_null() {
            menu["matchrule"] = rule;
        }
        serde_json::from_value(menu).unwrap()
    }

    fn theirs(key: &str, rule: Value, id: u64) -> Menu {
        Menu { menuid: Some(json!(id)), ..menu(key, rule) }
    }

    fn files(conditional: &[(&str, &str, Value)]) -> Menus {
        let conditional =
            conditional.iter().map(|(name, key, rule)| ((*name).to_owned(), menu(key, rule.clone())));
        Menus { default: menu("all", Value::Null), conditional: conditional.collect() }
    }

    fn account(conditional: Vec<Menu>) -> AccountMenu {
        AccountMenu { menu: menu("all", Value::Null), conditional }
    }

    /// What is added and deleted.
    fn steps(plan: &Plan) -> (Vec<&str>, Vec<&str>) {
        (
            plan.add.iter().map(|(name, _)| name.as_str()).collect(),
            plan.delete.iter().map(String::as_str).collect(),
        )
    }

    #[test]
    fn an_account_that_equals_the_files_is_left_alone() {
        let rule = json!({ "group_id": 2, "sex": "", "client_platform_type": "" });
        let account = account(vec![theirs("a", rule, 7)]);
        let plan = plan(Some(&account), &files(&[("drivers", "a", json!({ "tag_id": "2" }))]));
        assert!(plan.is_empty() && plan.changes.is_empty(), "{plan:?}");
    }

    #[test]
    fn an_empty_account_gets_everything() {
        let plan = plan(None, &files(&[("drivers", "a", json!({ "tag_id": 2 }))]));
        assert!(plan.create.is_some());
        assert_eq!(steps(&plan), (vec!["drivers"], vec![]));
        let drawn = super::super::diff::drawn(&plan.changes);
        let expected = "\
everybody's menu
  + 报名  click; key all
menu drivers, for tag_id 2
  + is new
  + 报名  click; key a
";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn a_changed_one_is_added_before_the_old_one_is_deleted_and_strangers_go() {
        let account =
            account(vec![theirs("a", json!({ "tag_id": 2 }), 7), theirs("x", json!({ "tag_id": 9 }), 8)]);
        let plan = plan(Some(&account), &files(&[("drivers", "b", json!({ "tag_id": 2 }))]));
        assert_eq!(plan.create, None);
        assert_eq!(steps(&plan), (vec!["drivers"], vec!["7", "8"]));
        let told: Vec<&str> =
            plan.changes.iter().flat_map(|change| &change.details).map(String::as_str).collect();
        assert_eq!(told, ["key a → b", "goes"]);
    }

    #[test]
    fn who_is_to_go_before_a_changed_one_is_added_again() {
        let ios = json!({ "client_platform_type": 1 });
        let account = account(vec![
            theirs("a", json!({ "tag_id": 2, "client_platform_type": 2 }), 7),
            theirs("b", json!({ "tag_id": 3 }), 8),
            theirs("c", ios.clone(), 9),
        ]);
        let wanted = files(&[
            ("a", "changed", json!({ "tag_id": 2, "client_platform_type": 2 })),
            ("c", "c", ios),
            ("d", "b", json!({ "tag_id": 3 })),
        ]);
        let plan = plan(Some(&account), &wanted);
        assert_eq!(steps(&plan), (vec!["a", "d"], vec!["7", "8"]), "another phone's is not met");
    }
}
