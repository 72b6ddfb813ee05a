//! `gonghui benefit`: staff work on benefits and coupons (福利, 券), through a running service.

mod codes;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::answer::{items, no_rows, parse_code, parse_id, read_text, text_of};
use super::client::{Client, Common};
use super::documents::{Documents, One, Seen};
use super::out::{self, Failure};
use super::{Done, block_on};
use crate::config::Environment;

/// Create, publish and top up benefits, load codes, and redeem coupons
///
/// The service's token comes from the environment variable GONGHUI_TOKEN.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui benefit list --server http://127.0.0.1:8080")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a benefit, as a draft, from a JSON file
    #[command(after_help = "Example:\n  gonghui benefit create fixtures/benefits/bus.json")]
    Create {
        /// The benefit; `-` reads it from stdin
        file: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// List benefits by number
    #[command(after_help = "Example:\n  gonghui benefit list --json")]
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Show how a benefit stands, its releases, and what claims were told since the service started
    #[command(after_help = "Example:\n  gonghui benefit show W12")]
    Show {
        #[command(flatten)]
        benefit: One,
        /// All that was written, in the shape that `change` takes
        #[arg(long)]
        form: bool,
    },
    /// Give a benefit a new shape, from a JSON file with all of it; the release that is on stays as it began
    #[command(after_help = "Example:\n  gonghui benefit change W12 bus.json")]
    Change {
        #[command(flatten)]
        benefit: One,
        /// The whole benefit; `-` reads it from stdin
        file: PathBuf,
        #[command(flatten)]
        seen: Seen,
    },
    /// Show a draft to followers, or go on after a pause
    #[command(after_help = "Example:\n  gonghui benefit publish W12")]
    Publish {
        #[command(flatten)]
        benefit: One,
    },
    /// Let nobody claim until it is published again; what was given stays good
    #[command(after_help = "Example:\n  gonghui benefit pause W12 --reason 影城停业")]
    Pause {
        /// Why; followers read it
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        benefit: One,
    },
    /// End it: no more releases; what was given stays good
    #[command(after_help = "Example:\n  gonghui benefit close W12")]
    Close {
        #[command(flatten)]
        benefit: One,
    },
    /// Add so many to the release that is on
    #[command(after_help = "Example:\n  gonghui benefit top-up W12 --stock 100")]
    TopUp {
        /// How many more
        #[arg(long)]
        stock: u32,
        #[command(flatten)]
        benefit: One,
    },
    /// Load a provider's codes from a CSV file with the column `code`, and perhaps `until`
    ///
    /// Lines that are wrong, or known already, are told and left out. Run again with the same file, it goes on where it
    /// broke off and loads nothing twice.
    #[command(after_help = "Example:\n  gonghui benefit codes W12 film-codes.csv --supplier 三江影城")]
    Codes {
        #[command(flatten)]
        benefit: One,
        /// The codes
        file: PathBuf,
        /// Whom the codes come from
        #[arg(long, default_value = "", hide_default_value = true)]
        supplier: String,
        /// The lot's name [default: the file's name]
        #[arg(long)]
        lot: Option<String>,
    },
    /// Tell which of a provider's codes were used, from a CSV file with the column `code`, and perhaps `at`
    ///
    /// What expired and was used all the same is no longer held against its owner.
    #[command(after_help = "Example:\n  gonghui benefit used W12 film-used.csv")]
    Used {
        #[command(flatten)]
        benefit: One,
        /// The codes
        file: PathBuf,
    },
    /// Put people on the list of a benefit that is for a list: a member's number or an OpenID a line
    #[command(after_help = "Example:\n  gonghui benefit people W12 people.txt")]
    People {
        #[command(flatten)]
        benefit: One,
        /// The list
        file: PathBuf,
    },
    /// Take a coupon by its code; staff may give its number instead
    #[command(after_help = "Example:\n  gonghui benefit redeem 4F7K-0123-4567-89AB-C --place 1号窗口")]
    Redeem {
        #[command(flatten)]
        coupon: OneCoupon,
        /// The shop or till
        #[arg(long, default_value = "", hide_default_value = true)]
        place: String,
    },
    /// Show a coupon; its code is masked
    #[command(after_help = "Example:\n  gonghui benefit coupon W12-000007")]
    Coupon {
        #[command(flatten)]
        coupon: OneCoupon,
        /// Show the whole code, and why it is needed; goes onto the audit trail
        #[arg(long, value_name = "REASON")]
        reveal: Option<String>,
    },
    /// Take back a redemption of today's
    #[command(after_help = "Example:\n  gonghui benefit undo W12-000007 --reason 输错了券码")]
    Undo {
        #[command(flatten)]
        coupon: OneCoupon,
        /// Why: for the trail
        #[arg(long)]
        reason: String,
    },
    /// Make a coupon void, and give its owner another one if asked to
    ///
    /// Also a provider's code that nobody has yet: it is given to nobody then.
    #[command(after_help = "Example:\n  gonghui benefit void W12-000007 --reason 影城不认码 --reissue")]
    Void {
        #[command(flatten)]
        coupon: OneCoupon,
        /// Why: the owner reads it
        #[arg(long)]
        reason: String,
        /// Give the owner another one
        #[arg(long)]
        reissue: bool,
    },
    /// Let a person claim nothing for some days
    #[command(after_help = "Example:\n  gonghui benefit pause-person M000123 --days 30 --reason 转卖券码")]
    PausePerson {
        /// A member's number or an OpenID
        #[arg(value_parser = parse_id)]
        person: String,
        /// For so many days
        #[arg(long)]
        days: u16,
        /// Why; the person reads it
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        common: Common,
    },
    /// End a person's pause
    #[command(after_help = "Example:\n  gonghui benefit lift M000123 --reason 核实后恢复")]
    Lift {
        /// A member's number or an OpenID
        #[arg(value_parser = parse_id)]
        person: String,
        /// Why: for the trail
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, clap::Args)]
struct OneCoupon {
    /// The code, with or without dashes, or the coupon's number
    #[arg(value_parser = parse_code)]
    code: String,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let client = |common: &Common| Client::new(&common.server, environment);
    match &args.command {
        Command::Create { file, common } => {
            BENEFITS.create(&client(common)?, common, file)?;
            out::say("It is a draft; `gonghui benefit publish` shows it to followers.");
            Ok(())
        }
        Command::List { common } => BENEFITS.list(&client(common)?, common),
        Command::Show { benefit, form } => show(&client(&benefit.common)?, benefit, *form),
        Command::Change { benefit, file, seen } => {
            BENEFITS.change(&client(&benefit.common)?, benefit, file, seen)
        }
        Command::Publish { benefit } => BENEFITS.act(&client(&benefit.common)?, benefit, "publish", None),
        Command::Pause { reason, benefit } => {
            BENEFITS.act(&client(&benefit.common)?, benefit, "pause", Some(json!({ "reason": reason })))
        }
        Command::Close { benefit } => BENEFITS.act(&client(&benefit.common)?, benefit, "close", None),
        Command::TopUp { stock, benefit } => {
            BENEFITS.act(&client(&benefit.common)?, benefit, "top_up", Some(json!({ "stock": stock })))
        }
        Command::Codes { benefit, file, supplier, lot } => {
            let client = client(&benefit.common)?;
            codes::load(&client, &benefit.id, file, supplier, lot.as_deref(), benefit.common.json)
        }
        Command::Used { benefit, file } => {
            codes::used(&client(&benefit.common)?, &benefit.id, file, benefit.common.json)
        }
        Command::People { benefit, file } => people(&client(&benefit.common)?, benefit, file),
        Command::Redeem { coupon, place } => {
            on_coupon(&client(&coupon.common)?, coupon, "redeem", json!({ "place": place }))
        }
        Command::Coupon { coupon, reveal } => {
            show_coupon(&client(&coupon.common)?, coupon, reveal.as_deref())
        }
        Command::Undo { coupon, reason } => {
            on_coupon(&client(&coupon.common)?, coupon, "undo", json!({ "reason": reason }))
        }
        Command::Void { coupon, reason, reissue } => {
            let body = json!({ "reason": reason, "reissue": reissue });
            void(&client(&coupon.common)?, coupon, body)
        }
        Command::PausePerson { person, days, reason, common } => {
            let body = json!({ "days": days, "reason": reason });
            on_person(&client(common)?, person, "pause", &body)
        }
        Command::Lift { person, reason, common } => {
            on_person(&client(common)?, person, "lift", &json!({ "reason": reason }))
        }
    }
}

