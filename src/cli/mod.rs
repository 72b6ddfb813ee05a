//! The command line: one thin file a command. Data goes to stdout, talk to stderr.

mod activity;
mod answer;
mod audit;
mod backup;
mod benefit;
mod broadcast;
mod case;
mod check;
mod claim;
mod client;
mod demo;
mod doctor;
mod documents;
mod export;
mod faq;
mod findings;
mod follower;
mod fund;
mod keys;
mod list_file;
mod list_run;
mod member;
mod menu;
mod out;
mod outbox;
mod payment;
mod progress;
mod reach;
mod record;
mod replay;
mod restore;
mod scheme;
mod serve;
mod staff;
mod trail;
mod verify;
mod wechat;
mod worklist;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::app;
use crate::config::Environment;
use out::Failure;

/// The service behind a trade-union federation's WeChat service account (工惠).
#[derive(Debug, Parser)]
#[command(name = "gonghui", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Example:\n  gonghui serve --config gonghui.toml")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The configuration file of the commands that read one.
#[derive(Debug, clap::Args)]
struct ConfigArgs {
    /// The configuration file
    #[arg(long = "config", value_name = "FILE", default_value = "gonghui.toml")]
    path: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Serve(serve::Args),
    Check(check::Args),
    Doctor(doctor::Args),
    Menu(menu::Args),
    Replay(replay::Args),
    Record(record::Args),
    Activity(activity::Args),
    Benefit(benefit::Args),
    Broadcast(broadcast::Args),
    Claim(claim::Args),
    Case(case::Args),
    Payment(payment::Args),
    Faq(faq::Args),
    Fund(fund::Args),
    Follower(follower::Args),
    Outbox(outbox::Args),
    Staff(staff::Args),
    Trail(trail::Args),
    Keys(keys::Args),
    Member(member::Args),
    Scheme(scheme::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Verify(verify::Args),
    Audit(audit::Args),
    Export(export::Args),
}

/// Runs one command. Exit codes: 0 done, 1 failed, 2 wrong usage.
pub fn run(args: impl IntoIterator<Item = OsString>, environment: &Environment) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(answer) => {
            let _ = answer.print(); // a closed pipe loses help text, no more
            return ExitCode::from(answer.exit_code().clamp(0, 2) as u8);
        }
    };
    let done = match cli.command {
        Command::Demo(args) => demo::run(args, environment),
        Command::Serve(args) => serve::run(args, environment),
        Command::Check(args) => check::run(args, environment),
        Command::Doctor(args) => doctor::run(args, environment),
        Command::Menu(args) => menu::run(args, environment),
        Command::Replay(args) => replay::run(args, environment),
        Command::Record(args) => record::run(args),
        Command::Activity(args) => activity::run(args, environment),
        Command::Benefit(args) => benefit::run(args, environment),
        Command::Faq(args) => faq::run(args, environment),
        Command::Fund(args) => fund::run(args, environment),
        Command::Payment(args) => payment::run(args, environment),
        Command::Claim(args) => claim::run(args, environment),
        Command::Case(args) => case::run(args, environment),
        Command::Broadcast(args) => broadcast::run(args, environment),
        Command::Follower(args) => follower::run(args, environment),
        Command::Outbox(args) => outbox::run(args, environment),
        Command::Staff(args) => staff::run(args),
        Command::Trail(args) => trail::run(args, environment),
        Command::Keys(args) => keys::run(args, environment),
        Command::Member(args) => member::run(args, environment),
        Command::Scheme(args) => scheme::run(args, environment),
        Command::Backup(args) => backup::run(args, environment),
        Command::Restore(args) => restore::run(args, environment),
        Command::Verify(args) => verify::run(args, environment),
        Command::Audit(args) => audit::run(args, environment),
        Command::Export(args) => export::run(args, environment),
    };
    out::exit(done)
}

/// For work on other threads to end, once what was asked for is done.
const LEFTOVERS_LIMIT: Duration = Duration::from_secs(1);

/// What every command comes to.
type Done = Result<(), Failure>;

/// Runs what is asynchronous of a command.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = app::runtime()?;
    let done = runtime.block_on(work);
    // Told to stop while a store was being opened: that thread isn't waited for to its end.
    runtime.shutdown_timeout(LEFTOVERS_LIMIT);
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example_in_its_help() {
        fn check(command: &clap::Command) {
            for sub in command.get_subcommands() {
                check(sub);
            }
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("gonghui "), "`{}` shows no example", command.get_name());
        }
        check(&Cli::command());
    }

    /// Commands are typed by people who don't know them by heart.
    #[test]
    fn every_argument_says_what_it_is() {
        fn silent(command: &clap::Command, found: &mut Vec<String>, seen: &mut usize) {
            for argument in command.get_arguments() {
                *seen += 1;
                if argument.get_help().is_none() {
                    found.push(format!("{} {}", command.get_name(), argument.get_id()));
                }
            }
            command.get_subcommands().for_each(|sub| silent(sub, found, seen));
        }
        let (mut found, mut seen) = (Vec::new(), 0);
        silent(&Cli::command(), &mut found, &mut seen);
        assert!(seen > 300, "{seen}");
        assert_eq!(found, Vec::<String>::new());
    }

    /// A script asks for JSON without knowing which command has a table.
    #[test]
    fn whatever_asks_a_service_prints_json_if_asked_to() {
        fn check(command: &mut clap::Command) {
            let name = command.get_name().to_owned();
            let asks = command.get_arguments().any(|argument| argument.get_id() == "server");
            let prints = command.get_arguments().any(|argument| argument.get_id() == "json");
            // `export` has no other shape.
            assert!(!asks || prints || name == "export", "`{name}` takes no --json");
            command.get_subcommands_mut().for_each(check);
        }
        let mut root = Cli::command();
        root.build();
        check(&mut root);
    }
}
