//! What counts as an answer to a question of a sign-up.

use super::record::{AnswerValue, Question, QuestionKind};
use crate::store::Sealed;

/// Why an answer isn't one. `code` names the sentence that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadAnswer {
    Empty,
    TooLong { max_chars: u16 },
    NotAChoice,
    NotANumber { min: i64, max: i64 },
    NotAPhone,
    NotAnAddress,
}

const ADDRESS_CHARS: std::ops::RangeInclusive<usize> = 6..=120;

/// The answer in its stored spelling, or why it is none.
pub fn check(question: &Question, answer: &str) -> Result<String, BadAnswer> {
    let answer: String = answer.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if answer.is_empty() {
        return Err(BadAnswer::Empty);
    }
    match &question.kind {
        QuestionKind::Text { max_chars } if answer.chars().count() > usize::from(*max_chars) => {
            Err(BadAnswer::TooLong { max_chars: *max_chars })
        }
        QuestionKind::Text { .. } => Ok(answer),
        QuestionKind::Choice { options } => choose(options, &answer).ok_or(BadAnswer::NotAChoice),
        QuestionKind::Number { min, max } => half_width(&answer)
            .parse::<i64>()
            .ok()
            .filter(|number| (min..=max).contains(&number))
            .map(|number| number.to_string())
            .ok_or(BadAnswer::NotANumber { min: *min, max: *max }),
        QuestionKind::Phone => phone(&answer).ok_or(BadAnswer::NotAPhone),
        QuestionKind::Address => {
            let fits = ADDRESS_CHARS.contains(&answer.chars().count()) && answer.chars().any(is_han);
            if fits { Ok(answer) } else { Err(BadAnswer::NotAnAddress) }
        }
    }
}

/// How the answer is stored. What a person writes freely is sealed, like phones and addresses.
pub fn store(question: &Question, answer: String) -> AnswerValue {
    match question.kind {
        QuestionKind::Phone => AnswerValue::Phone(Sealed::new(answer)),
        QuestionKind::Address => AnswerValue::Address(Sealed::new(answer)),
        QuestionKind::Text { .. } => AnswerValue::Text(Sealed::new(answer)),
        QuestionKind::Choice { .. } | QuestionKind::Number { .. } => AnswerValue::Plain(answer),
    }
}

fn choose(options: &[String], answer: &str) -> Option<String> {
    if let Some(option) = options.iter().find(|option| *option == answer) {
        return Some(option.clone());
    }
    let number: usize = half_width(answer).parse().ok()?;
    options.get(number.checked_sub(1)?).cloned()
}

/// A mainland mobile number: 11 digits from 1, the second 3 to 9; spaces, hyphens, +86 and words around it are forgiven,
/// other numbers aren't.
pub fn phone(answer: &str) -> Option<String> {
    let said: String = half_width(answer).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let said = said.replace("+86", "");
    let mut numbers = said.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
    let digits = numbers.next().filter(|_| numbers.next().is_none())?;
    let mobile = digits.len() == 11
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.starts_with('1')
        && matches!(digits.as_bytes().get(1), Some(b'3'..=b'9'));
    mobile.then(|| digits.to_owned())
}

pub fn half_width(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    };
    text.chars().map(narrow).collect()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(kind: QuestionKind) -> Question {
        Question { name: "q".to_owned(), ask: "?".to_owned(), kind, required: true }
    }

    #[test]
    fn answers_are_taken_as_people_write_them() {
        let phone = question(QuestionKind::Phone);
        assert_eq!(check(&phone, " +86 138-0000-1234 ").as_deref(), Ok("13800001234"));
        assert_eq!(check(&phone, "１３８００００１２３４").as_deref(), Ok("13800001234"));
        assert_eq!(check(&phone, "我的手机号是138 0000 1234，谢谢").as_deref(), Ok("13800001234"));
        for none in ["12345", "13800001234 13800005678", "2幢 13800001234", "手机号"] {
            assert_eq!(check(&phone, none), Err(BadAnswer::NotAPhone), "{none}");
        }
        let size = question(QuestionKind::Choice { options: vec!["S".to_owned(), "M".to_owned()] });
        assert_eq!(check(&size, "２").as_deref(), Ok("M"));
        assert_eq!(check(&size, "S").as_deref(), Ok("S"));
        assert_eq!(check(&size, "0"), Err(BadAnswer::NotAChoice));
        let age = question(QuestionKind::Number { min: 6, max: 12 });
        assert_eq!(check(&age, "８").as_deref(), Ok("8"));
        assert_eq!(check(&age, "13"), Err(BadAnswer::NotANumber { min: 6, max: 12 }));
        let home = question(QuestionKind::Address);
        assert_eq!(check(&home, "here"), Err(BadAnswer::NotAnAddress));
        assert!(check(&home, "宁波市海曙区解放北路91号").is_ok());
        let name = question(QuestionKind::Text { max_chars: 4 });
        assert_eq!(check(&name, "  "), Err(BadAnswer::Empty));
        assert_eq!(check(&name, "一二三四五"), Err(BadAnswer::TooLong { max_chars: 4 }));
        assert_eq!(check(&name, "张\u{7}三").as_deref(), Ok("张 三"));
    }
}
