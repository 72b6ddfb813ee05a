use super::route::{COMMANDS, Command};
use super::texts;
use crate::content::{Content, Expected, Problem, Source};
use crate::flows;

/// Reads the menus folder against everything that the code says and can be led to: all problems at once, or
/// the content with its warnings.
pub fn load_content(source: &Source) -> Result<(Content, Vec<Problem>), Vec<Problem>> {
    let mut said = flows::texts::all();
    said.extend(texts::ALL);
    let words = |(command, words): &(Command, &'static [&'static str])| {
        let leads_to = command.target();
        words.iter().map(move |word| (*word, leads_to))
    };
    let commands: Vec<_> = COMMANDS.iter().flat_map(words).collect();
    let expected = Expected {
        texts: &said,
        notices: flows::notices::FORMS,
        subscriptions: flows::notices::SUBSCRIPTIONS,
        targets: flows::targets::TARGETS,
        services: flows::targets::SERVICES,
        commands: &commands,
    };
    Content::load(source, &expected)
}
