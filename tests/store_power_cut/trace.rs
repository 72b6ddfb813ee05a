//! What strace wrote, as calls.

use std::collections::HashMap;

pub struct Trace {
    /// In the order in which they ended.
    pub calls: Vec<Call>,
}

#[derive(Debug)]
pub struct Call {
    pub name: String,
    pub args: Vec<Arg>,
    pub result: i64,
    /// Lines of the trace on which the call began and ended.
    pub entered: usize,
    pub left: usize,
}

#[derive(Debug, PartialEq)]
pub enum Arg {
    Bytes(Vec<u8>),
    Word(String),
}

impl Trace {
    pub fn parse(text: &str) -> Trace {
        let mut unfinished = HashMap::new();
        let mut calls = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let (thread, rest) = line.split_once(' ').expect("each line begins with its thread");
            let rest = rest.trim_start();
            if rest.starts_with("+++") || rest.starts_with("---") {
                continue;
            }
            if let Some(begun) = rest.strip_suffix(" <unfinished ...>") {
                unfinished.insert(thread, (at, begun));
            } else if let Some(resumed) = rest.strip_prefix("<... ") {
                let (_, end) = resumed.split_once(" resumed>").expect("a resumed call");
                let (entered, begun) = unfinished.remove(thread).expect("the call that is resumed");
                calls.extend(call(&format!("{begun}{end}"), entered, at));
            } else {
                calls.extend(call(rest, at, at));
            }
        }
        Trace { calls }
    }
}

/// A call that succeeded.
fn call(text: &str, entered: usize, left: usize) -> Option<Call> {
    let (call, result) = text.rsplit_once(" = ")?;
    let result = result.split_whitespace().next()?.parse().ok().filter(|result| *result >= 0)?;
    let (name, args) = call.trim_end().strip_suffix(')')?.split_once('(')?;
    Some(Call { name: name.to_owned(), args: args.split(", ").map(arg).collect(), result, entered, left })
}

/// Strings come as `"\x61\x62"`, so no comma or quote is inside one.
fn arg(text: &str) -> Arg {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(hex) => {
            Arg::Bytes(hex.split("\\x").skip(1).map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect())
        }
        None => Arg::Word(text.to_owned()),
    }
}

impl Call {
    pub fn bytes(&self, index: usize) -> &[u8] {
        match &self.args[index] {
            Arg::Bytes(bytes) => bytes,
            other => panic!("{} has no string at {index}: {other:?}", self.name),
        }
    }

    pub fn word(&self, index: usize) -> &str {
        match &self.args[index] {
            Arg::Word(word) => word,
            other => panic!("{} has no word at {index}: {other:?}", self.name),
        }
    }

    pub fn number(&self, index: usize) -> i64 {
        self.word(index).parse().unwrap_or_else(|_| panic!("{self:?} has no number at {index}"))
    }

    /// What a `write` to the standard output wrote.
    pub fn written(&self) -> Option<&[u8]> {
        (self.name == "write" && self.number(0) == 1).then(|| self.bytes(1))
    }
}
