//! What `gonghui demo` needs on an empty machine: a folder with keys, tokens, menus and a configuration.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::random;
use crate::content::write_embedded;

const CONFIG: &str = "gonghui.toml";
const TOKEN: &str = "staff.token";
/// Broadcasts take two people.
const APPROVER_TOKEN: &str = "approver.token";

/// A demo's folder. What is in it was made at its first start and is used again at the next.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The given folder, or a fresh one among the system's temporary files.
    pub fn open(given: Option<PathBuf>) -> io::Result<Folder> {
        let path = match given {
            Some(path) => path,
            None => std::env::temp_dir().join(format!("gonghui-demo-{}", hex::encode(random::<6>()?))),
        };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
        let path = fs::canonicalize(path)?;
        write_notices(&path.join("menus"))?;
        write_embedded(&path.join("menus"))?;
        let folder = Folder { path };
        if !folder.config_path().exists() {
            folder.make()?;
        }
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn config_path(&self) -> PathBuf {
        self.path.join(CONFIG)
    }

    /// What staff calls are made with (`GONGHUI_TOKEN`).
    pub fn token_path(&self) -> PathBuf {
        self.path.join(TOKEN)
    }

    /// What the second member of staff calls with, who approves what the first wrote.
    pub fn approver_token_path(&self) -> PathBuf {
        self.path.join(APPROVER_TOKEN)
    }

    /// The configuration's text, listening where this start is asked to.
    pub fn config(&self, listen: SocketAddr) -> io::Result<String> {
        let text = fs::read_to_string(self.config_path())?;
        let line = |line: &str| match line.split('=').next().map(str::trim) {
            Some("listen") => format!("listen = \"{listen}\""),
            Some("api_base") => format!("api_base = \"http://{listen}/simulator/api\""),
            _ => line.to_owned(),
        };
        Ok(text.lines().map(|l| line(l) + "\n").collect())
    }

    /// Writes down where it really listens, so that others can talk to it as WeChat or as staff would.
    pub fn write_config(&self, listen: SocketAddr) -> io::Result<()> {
        let text = self.config(listen)?;
        let next = self.path.join("gonghui.toml.next");
        let _ = fs::remove_file(&next);
        private(&next, &text)?;
        fs::rename(next, self.config_path())
    }

    fn make(&self) -> io::Result<()> {
        let staff = URL_SAFE_NO_PAD.encode(random::<32>()?);
        let approver = URL_SAFE_NO_PAD.encode(random::<32>()?);
        let [hash, approver_hash] = [&staff, &approver].map(|token| hex::encode(Sha256::digest(token)));
        let account = hex::encode(random::<6>()?);
        let app_id = hex::encode(random::<8>()?);
        let app_secret = hex::encode(random::<16>()?);
        let token = hex::encode(random::<12>()?);
        let aes_key = STANDARD.encode(random::<32>()?).replace(['+', '/'], "A");
        let aes_key = aes_key.trim_end_matches('=');
        let seal = STANDARD.encode(random::<32>()?);
        let text = format!(
            r#"# Made by `gonghui demo`: an account that exists only here.
[account]
id = "gh_{account}"
app_id = "wx{app_id}"
app_secret = "{app_secret}"
token = "{token}"
encoding_aes_key = "{aes_key}"
mode = "safe"

[server]
listen = "127.0.0.1:8080"

[store]
engine = "sled"
path = "store"

[keys]
seal = "{seal}"

[wechat]
api_base = "http://127.0.0.1:8080/simulator/api"

[menus]
path = "menus"

# The token is in {TOKEN} beside this file: GONGHUI_TOKEN=$(cat {TOKEN})
[[staff]]
name = "demo"
roles = ["admin"]
token_sha256 = "{hash}"

# Whoever writes a broadcast may not approve it: this one may. The token is in {APPROVER_TOKEN}.
[[staff]]
name = "approver"
roles = ["broadcast"]
token_sha256 = "{approver_hash}"
"#
        );
        private(&self.approver_token_path(), &format!("{approver}\n"))?;
        private(&self.token_path(), &format!("{staff}\n"))?;
        private(&self.config_path(), &text)
    }
}

/// How notices go out by the templates that the stand-in has.
fn write_notices(menus: &Path) -> io::Result<()> {
    fs::create_dir_all(menus)?;
    match fs::File::create_new(menus.join("notices.toml")) {
        Ok(mut file) => file.write_all(NOTICES.as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

const NOTICES: &str = r#"# By these templates of the stand-in, notices reach followers whose 48-hour window is shut.
[promoted]
template = "activity_promoted"
fields = { thing1 = "{title}", character_string2 = "{number}", time3 = "{starts}" }

[activity_changed]
template = "activity_changed"
fields = { thing1 = "{title}", time2 = "{starts}" }

[activity_cancelled]
template = "activity_cancelled"
fields = { thing1 = "{title}", thing2 = "{reason}" }
"#;

/// Secrets are for their owner's eyes alone.
fn private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
