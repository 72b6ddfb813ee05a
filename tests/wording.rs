//! What a follower reads stands in `menus/texts.toml`, where staff can word it: Chinese in the code is vocabulary, an
//! interface, or on no follower's screen, and which it is stands here for every file that has any.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Because {
    /// Words that are understood, as what is asked for, offered as a choice or sent by a link: no sentences.
    Understood,
    /// Something else: what stands behind.
    Else,
}
use Because::{Else, Understood};

/// Folders end with `/`.
const ALLOWED: &[(&str, Because, &str)] = &[
    (
        "src/flows/spoken.rs",
        Understood,
        "what flows understand; a choice is shown as the word that answers it",
    ),
    ("src/flows/claim/spoken.rs", Understood, "the same of claims"),
    ("src/flows/input.rs", Understood, "yes, no and numbers"),
    ("src/flows/days.rs", Understood, "days, and how one is written"),
    ("src/flows/sums.rs", Understood, "sums and numbers"),
    ("src/flows/service/parse.rs", Understood, "what people count"),
    ("src/flows/targets.rs", Understood, "names of services, as the menu and keywords have them"),
    ("src/content/normalise.rs", Understood, "how a question is told from a name"),
    ("src/content/near.rs", Understood, "words that say nothing of what is meant"),
    ("src/domain/claim/rules.rs", Understood, "reasons as banks write them"),
    ("src/domain/member/binding.rs", Understood, "ends of unions' names"),
    ("src/domain/question/rules.rs", Understood, "names and numbers in questions, to be masked"),
    ("src/domain/scheme/rules.rs", Understood, "diagnoses"),
    ("src/dispatch/message.rs", Understood, "what WeChat writes for a sticker"),
    ("src/server/api/seats.rs", Understood, "what a check-in's QR code sends"),
    ("src/domain/broadcast/record.rs", Understood, "names of topics, which are stored with followers"),
    ("src/moment.rs", Else, "how times are written"),
    ("src/staff/activity/settings_form.rs", Else, "what a parcel is called if staff don't say"),
    ("src/staff/activity/csv.rs", Else, "a spreadsheet's columns and values"),
    ("src/staff/payment/sheet.rs", Else, "the bank's spreadsheet"),
    ("src/domain/audience/parse.rs", Else, "an example in an error for who writes a condition"),
    ("src/wechat/api/codes.rs", Else, "where in WeChat's console operators find a setting"),
    ("src/wechat/api/token.rs", Else, "the same"),
    ("src/wechat/xml/parse.rs", Else, "the same"),
    ("src/app/demo.rs", Else, "a file of the demo's"),
    ("src/cli/", Else, "a terminal's help, and spreadsheets"),
    ("src/replay/", Else, "stories: no service runs it"),
    ("src/simulator/", Else, "the stand-in for WeChat"),
    ("src/specimens/", Else, "made-up papers"),
];

/// So many Chinese characters, and more are a sentence.
const WORD_CHARS_MAX: usize = 12;
const ENDS_OF_SENTENCES: [char; 3] = ['。', '！', '？'];

#[test]
fn what_followers_read_stands_in_texts() {
    let code = Code::of(&["src/lib.rs", "src/main.rs"]);
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for (file, literal) in &code.chinese {
        let found = ALLOWED.iter().find(|(path, ..)| match path.ends_with('/') {
            true => file.starts_with(path),
            false => file == Path::new(path),
        });
        let at = file.display();
        match found {
            None => wrong.push(format!("{at}: {literal}: put it into menus/texts.toml, or what is understood into src/flows/spoken.rs")),
            Some((path, because, _)) => {
                used.insert(*path);
                if *because == Understood && is_sentence(literal) {
                    wrong.push(format!("{at}: {literal}: a sentence; its place is menus/texts.toml"));
                }
            }
        }
    }
    wrong.extend(
        ALLOWED
            .iter()
            .filter(|(path, ..)| !used.contains(path))
            .map(|(path, ..)| format!("{path}: has no Chinese any more, take it off")),
    );
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Also what is short and ends like one.
fn is_sentence(literal: &str) -> bool {
    let chars: Vec<char> = literal.chars().collect();
    let ends = chars.windows(2).any(|two| is_chinese(two[0]) && ENDS_OF_SENTENCES.contains(&two[1]));
    ends || chars.into_iter().filter(|c| is_chinese(*c)).count() > WORD_CHARS_MAX
}

fn is_chinese(c: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&c)
}

