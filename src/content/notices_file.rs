//! Reads `notices.toml`: by which of the account's templates a notice goes to followers whose window is shut.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Expected;
use super::notice::{FormKind, NoticeForm, Notices, is_field};
use super::problem::{Report, hint};
use super::template::Template;
use super::text::TextSpec;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormFile {
    template: Option<String>,
    subscription: Option<String>,
    url: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

pub(super) fn read(text: &str, expected: &Expected, report: &mut Report) -> Notices {
    let files: BTreeMap<String, FormFile> = match toml::from_str(text) {
        Ok(files) => files,
        Err(error) => {
            let line = error.span().and_then(|span| report.line(span));
            report.error(line, "", error.message());
            return Notices::default();
        }
    };
    let mut forms = BTreeMap::new();
    for (name, file) in files {
        let line = line_of(text, &name);
        let known = || expected.notices.iter().chain(expected.subscriptions);
        let Some(spec) = known().find(|spec| spec.name == name) else {
            let near = hint(&name, known().map(|spec| spec.name));
            report.error(line, &name, format!("is no notice of the service{near}"));
            continue;
        };
        if file.template.is_some() && expected.subscriptions.contains(spec) {
            let no = "is about coupons, which WeChat forbids in template messages; name a `subscription`";
            report.error(line, &name, no);
            continue;
        }
        if let Some(form) = form(spec, file, line, report) {
            forms.insert(spec.name, form);
        }
    }
    Notices::new(forms)
}

fn form(spec: &TextSpec, file: FormFile, line: Option<usize>, report: &mut Report) -> Option<NoticeForm> {
    let (kind, template) = match (file.template, file.subscription) {
        (Some(template), None) => (FormKind::Template, template),
        (None, Some(template)) => (FormKind::Subscription, template),
        _ => {
            report.error(line, spec.name, "names either a `template` or a `subscription`");
            return None;
        }
    };
    let mut fields = Vec::new();
    for (key, wording) in file.fields {
        let place = format!("{}.{key}", spec.name);
        if !is_field(&key) {
            report.error(line, &place, "is no field of a template; they are named like thing1 or time2");
            continue;
        }
        match Template::parse(&wording) {
            Err(why) => report.error(line, &place, why.to_string()),
            Ok(template) => {
                for slot in template.slots().filter(|slot| spec.slots.iter().all(|known| known.name != *slot))
                {
                    let near = hint(slot, spec.slots.iter().map(|known| known.name));
                    report.error(line, &place, format!("nobody fills {{{slot}}} here{near}"));
                }
                fields.push((key, template));
            }
        }
    }
    if fields.is_empty() {
        report.error(line, spec.name, "has no fields");
    }
    Some(NoticeForm { kind, template, url: file.url, fields })
}

/// The line of a table's head, since what it holds has lost its place.
fn line_of(text: &str, name: &str) -> Option<usize> {
    text.lines().position(|line| line.trim() == format!("[{name}]")).map(|index| index + 1)
}
