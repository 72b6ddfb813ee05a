//! As much of WeChat as the commands call: tokens, menus, counters.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use serde_json::{Value, json};

pub const SECRET: &str = "0123456789abcdef0123456789abcdef";
const TOKEN: &str = "the-access-token-of-the-stand-in";
const BODY_BYTES_MAX: usize = 1 << 20;

pub struct Platform {
    pub base: String,
    state: Arc<Mutex<State>>,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Default)]
pub struct State {
    pub menu: Option<Value>,
    pub conditional: Vec<Value>,
    /// What the console made.
    pub console: Vec<Value>,
    /// Paths, without `/cgi-bin`, and what is answered to them instead.
    pub answers: HashMap<String, Value>,
    /// Paths of the calls that came, but for those about tokens.
    pub calls: Vec<String>,
    ids: u64,
}

impl Platform {
    pub fn start() -> Platform {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::clone(&state);
        let app =
            axum::Router::new().fallback(move |request: Request<Body>| answer(Arc::clone(&shared), request));
        runtime.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Platform { base, state, _runtime: runtime }
    }

    pub fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap())
    }

    pub fn answers(&self, path: &str, answer: Value) {
        self.state(|state| state.answers.insert(path.to_owned(), answer));
    }

    /// What was called since the last time, of the calls that change something.
    pub fn changes(&self) -> Vec<String> {
        let reads = ["/menu/get", "/get_current_selfmenu_info"];
        let calls = self.state(|state| std::mem::take(&mut state.calls));
        calls.into_iter().filter(|call| !reads.contains(&call.as_str())).collect()
    }
}

async fn answer(state: Arc<Mutex<State>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let path = parts.uri.path().trim_start_matches("/cgi-bin").to_owned();
    let has_token = parts.uri.query().unwrap_or_default().contains(TOKEN);
    let mut state = state.lock().unwrap();
    let told = match (state.answers.get(&path).cloned(), path.as_str()) {
        (Some(answer), _) => answer,
        (None, "/stable_token") if body["secret"] == SECRET => {
            json!({ "access_token": TOKEN, "expires_in": 7200 })
        }
        (None, "/stable_token") => refusal(40125, "invalid appsecret, rid: 65a0"),
        (None, _) if !has_token => refusal(41001, "access_token missing"),
        (None, path) => state.answer(path, &body),
    };
    if path != "/stable_token" {
        state.calls.push(path);
    }
    Response::builder().header("content-type", "text/plain").body(Body::from(told.to_string())).unwrap()
}

impl State {
    fn answer(&mut self, path: &str, body: &Value) -> Value {
        match path {
            "/getcallbackip" => json!({ "ip_list": ["101.226.103.0/25", "127.0.0.1"] }),
            "/callback/check" => json!({ "dns": [], "ping": [
                { "ip": "203.0.113.5", "from_operator": "CAP", "package_loss": "0%", "time": "23.079ms" },
            ]}),
            "/template/get_all_private_template" => json!({ "template_list": [{ "template_id": "T" }] }),
            "/wxaapi/newtmpl/gettemplate" => json!({ "errcode": 0, "data": [] }),
            "/user/get" => {
                json!({ "total": 1_500_000, "count": 1, "data": { "openid": ["o1"] }, "next_openid": "o1" })
            }
            "/openapi/quota/get" => json!({ "quota": { "daily_limit": 500, "used": 3, "remain": 497 } }),
            "/get_current_selfmenu_info" => json!({
                "is_menu_open": 1, "selfmenu_info": { "button": self.console },
            }),
            "/menu/get" => match &self.menu {
                Some(menu) => json!({ "menu": menu, "conditionalmenu": self.conditional }),
                None => refusal(46003, "menu no exist"),
            },
            "/menu/create" => {
                self.menu = Some(self.numbered(body));
                refusal(0, "ok")
            }
            "/menu/addconditional" if self.menu.is_none() => refusal(65303, "there is no selfmenu"),
            "/menu/addconditional" => {
                let menu = self.numbered(body);
                let id = menu["menuid"].to_string();
                self.conditional.push(menu);
                json!({ "menuid": id })
            }
            "/menu/delconditional" => {
                let id: u64 = body["menuid"].as_str().unwrap().parse().unwrap();
                let gone = |menu: &Value| menu["menuid"] == id;
                let at = self.conditional.iter().position(gone).expect("a menu that is there");
                self.conditional.remove(at);
                refusal(0, "ok")
            }
            _ => refusal(47001, "data format error"),
        }
    }

    /// As WeChat keeps it: with an id, and with empty lists at buttons without any.
    fn numbered(&mut self, menu: &Value) -> Value {
        self.ids += 1;
        let mut menu = menu.clone();
        menu["menuid"] = json!(self.ids);
        for button in menu["button"].as_array_mut().unwrap() {
            if button["sub_button"].is_null() {
                button["sub_button"] = json!([]);
            }
        }
        menu
    }
}

pub fn refusal(code: i64, message: &str) -> Value {
    json!({ "errcode": code, "errmsg": message })
}
