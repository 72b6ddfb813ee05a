//! Whether an answer is what the document says that it is.

use super::*;

#[tokio::test]
async fn whatever_a_wrong_call_is_told_is_in_the_document() {
    let desk = desk();
    let (long, long_key) = ("a".repeat(20 << 10), "k".repeat(129));
    let described = |route: &&Route| !route.path.starts_with("/store") && route.path != "/openapi.json";
    for route in ROUTES.iter().filter(described) {
        let path = ["{id}", "{openid}", "{scheme}", "{code}", "{number}", "{person}", "{file}", "{slot}"]
            .iter()
            .fold(route.path.to_owned(), |path, name| path.replace(name, "X1"))
            .replace("{page}", "1")
            .replace("{picture}", "1");
        // That all of it is told of is seen by `call`.
        for body in ["", "x", "[]", "{\"nonsense\": 1}", &long] {
            desk.call(route.method.clone(), &path, ADMIN, body.to_owned(), &[]).await;
        }
        let keyed = [("idempotency-key", &long_key[..])];
        desk.call(route.method.clone(), &path, ADMIN, "{}".to_owned(), &keyed).await;
        for words in ["nonsense=1", "after=%00", "limit=x", "session=x", "scheme=X1", "year=x"] {
            let path = format!("{path}?{words}");
            desk.call(route.method.clone(), &path, ADMIN, "{}".to_owned(), &[]).await;
        }
    }
}

/// Does the document tell that the route may answer so?
pub fn tells_of(method: &Method, path: &str, status: u16) -> bool {
    let document: Value = serde_json::from_str(openapi::DOCUMENT).unwrap();
    route(method, path).is_none_or(|route| {
        let operation = &document["paths"][route.path][method.as_str().to_lowercase()];
        operation["responses"].get(status.to_string()).is_some()
    })
}

/// What differs, by its place in the answer; nothing, if the document tells of no JSON there.
pub fn differs(method: &Method, path: &str, status: u16, answer: &Value) -> Option<String> {
    let document: Value = serde_json::from_str(openapi::DOCUMENT).unwrap();
    let route = route(method, path)?;
    let operation = &document["paths"][route.path][method.as_str().to_lowercase()];
    let told = &operation["responses"][status.to_string()]["content"]["application/json"];
    match told.get("schema") {
        Some(schema) => Document(&document).differs(schema, answer, "answer"),
        None => Some(format!("the document tells of no JSON with {status}")),
    }
}

fn route(method: &Method, path: &str) -> Option<&'static Route> {
    let path = path.split('?').next().unwrap_or_default();
    let is_it = |route: &&Route| {
        let parts = || route.path.split('/').zip(path.split('/'));
        route.method == *method
            && route.path.matches('/').count() == path.matches('/').count()
            && parts().all(|(told, asked)| told.starts_with('{') || told == asked)
    };
    ROUTES.iter().filter(is_it).min_by_key(|route| route.path.matches('{').count())
}

struct Document<'a>(&'a Value);

impl<'a> Document<'a> {
    fn followed(&self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.0.pointer(reference.trim_start_matches('#')).unwrap(),
            None => schema,
        }
    }

    /// Also: each key of an object whose keys are told must be among them.
    fn differs(&self, schema: &'a Value, value: &Value, at: &str) -> Option<String> {
        let schema = self.followed(schema);
        if let Some(ways) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            let fits = ways.iter().any(|way| self.differs(way, value, at).is_none());
            return (!fits).then(|| format!("{at}: {value} is none of what may stand here"));
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let whole = parts.iter().map(|part| self.followed(part));
            assert!(whole.clone().all(|part| part["additionalProperties"] != false), "{at}: a closed part");
            let mut properties = serde_json::Map::new();
            whole
                .clone()
                .for_each(|part| properties.extend(part["properties"].as_object().cloned().unwrap()));
            let required = whole.filter_map(|part| part["required"].as_array()).flatten();
            return self.object(&properties, required, value, at);
        }
        let types: Vec<&str> = match &schema["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect(),
        };
        let is = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let is_typed = types.contains(&is) || is == "integer" && types.contains(&"number");
        if !types.is_empty() && !is_typed {
            return Some(format!("{at}: {value} is no {types:?}"));
        }
        if schema["enum"].as_array().is_some_and(|known| !known.contains(value)) {
            return Some(format!("{at}: {value} is none of {}", schema["enum"]));
        }
        match value {
            Value::Array(items) => {
                let told = schema.get("items")?;
                let each = items.iter().enumerate();
                each.filter_map(|(n, item)| self.differs(told, item, &format!("{at}[{n}]"))).next()
            }
            Value::Object(_) => {
                let properties = schema["properties"].as_object()?;
                let required = schema["required"].as_array().into_iter().flatten();
                self.object(properties, required, value, at)
            }
            _ => None,
        }
    }

    fn object<'r>(
        &self,
        properties: &serde_json::Map<String, Value>,
        mut required: impl Iterator<Item = &'r Value>,
        value: &Value,
        at: &str,
    ) -> Option<String> {
        if let Some(missing) =
            required.find(|name| name.as_str().is_none_or(|name| value.get(name).is_none()))
        {
            return Some(format!("{at}: lacks {missing}"));
        }
        value.as_object()?.iter().find_map(|(key, value)| match properties.get(key) {
            Some(told) => Document(self.0).differs(told, value, &format!("{at}.{key}")),
            None => Some(format!("{at}: has a key {key:?} that isn't told of")),
        })
    }
}
