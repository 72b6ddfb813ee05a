//! What a change of rules would do, gathered page by page.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::answer::{items, read_text, text_of};
use crate::cli::client::Client;
use crate::cli::out;
use crate::cli::{Done, block_on, progress};
use crate::domain::scheme::record::Fen;

/// Of the changes, the largest.
const LARGEST: usize = 20;

#[derive(Default)]
struct Sums {
    counted: u64,
    now: Fen,
    then: Fen,
    winners: u64,
    won: Fen,
    losers: u64,
    lost: Fen,
    /// By (programme, year): income, granted, and what the change adds.
    books: BTreeMap<(String, u64), (Fen, Fen, Fen)>,
    largest: Vec<(Fen, Value)>,
    /// Examples of the file that don't hold.
    examples: Vec<String>,
}

pub(super) fn simulate(client: &Client, file: &Path, json: bool) -> Done {
    let text = read_text(file)?;
    let spinner = progress::spinner("counting");
    let (mut sums, mut seen, mut after) = (Sums::default(), 0, Value::Null);
    loop {
        let body = json!({ "file": text, "after": after });
        let page = block_on(async { client.post("/fund/simulate", Some(&body)).await })?;
        sums.add(&page);
        seen += page["seen"].as_u64().unwrap_or(0);
        spinner.set_message(format!("{seen} claims"));
        after = page["next"].clone();
        if after.is_null() {
            break;
        }
    }
    spinner.finish_and_clear();
    if json { out::print_json(&sums.json()) } else { sums.print() }
}

fn money(value: &Value) -> Fen {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_default()
}

impl Sums {
    fn add(&mut self, page: &Value) {
        self.counted += page["counted"].as_u64().unwrap_or(0);
        self.examples.extend(items(page, "examples").map(text_of));
        self.now = self.now.plus(money(&page["now"]));
        self.then = self.then.plus(money(&page["then"]));
        for row in items(page, "balances") {
            let key = (text_of(&row["programme"]), row["year"].as_u64().unwrap_or(0));
            let book = self.books.entry(key).or_default();
            (book.0, book.1) = (money(&row["income"]), money(&row["granted"]));
        }
        for row in items(page, "changed") {
            let more = money(&row["then"]).minus(money(&row["now"]));
            if more > Fen::ZERO {
                (self.winners, self.won) = (self.winners + 1, self.won.plus(more));
            } else {
                (self.losers, self.lost) = (self.losers + 1, self.lost.minus(more));
            }
            let key = (text_of(&row["programme"]), row["year"].as_u64().unwrap_or(0));
            let book = self.books.entry(key).or_default();
            book.2 = book.2.plus(more);
            self.largest.push((more, row.clone()));
        }
        self.largest.sort_by_key(|(more, _)| std::cmp::Reverse(more.0.abs()));
        self.largest.truncate(LARGEST);
    }

    fn json(&self) -> Value {
        let book = |((programme, year), (income, granted, more)): (&(String, u64), &(Fen, Fen, Fen))| {
            json!({
                "programme": programme, "year": year, "income": income, "granted": granted,
                "granted_then": granted.plus(*more), "balance_then": income.minus(granted.plus(*more)),
            })
        };
        json!({
            "counted": self.counted, "now": self.now, "then": self.then,
            "winners": { "count": self.winners, "sum": self.won },
            "losers": { "count": self.losers, "sum": self.lost },
            "books": self.books.iter().map(book).collect::<Vec<_>>(),
            "largest": self.largest.iter().map(|(_, row)| row).collect::<Vec<_>>(),
            "examples": self.examples,
        })
    }

    fn print(&self) -> Done {
        for example in &self.examples {
            out::say(format_args!("holds no more, mend it before `scheme check`: {example}"));
        }
        out::print(&format!(
            "{} claims: {} now, {} then ({:+.2} yuan)\nmore for {} ({} in all), less for {} ({} in all)\n\n",
            self.counted,
            self.now,
            self.then,
            self.then.minus(self.now).0 as f64 / 100.0,
            self.winners,
            self.won,
            self.losers,
            self.lost,
        ))?;
        let row = |row: &Value| {
            let cell = |name: &str| text_of(&row[name]);
            [
                cell("programme"),
                cell("year"),
                cell("income"),
                cell("granted"),
                cell("granted_then"),
                cell("balance_then"),
            ]
        };
        let told = self.json();
        let books: Vec<[String; 6]> = items(&told, "books").map(row).collect();
        out::print(&out::table(["PROGRAMME", "YEAR", "INCOME", "GRANTED", "THEN", "BALANCE THEN"], &books))?;
        let row = |(_, row): &(Fen, Value)| {
            let cell = |name: &str| text_of(&row[name]);
            [cell("claim"), cell("programme"), cell("now"), cell("then"), cell("why")]
        };
        let largest: Vec<[String; 5]> = self.largest.iter().map(row).collect();
        out::print("\n")?;
        out::print(&out::table(["CLAIM", "PROGRAMME", "NOW", "THEN", "WHY"], &largest))
    }
}
