//! From files to [`Content`], or to everything that is wrong with them.

use super::check;
use super::keywords::Keywords;
use super::problem::{Problem, Report, Severity};
use super::source::{File, Files, Source};
use super::text::Texts;
use super::{
    Content, Expected, faq_file, keywords_file, links_file, notices_file, services_file, texts_file,
};

impl Content {
    /// Reads and checks all files. What may be used comes with its warnings; what may not, with every problem
    /// found, so that nobody mends one to meet the next. To pick up edits, load again and keep the old set if
    /// the new one is refused.
    pub fn load(source: &Source, expected: &Expected) -> Result<(Content, Vec<Problem>), Vec<Problem>> {
        let mut problems = Vec::new();
        let files = source.read(&mut problems);
        if !problems.is_empty() {
            return Err(problems); // without a file, what is said of the others would mislead
        }
        checked(&files, expected)
    }
}

fn checked(files: &Files, expected: &Expected) -> Result<(Content, Vec<Problem>), Vec<Problem>> {
    let mut problems = Vec::new();
    let content = read(files, expected, &mut problems);
    problems.sort_by(|a, b| (a.severity, &a.file, a.line).cmp(&(b.severity, &b.file, b.line)));
    let usable = problems.iter().all(|problem| problem.severity != Severity::Error);
    match content.filter(|_| usable) {
        Some(content) => Ok((content, problems)),
        None => Err(problems),
    }
}

fn read(files: &Files, expected: &Expected, problems: &mut Vec<Problem>) -> Option<Content> {
    let texts = texts_file::read(&files.texts.text, &mut report(&files.texts, problems));
    let mut about_keywords = report(&files.keywords, problems);
    let rules = keywords_file::read(&files.keywords.text, expected.targets, &mut about_keywords);
    let menu = check::menu(&files.menu.text, false, expected, &mut report(&files.menu, problems));
    let mut conditional = Vec::new();
    for (name, file) in &files.conditional {
        let menu = check::menu(&file.text, true, expected, &mut report(file, problems));
        conditional.push((name.clone(), menu));
    }

    let mut about_keywords = report(&files.keywords, problems);
    check::keywords(&rules, expected.commands, &mut about_keywords);
    check::answers(&rules, &texts, &mut about_keywords);
    let keywords = Keywords::new(rules.iter().map(|at| at.rule.clone()).collect());
    let keywords = keywords.map_err(|why| about_keywords.error(None, "", why.to_string())).ok();

    let mut about_notices = report(&files.notices, problems);
    let notices = notices_file::read(&files.notices.text, expected, &mut about_notices);

    let links = links_file::read(&files.links.text, &mut report(&files.links, problems));
    check::outside(&menu, &links, &mut report(&files.menu, problems));
    for ((_, menu), (_, file)) in conditional.iter().zip(&files.conditional) {
        check::outside(menu, &links, &mut report(file, problems));
    }

    let mut about_faq = report(&files.faq, problems);
    let (faq, entries) = faq_file::read(&files.faq.text, &mut about_faq);
    check::entries(&faq, &entries, &mut about_faq);

    let mut about_services = report(&files.services, problems);
    let services = services_file::read(&files.services.text, expected.services, &mut about_services);

    check::texts(&texts, &rules, expected, &mut report(&files.texts, problems));
    if let Some(keywords) = &keywords {
        let taken = check::Taken { keywords, faq: &faq, commands: expected.commands };
        check::taps(&texts, &taken, &mut report(&files.texts, problems));
        check::entry_taps(&faq, &entries, &taken, &mut report(&files.faq, problems));
    }

    let menus: Vec<_> = conditional.iter().map(|(_, menu)| menu).chain([&menu]).collect();
    check::unreachable(&menus, &rules, expected.targets, &mut report(&files.menu, problems));
    let texts = Texts::new(texts.into_iter().map(|(name, (template, _))| (name, template)).collect());
    Some(Content { menu, conditional, keywords: keywords?, texts, notices, faq, links, services })
}

