//! The account's menu (自定义菜单) and the personalised ones (个性化菜单).
//!
//! Source: «自定义菜单», «个性化菜单».

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Nothing;
use super::call::Call;
use super::failure::Failure;
use super::{Client, lenient};
use crate::wechat::menu::{Button, Menu};

const CREATE: Call = Call::change("/cgi-bin/menu/create");
const GET: Call = Call::get("/cgi-bin/menu/get");
const CURRENT: Call = Call::get("/cgi-bin/get_current_selfmenu_info");
const DELETE: Call = Call::get_change("/cgi-bin/menu/delete");
const ADD: Call = Call::change("/cgi-bin/menu/addconditional");
const DELETE_ONE: Call = Call::change("/cgi-bin/menu/delconditional");
const TRY: Call = Call::ask("/cgi-bin/menu/trymatch");

/// What `menu/get` answers for an account without a menu of the API's.
const NO_MENU: i64 = 46003;

/// The menus that an account has.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct AccountMenu {
    /// Everybody's.
    pub menu: Menu,
    /// Personalised ones, each with its `menuid`; a follower gets the newest that fits.
    #[serde(rename = "conditionalmenu", default, deserialize_with = "lenient::list")]
    pub conditional: Vec<Menu>,
}

#[derive(Deserialize)]
struct Added {
    #[serde(deserialize_with = "lenient::text")]
    menuid: String,
}

#[derive(Deserialize)]
struct Matched {
    #[serde(default, deserialize_with = "lenient::list")]
    button: Vec<Button>,
}

impl Client {
    /// The menus made by the API; `None` if there are none.
    pub async fn menus(&self) -> Result<Option<AccountMenu>, Failure> {
        match self.get(&GET, &[]).await {
            Ok(menus) => Ok(Some(menus)),
            Err(failure) if failure.code == Some(NO_MENU) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// The menu that followers see, whoever made it, as WeChat describes it: `is_menu_open` and `selfmenu_info`.
    pub async fn current_menu(&self) -> Result<Value, Failure> {
        self.get(&CURRENT, &[]).await
    }

    /// Replaces everybody's menu. Followers see it when they next open the chat, five minutes later at the latest.
    ///
    /// Errors: permanent, with the first flaw, for what [`Menu::check`] finds.
    pub async fn create_menu(&self, menu: &Menu) -> Result<(), Failure> {
        check(&CREATE, menu)?;
        self.post::<Nothing>(&CREATE, &json!({ "button": menu.button })).await.map(|_| ())
    }

    /// Deletes everybody's menu and all personalised ones.
    pub async fn delete_menus(&self) -> Result<(), Failure> {
        self.get::<Nothing>(&DELETE, &[]).await.map(|_| ())
    }

    /// Adds a personalised menu and gives its id. There must be a menu for everybody; none can be changed later, only
    /// deleted.
    pub async fn add_conditional_menu(&self, menu: &Menu) -> Result<String, Failure> {
        check(&ADD, menu)?;
        if menu.matchrule.is_none() {
            return Err(Failure::refused(&ADD, "the menu has no matchrule"));
        }
        let body = json!({ "button": menu.button, "matchrule": menu.matchrule });
        self.post::<Added>(&ADD, &body).await.map(|added| added.menuid)
    }

    pub async fn delete_conditional_menu(&self, menuid: &str) -> Result<(), Failure> {
        self.post::<Nothing>(&DELETE_ONE, &json!({ "menuid": menuid })).await.map(|_| ())
    }

    /// What a follower (by openid or WeChat name) sees.
    pub async fn try_match(&self, user: &str) -> Result<Vec<Button>, Failure> {
        self.post::<Matched>(&TRY, &json!({ "user_id": user })).await.map(|matched| matched.button)
    }
}

fn check(call: &Call, menu: &Menu) -> Result<(), Failure> {
    match menu.check().first() {
        Some(problem) => Err(Failure::refused(call, problem.to_string())),
        None => Ok(()),
    }
}
