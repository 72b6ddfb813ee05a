//! `cargo bench --bench members`: the federation's list, brought in by `gonghui member import` against a running
//! service, as staff would. `-- --rows 100000` is a quick look.

#![expect(clippy::disallowed_methods, reason = "a bench asks the machine's clock")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gonghui::domain::member::identity::check;
use sha2::{Digest, Sha256};

const TOKEN: &str = "bench-token-of-the-federation-s-registrar";
const LOOK_EVERY: Duration = Duration::from_millis(50);

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let at = args.iter().position(|arg| arg == "--rows");
    let rows: u64 = at.and_then(|at| args.get(at + 1)?.parse().ok()).unwrap_or(2_000_000);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let list = folder.path().join("members.csv");
    write_list(&list, rows).expect("the list is written");
    let (service, address) = serve(folder.path());
    let empty = resident_mib(&service.0);

    let first = import(&list, &address, &service);
    let again = import(&list, &address, &service);
    drop(service);
    // What the service has with this list anyway, whether it imports or not.
    let (service, address) = serve(folder.path());
    let started = resident_mib(&service.0);
    let with_list = import(&list, &address, &service);
    println!("| what | figure |\n| --- | ---: |");
    println!("| rows, bytes of the file | {rows}, {} |", fs::metadata(&list).map_or(0, |about| about.len()));
    println!("| rows a second | {:.0} |", rows as f64 / first.took.as_secs_f64());
    println!("| the same file again | in {:.2} s |", again.took.as_secs_f64());
    println!("| service's memory before, at most | {empty} MB, {} MB |", first.service_mib);
    println!(
        "| started anew with that list; the file sent again | {started} MB; {} MB |",
        with_list.service_mib
    );
    println!("| importing command's memory at most | {} MB |", first.client_mib);
    println!("| {} |", first.told.trim());
}

/// Killed when dropped, also by a failing bench.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

struct Imported {
    took: Duration,
    service_mib: u64,
    client_mib: u64,
    told: String,
}

fn import(list: &Path, address: &str, service: &Service) -> Imported {
    let started = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonghui"));
    command.args(["member", "import"]).arg(list).args(["--server", address]).env("GONGHUI_TOKEN", TOKEN);
    let mut client = command.stdout(Stdio::piped()).spawn().expect("the command starts");
    let (mut service_mib, mut client_mib) = (0, 0);
    while client.try_wait().expect("a child").is_none() {
        service_mib = service_mib.max(resident_mib(&service.0));
        client_mib = client_mib.max(resident_mib(&client));
        std::thread::sleep(LOOK_EVERY);
    }
    let took = started.elapsed();
    let out = client.wait_with_output().expect("its end");
    assert!(out.status.success(), "the import failed");
    Imported { took, service_mib, client_mib, told: String::from_utf8_lossy(&out.stdout).into_owned() }
}

/// Made-up people with sound numbers of a region that isn't given out.
fn write_list(path: &Path, rows: u64) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "姓名,身份证号,手机号,工会,区县,卡号,银行,卡有效期")?;
    for n in 0..rows {
        let (day, serial) = (n / 1_000, n % 1_000);
        let (year, rest) = (1960 + day / 336, day % 336);
        let body = format!("330299{year}{:02}{:02}{serial:03}", rest / 28 + 1, rest % 28 + 1);
        let last = char::from(check(body.as_bytes()));
        let union = n % 3_000;
        writeln!(
            out,
            "样例{n},{body}{last},139{:08},样例第{union}工会,区{},62000000{n:08},样例银行,2029-12-31",
            n % 100_000_000,
            union % 10
        )?;
    }
    out.flush()
}

fn serve(folder: &Path) -> (Service, String) {
    let hash = hex::encode(Sha256::digest(TOKEN));
    let text = format!(
        "[account]\nid = \"gh_3c884a361561\"\ntoken = \"benchtoken\"\nmode = \"plain\"\n\
         [server]\nlisten = \"127.0.0.1:0\"\n[store]\npath = \"store\"\n\
         [keys]\nseal = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"\n\
         [[staff]]\nname = \"registrar\"\nroles = [\"member\"]\ntoken_sha256 = \"{hash}\"\n"
    );
    let config = folder.join("gonghui.toml");
    fs::write(&config, text).expect("the configuration is written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonghui"));
    command.arg("serve").arg("--config").arg(&config).stderr(Stdio::piped());
    let mut service = Service(command.spawn().expect("the service starts"));
    let mut lines = BufReader::new(service.0.stderr.take().expect("a pipe")).lines();
    let address = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| {
            let at = line.find("127.0.0.1:")?;
            let port: String = line[at + 10..].chars().take_while(char::is_ascii_digit).collect();
            Some(format!("http://127.0.0.1:{port}"))
        })
        .expect("the service says where it listens");
    std::thread::spawn(move || lines.for_each(drop));
    (service, address)
}

fn resident_mib(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or(0) >> 10
}