fn show(client: &Client, benefit: &One, form: bool) -> Done {
    let shown = BENEFITS.get(client, benefit)?;
    if form {
        return out::print_json(&shown["benefit"]);
    }
    let over = block_on(client.get(&format!("/benefits/{}/releases", benefit.id)))?;
    if benefit.common.json {
        let mut shown = shown;
        shown["releases"] = over["releases"].clone();
        return out::print_json(&shown);
    }
    BENEFITS.print(&benefit.common, &shown)?;
    let latest = shown.get("release").into_iter();
    let rows: Vec<[String; 8]> = latest.chain(items(&over, "releases")).map(release_row).collect();
    if !rows.is_empty() {
        out::print("\n")?;
        let head = ["RELEASE", "STOCK", "CARRIED", "ADDED", "GIVEN", "LEFT", "NEWCOMERS", "GONE"];
        out::print(&out::table(head, &rows))?;
    }
    let counts = &shown["since_start"];
    let count = |name: &str| text_of(&counts[name]);
    out::say(format_args!(
        "claims since the service started: {} ({} given, {} gone, {} gone from memory, {} too fast, {} too new, \
         {} refused otherwise)",
        count("claims"),
        count("given"),
        count("gone"),
        count("gone_from_memory"),
        count("too_fast"),
        count("too_new"),
        count("refused"),
    ));
    Ok(())
}

