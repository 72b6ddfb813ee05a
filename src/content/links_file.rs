//! Reads `links.toml`: the domains that followers may be led to, and a list of `[[link]]`.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fields::Fields;
use super::problem::Report;

const FILE_KEYS: [&str; 2] = ["domains", "link"];
const LINK_KEYS: [&str; 4] = ["topic", "title", "about", "url"];
/// A page of more is over what one message holds.
pub const LINKS_MAX: usize = 10;

/// A page of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub topic: String,
    pub title: String,
    pub about: String,
    pub url: String,
}

/// Where followers may be led outside.
#[derive(Debug, Default)]
pub struct Links {
    pub all: Vec<Link>,
    domains: Vec<String>,
}

impl Links {
    /// Why a follower isn't led there; `None`: they may be.
    pub(super) fn refuse(&self, url: &str) -> Option<String> {
        let Some(rest) = url.strip_prefix("https://") else { return Some("isn't https".to_owned()) };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // A name before `@` or a port after `:` makes another host look like one of these.
        let listed = self.domains.iter().any(|domain| {
            host == domain || host.strip_suffix(domain.as_str()).is_some_and(|below| below.ends_with('.'))
        });
        let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
        let markup =
            url.contains(['"', '<', '>']) || url.chars().any(|c| c.is_whitespace() || c.is_control());
        match (plain && listed, markup) {
            (false, _) => Some(format!("leads to {host:?}, which is none of the `domains` of links.toml")),
            (true, true) => Some("is no address: it has blanks or markup".to_owned()),
            (true, false) => None,
        }
    }

    /// Are there any rules for where links lead?
    pub(super) fn has_domains(&self) -> bool {
        !self.domains.is_empty()
    }
}

pub(super) fn read(text: &str, report: &mut Report) -> Links {
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = error.span().and_then(|span| report.line(span));
        report.error(line, "", error.message());
    }
    let mut fields = Fields { table: root.get_ref(), place: String::new(), line: None, report };
    fields.refuse_unknown(&FILE_KEYS);
    let mut links = Links::default();
    if let Some((list, _)) = fields.get("domains", "a list of strings", DeValue::as_array) {
        for value in list.iter() {
            match value.get_ref().as_str() {
                Some(domain) if domain.contains('.') => links.domains.push(domain.to_owned()),
                _ => fields.error(value.span(), "domains are strings such as \"gov.cn\""),
            }
        }
    }
    let Some((list, span)) = fields.get("link", "a list: write [[link]]", DeValue::as_array) else {
        return links;
    };
    if list.len() > LINKS_MAX {
        fields.error(span, format!("{} links; one message holds {LINKS_MAX}", list.len()));
    }
    for (at, value) in list.iter().enumerate() {
        if let Some(link) = link(at + 1, value, &links, report) {
            links.all.push(link);
        }
    }
    links
}

fn link(nth: usize, value: &Spanned<DeValue>, links: &Links, report: &mut Report) -> Option<Link> {
    let line = report.line(value.span());
    let place = format!("link {nth}");
    let Some(table) = value.get_ref().as_table() else {
        report.error(line, &place, "is a table: write [[link]]");
        return None;
    };
    let mut fields = Fields { table, place, line, report };
    fields.refuse_unknown(&LINK_KEYS);
    let topic = words(&mut fields, "topic", 8);
    let title = words(&mut fields, "title", 16);
    let about = words(&mut fields, "about", 24);
    let url = words(&mut fields, "url", 200)?;
    if let Some(why) = links.refuse(&url) {
        fields.lacks(format!("`url` {why}"));
        return None;
    }
    Some(Link { topic: topic?, title: title?, about: about?, url })
}

fn words(fields: &mut Fields, key: &str, max: usize) -> Option<String> {
    if !fields.has(key) {
        fields.lacks(format!("has no `{key}`"));
    }
    let (text, span) = fields.string(key)?;
    if !(1..=max).contains(&text.chars().count()) {
        fields.error(span, format!("`{key}` has 1 to {max} characters"));
        return None;
    }
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (Links, Vec<String>) {
        let mut problems = Vec::new();
        let links = read(text, &mut Report::new("links.toml", text, &mut problems));
        (links, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn links_lead_over_https_to_listed_domains_alone() {
        let (links, problems) = told("domains = [\"gov.cn\"]\n");
        assert_eq!(problems, [""; 0]);
        for fine in ["https://gov.cn/", "https://si.12333.gov.cn", "https://a.gov.cn/x?y=1#z"] {
            assert_eq!(links.refuse(fine), None, "{fine}");
        }
        for wrong in [
            "http://gov.cn/",
            "https://evilgov.cn/",
            "https://gov.cn.evil.example/",
            "https://gov.cn@evil.example/",
            "https://gov.cn:81/",
            "https://gov.cn/\"><a",
            "https://",
            "javascript:alert(1)",
        ] {
            assert!(links.refuse(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_link_is_told_with_its_line() {
        let text = "domains = [\"gov.cn\", 3]\n[[link]]\ntopic = \"a\"\ntitel = \"b\"\nabout = \"c\"\nurl = \"http://gov.cn\"\n";
        let (links, problems) = told(text);
        assert!(links.all.is_empty());
        assert_eq!(
            problems,
            [
                "links.toml:1  domains are strings such as \"gov.cn\"",
                "links.toml:4  link 1  unknown key `titel`; did you mean `title`?",
                "links.toml:2  link 1  has no `title`",
                "links.toml:2  link 1  `url` isn't https",
            ]
        );
    }
}
