//! WeChat's stand-in under an SDK of another language: `wechatpy` calls it as it would call WeChat, and opens what it and the
//! service write to each other. What is called and expected stands in `tests/sdk/`.
//!
//! Needs `python3` (3.11 or later) with `venv`, and PyPI at the first run: what `tests/sdk/requirements.txt` names is put into the
//! target folder.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const INSTALL: &str = "apt-get install python3 python3-venv";
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk");
const REQUIREMENTS: &str = include_str!("sdk/requirements.txt");
/// Far more than it takes to start.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn wechatpy_works_against_the_stand_in_and_opens_what_is_posted() {
    let python = python();
    let data = tempfile::tempdir().unwrap();
    let demo = Demo::start(data.path());
    let ran = Command::new(python)
        .args(["-B", "-m", "unittest", "discover"])
        .current_dir(SCRIPTS)
        .env("GONGHUI_SDK_BASE", &demo.base)
        .env("GONGHUI_SDK_CONFIG", data.path().join("gonghui.toml"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    assert!(said.trim_end().ends_with("\nOK"), "nothing may be skipped: {said}");
}

/// A Python with wechatpy, made anew when other versions are asked for.
fn python() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk");
    let (python, made_of) = (folder.join("bin/python"), folder.join("requirements.txt"));
    if fs::read_to_string(&made_of).is_ok_and(|there| there == REQUIREMENTS) && python.exists() {
        return python;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
    let pip =
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"];
    run(Command::new(&python).args(pip).arg(Path::new(SCRIPTS).join("requirements.txt")));
    fs::write(made_of, REQUIREMENTS).unwrap();
    python
}

fn run(command: &mut Command) {
    let program = command.get_program().to_string_lossy().into_owned();
    let ran =
        command.output().unwrap_or_else(|error| panic!("{program} can't be started ({error}); {INSTALL}"));
    let said = [ran.stdout, ran.stderr].concat();
    assert!(ran.status.success(), "{command:?}: {}({INSTALL})", String::from_utf8_lossy(&said));
}

/// `gonghui demo` on a free port, killed when dropped.
struct Demo {
    child: Child,
    base: String,
}

impl Demo {
    fn start(data: &Path) -> Demo {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gonghui"));
        command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut demo = Demo { child, base: String::new() };
        let (tell, told) = mpsc::channel();
        // Reads to the end, or the program would block on a full pipe.
        std::thread::spawn(move || {
            for base in lines.filter_map(|line| base_of(&line)) {
                let _ = tell.send(base); // who asked has it and may be gone
            }
        });
        demo.base = told.recv_timeout(PATIENCE).expect("the demo says where its chat page is");
        demo
    }
}

fn base_of(line: &str) -> Option<String> {
    line.split_whitespace().find_map(|word| word.strip_suffix("/simulator/")).map(str::to_owned)
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
