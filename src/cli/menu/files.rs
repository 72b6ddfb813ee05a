//! Menus as files: `default.json` for everybody, any other name for a personalised one.

use std::fs;
use std::path::Path;

use crate::app::content_source;
use crate::cli::answer::read_text;
use crate::cli::out::{Failure, tame};
use crate::config::Config;
use crate::dispatch::load_content;
use crate::wechat::menu::Menu;

const DEFAULT: &str = "default";

/// What an account is to have. The personalised ones are in the order of their names: of two that fit a follower,
/// WeChat shows the later.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Menus {
    pub default: Menu,
    pub conditional: Vec<(String, Menu)>,
}

/// The configuration's menus, which must pass every check, or those of a folder of menus alone.
pub(super) fn read(config: &Config, folder: Option<&Path>) -> Result<Menus, Failure> {
    match folder {
        Some(folder) => read_folder(folder),
        None => match load_content(&content_source(config)) {
            Ok((content, _)) => Ok(Menus { default: content.menu, conditional: content.conditional }),
            Err(_) => Err(Failure::new("the files have problems").hint("`gonghui check` tells them")),
        },
    }
}

pub(super) fn read_folder(folder: &Path) -> Result<Menus, Failure> {
    let mut names: Vec<String> = Vec::new();
    let unread = |error| Failure::new(format!("{} can't be read: {error}", folder.display()));
    for entry in fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    let mut default = None;
    let mut conditional = Vec::new();
    for name in names {
        let menu = read_menu(folder, &name)?;
        match name == DEFAULT {
            true => default = Some(menu),
            false => conditional.push((name, menu)),
        }
    }
    let default = default.ok_or_else(|| Failure::new(format!("{} has no default.json", folder.display())))?;
    Ok(Menus { default, conditional })
}

fn read_menu(folder: &Path, name: &str) -> Result<Menu, Failure> {
    let path = folder.join(format!("{name}.json"));
    let place = path.display();
    let menu: Menu = serde_json::from_str(&read_text(&path)?)
        .map_err(|error| Failure::new(format!("{place} is no menu: {error}")))?;
    match menu.check().first() {
        Some(problem) => Err(Failure::new(format!("{place}: {}", tame(&problem.to_string())))),
        None if (name == DEFAULT) == menu.matchrule.is_some() => {
            Err(Failure::new(format!("{place}: only personalised menus have a matchrule, and they must")))
        }
        None => Ok(menu),
    }
}

/// Writes `default.json` and the others as WeChat's JSON, into a folder that is made if need be.
pub(super) fn write(menus: &Menus, folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    let default = (DEFAULT.to_owned(), menus.default.clone());
    for (name, menu) in std::iter::once(&default).chain(&menus.conditional) {
        let text = serde_json::to_string_pretty(menu).map_err(Failure::new)?;
        let path = folder.join(format!("{name}.json"));
        let next = path.with_added_extension("next");
        fs::write(&next, format!("{text}\n"))?;
        fs::rename(&next, &path)?;
    }
    Ok(())
}
