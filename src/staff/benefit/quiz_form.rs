//! The questions before a claim, as staff write them.

use serde::{Deserialize, Serialize};

use crate::domain::benefit::record::{Question, Quiz};
use crate::staff::form::Problems;

const QUESTIONS_MAX: usize = 10;
const QUESTION_CHARS: usize = 80;
const CHOICES_MAX: usize = 6;
const CHOICE_CHARS: usize = 30;

/// `right` of the questions in one go, and so many goes (`tries`) in a release. All must be right if left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuizForm {
    pub questions: Vec<QuestionForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<u8>,
    #[serde(default = "quiz_tries")]
    pub tries: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionForm {
    pub text: String,
    pub choices: Vec<String>,
    /// The right one of the choices, from 1.
    pub answer: u8,
}

fn quiz_tries() -> u8 {
    3
}

impl QuizForm {
    pub fn check(&self, problems: &mut Problems) {
        let count = self.questions.len();
        let message = format!("1 to {QUESTIONS_MAX} are needed");
        problems.unless((1..=QUESTIONS_MAX).contains(&count), "quiz.questions", message);
        let right = self.right.is_none_or(|right| right > 0 && usize::from(right) <= count);
        problems.unless(right, "quiz.right", "must be 1 to the number of questions");
        problems.unless((1..=20).contains(&self.tries), "quiz.tries", "must be 1 to 20");
        for (index, question) in self.questions.iter().enumerate() {
            let path = format!("quiz.questions[{index}]");
            problems.words(format!("{path}.text"), &question.text, 1..=QUESTION_CHARS);
            let choices = question.choices.len();
            let message = format!("2 to {CHOICES_MAX} are needed");
            problems.unless((2..=CHOICES_MAX).contains(&choices), format!("{path}.choices"), message);
            for (number, choice) in question.choices.iter().enumerate() {
                problems.words(format!("{path}.choices[{number}]"), choice, 1..=CHOICE_CHARS);
            }
            let answer = question.answer > 0 && usize::from(question.answer) <= choices;
            problems.unless(answer, format!("{path}.answer"), "is the number of a choice, from 1");
        }
    }

    pub fn quiz(self) -> Quiz {
        let question = |form: QuestionForm| Question {
            text: form.text.trim().to_owned(),
            choices: form.choices.iter().map(|choice| choice.trim().to_owned()).collect(),
            right: form.answer,
        };
        let questions: Vec<Question> = self.questions.into_iter().map(question).collect();
        let all = u8::try_from(questions.len()).unwrap_or(u8::MAX);
        Quiz { questions, needed: self.right.unwrap_or(all), tries: self.tries }
    }
}

impl From<&Quiz> for QuizForm {
    fn from(quiz: &Quiz) -> QuizForm {
        let question = |question: &Question| QuestionForm {
            text: question.text.clone(),
            choices: question.choices.clone(),
            answer: question.right,
        };
        let questions = quiz.questions.iter().map(question).collect();
        QuizForm { questions, right: Some(quiz.needed), tries: quiz.tries }
    }
}