/// The modules that a build without tests has.
#[derive(Default)]
struct Code {
    files: BTreeSet<PathBuf>,
    /// Modules of tests: the folder of each, which its file is named like.
    tests: Vec<PathBuf>,
    chinese: Vec<(PathBuf, String)>,
}

impl Code {
    fn of(roots: &[&str]) -> Code {
        let mut code = Code::default();
        roots.iter().for_each(|root| code.read(Path::new(root)));
        code
    }

    fn read(&mut self, file: &Path) {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let tokens = text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let is_own_folder = ["lib", "main", "mod"].iter().any(|stem| file.file_stem().unwrap() == *stem);
        let folder = if is_own_folder { file.parent().unwrap().to_owned() } else { file.with_extension("") };
        self.files.insert(file.to_owned());
        self.look(tokens, file, &folder);
    }

    fn look(&mut self, tokens: TokenStream, file: &Path, folder: &Path) {
        let (mut before, mut is_test) = ([String::new(), String::new()], false);
        for token in tokens {
            let now = match &token {
                TokenTree::Group(_) => String::new(),
                token => token.to_string(),
            };
            match &token {
                TokenTree::Group(group) if before[1] == "#" || before == ["#", "!"] => {
                    let attribute = group.stream().to_string().replace(' ', "");
                    // Of comments for `rustdoc`, too.
                    if !attribute.starts_with("doc=") {
                        self.look(group.stream(), file, folder);
                    }
                    is_test |= attribute == "cfg(test)";
                }
                TokenTree::Group(group) if is_test => is_test = group.delimiter() != Delimiter::Brace,
                TokenTree::Group(group) => {
                    let inner = folder.join(&before[1]);
                    let is_module = group.delimiter() == Delimiter::Brace && before[0] == "mod";
                    self.look(group.stream(), file, if is_module { &inner } else { folder });
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => {
                    let was_test = std::mem::take(&mut is_test);
                    let [kind, name] = &before;
                    if kind == "mod" && was_test {
                        self.tests.push(folder.join(name));
                    } else if kind == "mod" {
                        let inner = folder.join(name).join("mod.rs");
                        let file =
                            if inner.exists() { inner } else { folder.join(name).with_extension("rs") };
                        self.read(&file);
                    }
                }
                TokenTree::Literal(literal) if !is_test => {
                    let literal = literal.to_string();
                    if literal.chars().any(is_chinese) {
                        self.chinese.push((file.to_owned(), literal));
                    }
                }
                _ => {}
            }
            before = [std::mem::take(&mut before[1]), now];
        }
    }
}

#[test]
fn no_file_is_overlooked() {
    let code = Code::of(&["src/lib.rs", "src/main.rs"]);
    let mut folders = vec![PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let is_test =
                    code.tests.iter().any(|test| path.starts_with(test) || path == test.with_extension("rs"));
                assert!(is_test || code.files.contains(&path), "{}: neither code nor a test", path.display());
            }
        }
    }
}

#[test]
fn literals_of_code_are_found_and_no_others() {
    let text = r####"
        //! 说明
        /// 说明
        fn reply() -> String { /* "注释" */ format!("你好，{}", r#"粉丝"#) } // "注释"
        #[arg(help = "帮助")] const SIGN: char = '号';
        #[cfg(test)] mod tests { const SAID: &str = "测试"; }
        #[cfg(test)] #[derive(Debug)] struct Said(#[serde(default = "测试")] u8);
        #[cfg(not(test))] fn other<'a>() -> &'a str { "又" }
    "####;
    let mut code = Code::default();
    code.look(text.parse().unwrap(), Path::new("a.rs"), Path::new("a"));
    let found: Vec<&str> = code.chinese.iter().map(|(_, literal)| literal.as_str()).collect();
    assert_eq!(found, ["\"你好，{}\"", "r#\"粉丝\"#", "\"帮助\"", "'号'", "\"又\""]);
}

#[test]
fn a_reply_is_no_word() {
    for (literal, is) in [("\"同意\"", false), ("\"说不清，请工作人员看\"", false), ("\"报名成功。\"", true)]
    {
        assert_eq!(is_sentence(literal), is, "{literal}");
    }
}