fn release_row(release: &Value) -> [String; 8] {
    ["at", "stock", "carried_in", "added", "given", "left", "newcomers", "gone"]
        .map(|key| text_of(&release[key]))
}

/// People put on the list in one call.
const PEOPLE_A_CALL: usize = 500;

fn people(client: &Client, benefit: &One, file: &Path) -> Done {
    let text = read_text(file)?;
    let mut people = Vec::new();
    for (line, who) in (1..).zip(text.lines().map(str::trim)).filter(|(_, who)| !who.is_empty()) {
        let who = parse_id(who).map_err(|why| Failure::new(format!("{}:{line}: {why}", file.display())))?;
        people.push(who);
    }
    if people.is_empty() {
        return Err(no_rows(file));
    }
    let mut added = 0;
    for some in people.chunks(PEOPLE_A_CALL) {
        let path = format!("/benefits/{}/list", benefit.id);
        let done = block_on(client.post(&path, Some(&json!({ "people": some }))))?;
        added += done["added"].as_u64().unwrap_or(0);
    }
    if benefit.common.json {
        return out::print_json(&json!({ "added": added }));
    }
    out::say(format_args!("{added} of {} were not on the list", people.len()));
    Ok(())
}

fn on_coupon(client: &Client, coupon: &OneCoupon, act: &str, body: Value) -> Done {
    let done = block_on(client.post(&format!("/coupons/{}/{act}", coupon.code), Some(&body)))?;
    print_coupons(&coupon.common, &done, &[&done])
}

fn void(client: &Client, coupon: &OneCoupon, body: Value) -> Done {
    let done = block_on(client.post(&format!("/coupons/{}/void", coupon.code), Some(&body)))?;
    let both: Vec<&Value> = ["void", "instead"].iter().filter_map(|name| done.get(*name)).collect();
    print_coupons(&coupon.common, &done, &both)
}

fn show_coupon(client: &Client, coupon: &OneCoupon, reveal: Option<&str>) -> Done {
    let words: Vec<(&str, &str)> = reveal.map(|reason| ("reveal", reason)).into_iter().collect();
    let text = block_on(client.look(&format!("/coupons/{}", coupon.code), &words, "application/json"))?;
    let shown: Value = serde_json::from_str(&text).map_err(Failure::new)?;
    print_coupons(&coupon.common, &shown, &[&shown])
}

fn print_coupons(common: &Common, whole: &Value, coupons: &[&Value]) -> Done {
    if common.json {
        return out::print_json(whole);
    }
    let row = |coupon: &&Value| {
        let [number, state, code, until, title] =
            ["number", "state", "code", "valid_until", "title"].map(|key| text_of(&coupon[key]));
        let [at, place] = ["at", "place"].map(|key| text_of(&coupon["redeemed"][key]));
        [number, state, code, until, at, place, title]
    };
    let rows: Vec<[String; 7]> = coupons.iter().map(row).collect();
    out::print(&out::table(["NUMBER", "STATE", "CODE", "UNTIL", "REDEEMED", "PLACE", "TITLE"], &rows))
}

fn on_person(client: &Client, person: &str, act: &str, body: &Value) -> Done {
    block_on(client.post_for_response(&format!("/people/{person}/{act}"), Some(body)))?;
    out::say("done");
    Ok(())
}

const BENEFITS: Documents<8> = Documents {
    plural: "benefits",
    head: ["ID", "STATE", "LEFT", "TAKEN", "VOID", "NEXT", "NOTE", "TITLE"],
    row,
};

fn row(benefit: &Value) -> [String; 8] {
    let [id, state, next, title] = ["id", "state", "next_release", "title"].map(|key| text_of(&benefit[key]));
    let [left, taken, void] = ["left", "taken", "void"].map(|key| text_of(&benefit["stock"][key]));
    [id, state, left, taken, void, next, note(benefit), title]
}

/// What staff should see to.
fn note(benefit: &Value) -> String {
    match benefit["low"].as_bool() {
        Some(true) => format!("low: fewer than {} left", text_of(&benefit["alarm_below"])),
        _ => String::new(),
    }
}
