//! `gonghui demo`: the service, a stand-in WeChat platform and sample activities, in one process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use tracing_subscriber::EnvFilter;

use super::out::{self, Failure};
use super::serve::until_told;
use super::{Done, block_on};
use crate::app::{Machine, Service, Starting, demo::Folder, schemes};
use crate::config::{Config, Environment};
use crate::domain::activity::record::ActivityCode;
use crate::moment::{Clock, Shifted};
use crate::samples;
use crate::server::log;
use crate::simulator::{self, Simulator};
use crate::staff::{Call, Caller, Role};
use crate::staff::{activity, benefit, member, scheme};
use crate::store::Store;

const ACCOUNT_NAME: &str = "甬城工惠";

/// Try the service: a chat page in the browser, no account and no file needed
///
/// Keys, store, menus and the configuration stand in the data folder; the same folder goes on where it was, and as
/// late as its clock was moved.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui demo --listen 127.0.0.1:8080 --data ./demo")]
pub(super) struct Args {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The data folder; without it, a temporary one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let listen = free(args.listen)?;
    let folder = Folder::open(args.data, Machine::default().moment().now.date(), listen)?;
    let text = folder.config(listen)?;
    let config = Config::parse(&folder.config_path(), &text, environment).map_err(Failure::new)?;
    let _log = log::start(EnvFilter::new("warn"), config.log.format);
    block_on(until_told(start(&folder, &config)))
}

/// The address itself, or with port 0 one that is free: the configuration names it to the service as WeChat's.
fn free(listen: SocketAddr) -> std::io::Result<SocketAddr> {
    match listen.port() {
        0 => std::net::TcpListener::bind(listen)?.local_addr(),
        _ => Ok(listen),
    }
}