fn report<'a>(file: &'a File, problems: &'a mut Vec<Problem>) -> Report<'a> {
    Report::new(&file.name, &file.text, problems)
}

#[cfg(test)]
mod tests {
    use super::super::{Found, RuleTarget, Slot, Target, TextSpec};
    use super::*;

    const SAID: TextSpec = TextSpec::new("said", &[Slot::text("title"), Slot::number("seats").optional()]);
    const SOON: TextSpec = TextSpec::new("soon", &[Slot::text("title")]);
    const EXPECTED: Expected = Expected {
        texts: &[&SAID],
        notices: &[&SAID],
        subscriptions: &[&SOON],
        targets: &[Target { key: "list", title: "活动报名" }, Target { key: "claim", title: "理赔" }],
        services: &[],
        commands: &[("取消", None), ("找人", Some("claim"))],
    };

    const MENU: &str = r#"{"button":[{"type":"click","name":"报名","key":"list"},{"type":"view","name":"官网","url":"https://a.example"}]}"#;
    const KEYWORDS: &str = "[[rule]]\nwords = [\"理赔\"]\nflow = \"claim\"\n";
    const TEXTS: &str = "said = \"《{title}》\"\n";

    /// The sound files with one of them replaced.
    fn with(name: &str, text: &str) -> Files {
        let file = |own: &str, sound: &str| {
            let text = if own == name { text } else { sound };
            File { name: own.to_owned(), text: text.to_owned() }
        };
        let menu = file("default.json", MENU);
        Files {
            menu,
            keywords: file("keywords.toml", KEYWORDS),
            texts: file("texts.toml", TEXTS),
            notices: file("notices.toml", ""),
            faq: file("faq.toml", ""),
            links: file("links.toml", ""),
            services: file("services.toml", ""),
            conditional: vec![],
        }
    }

    fn lines(files: &Files) -> Vec<String> {
        let problems = match checked(files, &EXPECTED) {
            Ok((_, problems)) => problems,
            Err(problems) => problems,
        };
        problems.iter().map(Problem::to_string).collect()
    }

    /// One wrong line in a file, and what is said of it.
    fn check(name: &str, text: &str, expected: &[&str]) {
        assert_eq!(lines(&with(name, text)), expected, "{text}");
    }

    #[test]
    fn sound_files_are_used() {
        let (content, problems) = checked(&with("", ""), &EXPECTED).unwrap();
        assert_eq!(problems, []);
        assert_eq!(content.texts.render(&SAID, &[("title", "游泳".into())]), "《游泳》");
        assert!(matches!(
            content.keywords.find("理赔"),
            Found::Hit { target: RuleTarget::Flow("claim"), .. }
        ));
    }

    #[test]
    fn coupons_are_never_told_by_a_template_message() {
        check(
            "notices.toml",
            "[soon]\ntemplate = \"T\"\nfields = { thing1 = \"{title}\" }\n",
            &[
                "notices.toml:1  soon  is about coupons, which WeChat forbids in template messages; name a `subscription`",
            ],
        );
    }

    #[test]
    fn notices_are_held_against_what_can_be_told() {
        check(
            "notices.toml",
            "[sadi]\ntemplate = \"t\"\nfields = { thing1 = \"x\" }",
            &["notices.toml:1  sadi  is no notice of the service; did you mean `said`?"],
        );
        check(
            "notices.toml",
            "[said]\ntemplate = \"t\"\nfields = { thing1 = \"{titel}\", title = \"x\" }",
            &[
                "notices.toml:1  said.thing1  nobody fills {titel} here; did you mean `title`?",
                "notices.toml:1  said.title  is no field of a template; they are named like thing1 or time2",
            ],
        );
        check(
            "notices.toml",
            "[said]\nfields = { thing1 = \"{title}\" }",
            &["notices.toml:1  said  names either a `template` or a `subscription`"],
        );
    }

