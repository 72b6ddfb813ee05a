//! The menus that an account had, kept beside the files before anything is changed.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::files::{self, Menus};
use super::plan::rule;
use crate::app::Machine;
use crate::cli::out::Failure;
use crate::config::Config;
use crate::moment::Clock;
use crate::wechat::api::AccountMenu;
use crate::wechat::menu::Menu;

/// A fresh folder named by the time: `menus.previous/2026-11-23T09-30-00`.
///
/// Beside the menus' folder, not in it, where every JSON file is a menu of today.
pub(super) fn folder(config: &Config) -> Result<PathBuf, Failure> {
    let beside = match &config.menus.path {
        Some(path) => path.with_added_extension("previous"),
        None => config.path.with_file_name("menus.previous"),
    };
    let now = Machine::default().moment().now.to_string();
    let second = now.get(..19).unwrap_or(&now).replace(':', "-");
    let named = |count: usize| match count {
        1 => beside.join(&second),
        count => beside.join(format!("{second}-{count}")),
    };
    let folder = (1..).map(named).find(|folder| !folder.exists()).unwrap_or_else(|| named(1));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Keeps an account's menus so that `menu push --from` brings them back.
pub(super) fn keep(account: &AccountMenu, files: &Menus, folder: &Path) -> Result<(), Failure> {
    files::write(&as_files(account, files), folder)
}

/// Keeps what only the console could make, to be looked at: it can't be pushed.
pub(super) fn keep_console_menu(menu: &Value, folder: &Path) -> Result<PathBuf, Failure> {
    let path = folder.join("console-menu.txt");
    fs::write(&path, format!("{menu:#}\n"))?;
    Ok(path)
}

/// An account's menus, each under the name of the file with its condition, or else one made of its condition.
pub(super) fn as_files(account: &AccountMenu, files: &Menus) -> Menus {
    let mut conditional: Vec<(String, Menu)> = Vec::new();
    for menu in &account.conditional {
        let same = files.conditional.iter().find(|(_, file)| rule(file) == rule(menu));
        let name = same.map_or_else(|| name(menu), |(name, _)| name.clone());
        let is_taken = |name: &str| conditional.iter().any(|(other, _)| other == name);
        let mut names = std::iter::once(name.clone()).chain((2..).map(|count| format!("{name}-{count}")));
        let free = names.find(|name| !is_taken(name)).unwrap_or(name);
        conditional.push((free, menu.clone()));
    }
    Menus { default: account.menu.clone(), conditional }
}

/// `tag-2`, `phone-1`, `tag-2-phone-1`
fn name(menu: &Menu) -> String {
    let short = |name: &str| match name {
        "tag_id" => "tag".to_owned(),
        "client_platform_type" => "phone".to_owned(),
        name => name.to_owned(),
    };
    let parts: Vec<String> =
        rule(menu).iter().rev().map(|(name, value)| format!("{}-{value}", short(name))).collect();
    let plain = |c: char| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
    let name: String = parts.join("-").chars().map(plain).collect();
    if name.is_empty() { "menu".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn menus_are_named_by_their_file_or_their_condition() {
        let menu = |rule: Value| -> Menu {
            serde_json::from_value(json!({ "button": [], "matchrule": rule })).unwrap()
        };
        let account = AccountMenu {
            menu: Menu::default(),
            conditional: vec![
                menu(json!({ "tag_id": 2 })),
                menu(json!({ "tag_id": "3", "client_platform_type": 1 })),
                menu(json!({ "group_id": "4" })),
                menu(json!({ "tag_id": 4, "country": "" })),
                menu(json!({ "city": "../宁波" })),
            ],
        };
        let drivers = ("drivers".to_owned(), menu(json!({ "tag_id": "2" })));
        let files = Menus { default: Menu::default(), conditional: vec![drivers] };
        let named: Vec<String> =
            as_files(&account, &files).conditional.into_iter().map(|(name, _)| name).collect();
        assert_eq!(named, ["drivers", "tag-3-phone-1", "tag-4", "tag-4-2", "city-___宁波"]);
    }
}