async fn start(folder: &Folder, config: &Config) -> Result<Service, Failure> {
    let kept = folder.clone();
    let keep = Box::new(move |ahead| kept.keep_ahead(ahead));
    let shifted = Arc::new(Shifted::new(Arc::new(Machine::default()), folder.ahead()?, keep));
    let travel = Some(Arc::clone(&shifted));
    let clock: Arc<dyn Clock> = shifted;
    let platform = Arc::clone(&clock);
    let filled = Arc::new(OnceLock::new());
    let activities = activities_of(Arc::clone(&filled), Arc::clone(&clock));
    let menu = crate::dispatch::load_content(&crate::app::content_source(config))
        .map_err(|problems| {
            Failure::new(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        })?
        .0
        .menu;
    let mut first = String::new();
    let mounted = |address: SocketAddr| {
        let settings = simulator::Settings {
            service_url: format!("http://{address}"),
            webhook_path: config.server.path.clone(),
            patience: simulator::PATIENCE,
            job_takes: simulator::JOB_TAKES,
            travel,
            keys: config.account.keys.clone(),
            app_secret: config.account.app_secret.clone(),
            menu,
            account_name: ACCOUNT_NAME.to_owned(),
        };
        let simulator = Simulator::new(settings, platform);
        first = simulator.first_openid().unwrap_or_default();
        simulator.starts_from(activities);
        simulator::router(simulator)
    };
    let starting = Starting::open(config, Arc::clone(&clock)).await.map_err(Failure::new)?;
    let store = starting.store();
    fill(store, clock.as_ref()).await?;
    fill_benefits(store, clock.as_ref()).await?;
    fill_covers(store, clock.as_ref(), config).await?;
    let _ = filled.set(store.clone()); // once a start
    let service = starting.serve(mounted).map_err(Failure::new)?;
    folder.write_config(service.address())?;
    let (address, data) = (service.address(), folder.path().display());
    let steps = claim_steps(&std::env::current_exe()?, folder, address);
    let script = folder.write("claim.sh", &steps)?;
    out::print(&format!(
        "聊天页  http://{address}/simulator/\n\
         接口    http://{address}/api/v1/ (GONGHUI_TOKEN=$(cat {})；群发由 {} 复核)\n\
         小梅    {first}\n\
         会员    {}（点“会员认证”，照着填）\n\
         理赔    会员认证后点“申请理赔”，样张在“发图片”里；提交以后，工作人员一步步这样办（{}）：\n{}\
         数据    {data}\n\
         配置    {}\n\
         按 Ctrl-C 停止\n",
        folder.token_path().display(),
        folder.approver_token_path().display(),
        first_member(),
        script.display(),
        indented(&steps),
        folder.config_path().display(),
    ))?;
    Ok(service)
}

/// What staff do with the claims of the tour (README.md), as a script of a shell: each step's comment says what for.
fn claim_steps(program: &Path, folder: &Folder, address: SocketAddr) -> String {
    let (program, data) = (program.display(), folder.path().display());
    format!(
        r#"cd '{data}' && export GONGHUI_SERVER=http://{address}
by() {{ who=$1; shift; GONGHUI_TOKEN=$(cat "$who.token") '{program}' "$@"; }}

# 受理，录入结算单上的数，重新计算
by staff claim list
by staff claim accept L000001
echo '{{"self_borne": "6000.00", "total": "18600.00", "personal_amount": "8400.00"}}' | by staff claim enter L000001 -
by staff claim accept L000002

# 初审、复核，另外两个人；确诊超过一个月，要写理由
by district claim approve L000001
by district claim approve L000002 --reason 住院期间不便申请
by city claim approve L000001
by city claim approve L000002 --reason 住院期间不便申请

# 出纳制表，另一个人放行，发给银行
by cashier payment create --scheme ningbo
by approver payment release 1
by cashier payment export 1 --out batch.csv

# 银行付了款，结果入账
sed '1s/$/,result/; 2,$s/$/,paid/' batch.csv > results.csv
by cashier payment import 1 results.csv
"#
    )
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// What a recording starts from: every activity as staff wrote it, in the order of their numbers.
fn activities_of(filled: Arc<OnceLock<Store>>, clock: Arc<dyn Clock>) -> simulator::Setting {
    Box::new(move || {
        let (store, moment) = (filled.get().cloned(), clock.moment());
        Box::pin(async move {
            let Some(store) = store else { return Value::Array(Vec::new()) };
            let call = Call::new(&store, moment, Caller::new("demo", vec![Role::Activity]));
            let mut activities = Vec::new();
            for number in 1.. {
                let code = ActivityCode(number);
                let Ok(view) = activity::get(&call, code).await else { break };
                activities.extend(serde_json::to_value(view));
            }
            Value::Array(activities)
        })
    })
}

/// Sample activities around today and sample members, unless there are activities already.
async fn fill(store: &Store, clock: &dyn Clock) -> Result<(), Failure> {
    let call = || as_staff(store, clock, Role::Activity);
    let there = activity::list(&call(), None, 1).await.map_err(Failure::new)?;
    if !there.activities.is_empty() {
        return Ok(());
    }
    enlist(store, clock).await?;
    for body in samples::activities(clock.moment().now) {
        let created = activity::create(&call(), &body.to_string()).await.map_err(Failure::new)?;
        let Ok(id) = created.id.parse() else { continue };
        activity::publish(&call(), id).await.map_err(Failure::new)?;
    }
    Ok(())
}

/// A call of the demo's own, with what it takes.
fn as_staff(store: &Store, clock: &dyn Clock, role: Role) -> Call {
    Call::new(store, clock.moment(), Caller::new("demo", vec![role]))
}

async fn enlist(store: &Store, clock: &dyn Clock) -> Result<(), Failure> {
    let call = || as_staff(store, clock, Role::Member);
    for row in samples::members() {
        let row = serde_json::from_value(row).map_err(Failure::new)?;
        member::add(&call(), row).await.map_err(Failure::new)?;
    }
    Ok(())
}

/// Name, identity number and phone to be recognised by.
fn first_member() -> String {
    let first = samples::members().into_iter().next().unwrap_or_default();
    ["name", "identity", "phone"].map(|field| first[field].as_str().unwrap_or_default().to_owned()).join(" ")
}

/// Enrols sample members in what there is to be enrolled in; a list is entered once.
async fn fill_covers(store: &Store, clock: &dyn Clock, config: &Config) -> Result<(), Failure> {
    let call = || as_staff(store, clock, Role::Claim);
    let files = schemes::read(&schemes::source(config)).map_err(|problems| {
        Failure::new(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })?;
    for list in samples::enrolments(&files.schemes, clock.moment().now.date()) {
        let (of, file) = (list.scheme.as_str(), list.form.file.clone());
        let begun = scheme::begin(&call(), of, list.form).await;
        if begun.map_err(Failure::new)?.done > 0 {
            continue;
        }
        let entered = scheme::enrol(&call(), of, &file, 0, list.rows).await;
        entered.map_err(Failure::new)?;
    }
    Ok(())
}

/// Sample benefits, unless there are benefits already.
async fn fill_benefits(store: &Store, clock: &dyn Clock) -> Result<(), Failure> {
    let call = || as_staff(store, clock, Role::Benefit);
    let there = benefit::list(&call(), None, 1).await.map_err(Failure::new)?;
    if !there.benefits.is_empty() {
        return Ok(());
    }
    for sample in samples::benefits(clock.moment().now) {
        let made = benefit::create(&call(), &sample.form).await;
        let Ok(id) = made.map_err(Failure::new)?.id.parse() else { continue };
        if !sample.codes.is_empty() {
            let csv = format!("code\n{}\n", sample.codes.join("\n"));
            let loaded = benefit::load(&call(), id, "sample", "sample", &csv).await;
            loaded.map_err(Failure::new)?;
        }
        benefit::publish(&call(), id).await.map_err(Failure::new)?;
    }
    Ok(())
}