    #[test]
    fn texts_are_held_against_what_the_code_says() {
        let texts = |said: &str| format!("{said}\n");
        check(
            "texts.toml",
            &texts("sai = \"a\""),
            &[
                "texts.toml  said  is missing; the service says it; did you mean `sai`?",
                "texts.toml:1  sai  is never said: no rule answers with it, nor does the service  (warning)",
            ],
        );
        check(
            "texts.toml",
            &texts("said = \"{title}{titel}\""),
            &["texts.toml:1  said  nobody fills {titel} here; did you mean `title`?"],
        );
        check(
            "texts.toml",
            &texts("\nsaid = \"{seats}\""),
            &["texts.toml:2  said  never says {title}  (warning)"],
        );
        check(
            "texts.toml",
            &texts("said = \"{title}{tap:相亲} {tap:取 消}\""),
            &["texts.toml:1  said  the link sends \"相亲\", which no keyword takes  (warning)"],
        );
        for (link, shown) in [
            ("<a href=x>点</a>", "<a href=x>点</a>"),
            ("<a href='https://a.example'>点</a>", "<a href='https://a.example'>点<"),
            ("<a href=\\\"https://a.example\\\">点", "<a href=\"https://a.example\">点"),
            ("点</a>", "</a>"),
        ] {
            let told = format!(
                "texts.toml:1  said  `{shown}` is no link; one is written <a href=\"https://…\">words</a>  (warning)"
            );
            check("texts.toml", &texts(&format!("said = \"{{title}}{link}\"")), &[&told]);
        }
        let sound = "said = \"{title}<a href=\\\"https://a.example\\\">点</a>，1<2\"";
        check("texts.toml", &texts(sound), &[]);
        let long = |count: usize| texts(&format!("said = \"{{title}}{}\"", "长".repeat(count)));
        check(
            "texts.toml",
            &long(601),
            &["texts.toml:1  said  has 1803 bytes; better keep to 1800  (warning)"],
        );
        check("texts.toml", &long(683), &["texts.toml:1  said  has 2049 bytes; WeChat takes 2048"]);
    }

    #[test]
    fn texts_that_cannot_be_read_are_told_together() {
        let texts = "said = \"{title\"\nother.claim = 3\n[more]\nempty = \" \"\n";
        check(
            "texts.toml",
            texts,
            &[
                "texts.toml:1  said  `{` is never closed; write `{{` for a brace",
                "texts.toml:2  other.claim  is of type integer; a text is a string",
                "texts.toml:4  more.empty  is empty",
            ],
        );
        let broken = lines(&with("texts.toml", "said = \"{title}\"\nother.claim = \"x\nb = \"\n"));
        assert!(broken.iter().any(|line| line.starts_with("texts.toml:2")), "{broken:?}");
    }

    #[test]
    fn rules_that_cannot_be_used_are_told_together() {
        let rules = r#"
[[rule]]
words = ["活动"]
prioritty = 3
match = "wrod"
flow = "lst"
[[rule]]
words = ["！", 3]
flow = "list"
answer = "said"
[[rule]]
urgent = "yes"
[[rule]]
words = []
answer = "faq"
priority = 1.5
[[rule]]
words = ["(", "a*", "(.{1000}){1000}"]
match = "pattern"
flow = "list"
[rules]
"#;
        check(
            "keywords.toml",
            rules,
            &[
                r#"keywords.toml:4  rule 1 (活动)  unknown key `prioritty`; did you mean `priority`?"#,
                r#"keywords.toml:5  rule 1 (活动)  match = "wrod" is none of exact, prefix, word, pattern; did you mean `word`?"#,
                r#"keywords.toml:6  rule 1 (活动)  leads to the unknown flow `lst`; did you mean `list`?"#,
                r#"keywords.toml:8  rule 2 (！)  "！" has neither letters nor digits"#,
                r#"keywords.toml:8  rule 2 (！)  words are strings"#,
                r#"keywords.toml:10  rule 2 (！)  has both `flow` and `answer`"#,
                r#"keywords.toml:11  rule 3  has no words"#,
                r#"keywords.toml:11  rule 3  leads nowhere: it needs `flow` or `answer`"#,
                r#"keywords.toml:12  rule 3  `urgent` is true or false, not of type string"#,
                r#"keywords.toml:14  rule 4  has no words"#,
                r#"keywords.toml:16  rule 4  `priority` is a whole number, not of type float"#,
                r#"keywords.toml:18  rule 5 (()  "(" is no regular expression"#,
                r#"keywords.toml:18  rule 5 (()  "a*" would take every text"#,
                r#"keywords.toml:18  rule 5 (()  "(.{1000}){1000}" is too costly a pattern"#,
                r#"keywords.toml:21  rules  unknown key; did you mean `rule`?"#,
                r#"default.json  claim  nothing leads to 理赔: no button, no keyword  (warning)"#,
            ],
        );
    }

    #[test]
    fn rules_are_held_against_each_other_and_the_texts() {
        let rules = r#"
[[rule]]
words = ["理赔", "理賠"]
flow = "claim"
[[rule]]
words = ["理 赔"]
flow = "list"
[[rule]]
words = ["取消", "理赔"]
priority = 1
answer = "sayd"
[[rule]]
words = ["你好"]
answer = "said"
[[rule]]
words = ["取消"]
match = "exact"
flow = "list"
[[rule]]
words = ["找人"]
flow = "claim"
"#;
        check(
            "keywords.toml",
            rules,
            &[
                r#"keywords.toml:5  rule 2 (理 赔)  "理 赔" leads elsewhere in rule 1 (理赔); change a priority"#,
                r#"keywords.toml:8  rule 3 (取消)  there is no text `sayd` to answer with; did you mean `said`?"#,
                r#"keywords.toml:12  rule 4 (你好)  its answer `said` has {title}, which nobody fills"#,
                r#"keywords.toml:2  rule 1 (理赔)  "理賠" is said twice  (warning)"#,
                r#"keywords.toml:8  rule 3 (取消)  "取消" alone is a command: it comes here only within a longer text  (warning)"#,
                r#"keywords.toml:15  rule 5 (取消)  "取消" is a command and never comes here  (warning)"#,
            ],
        );
    }

    #[test]
    fn menus_are_held_against_the_flows_and_the_limits() {
        let menu = |button: &str| format!(r#"{{"button":[{button}]}}"#);
        check(
            "default.json",
            &menu(r#"{"type":"click","name":"报名","key":"lists"}"#),
            &[
                "default.json  报名  no flow answers the key `lists`; did you mean `list`?",
                "default.json  list  nothing leads to 活动报名: no button, no keyword  (warning)",
            ],
        );
        check(
            "default.json",
            &menu(r#"{"type":"click","name":"报名报名报名","key":"list","ke":1}"#),
            &[
                "default.json  button 1 (报名报名报名)  the name has 18 bytes; at most 16 are shown",
                "default.json  报名报名报名  unknown key `ke`; did you mean `key`?  (warning)",
            ],
        );
        let nowhere = "default.json  list  nothing leads to 活动报名: no button, no keyword  (warning)";
        check(
            "default.json",
            r#"{"button":[],"matchrule":{"tag_id":2}}"#,
            &[
                "default.json  menu  has 0 buttons; there must be 1 to 3",
                "default.json  matchrule  the default menu is for everybody and has none",
                nowhere,
            ],
        );
        check(
            "default.json",
            "{\n\"button\":[}",
            &["default.json:2  is no menu: expected value at line 2 column 11", nowhere],
        );
    }

    #[test]
    fn conditional_menus_are_checked_too() {
        let mut files = with("", "");
        files
            .conditional
            .push(("drivers".to_owned(), File { name: "drivers.json".to_owned(), text: MENU.to_owned() }));
        assert_eq!(
            lines(&files),
            ["drivers.json  matchrule  is missing: a conditional menu says whom it is for"]
        );
        files.conditional[0].1.text = MENU.replacen('{', r#"{"matchrule":{"tag_id":"100"},"#, 1);
        let (content, _) = checked(&files, &EXPECTED).unwrap();
        assert_eq!(content.conditional[0].0, "drivers");
    }
}
