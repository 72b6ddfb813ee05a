//! What `gonghui demo` needs on an empty machine: a folder with keys, tokens, menus, a scheme and a
//! configuration.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::random;
use crate::content::write_embedded;
use crate::samples;

const CONFIG: &str = "gonghui.toml";
/// How far the clock was moved, in seconds.
const AHEAD: &str = "clock.ahead";

/// One of those who work in the demo. The token is in a file beside the configuration.
struct Post {
    name: &'static str,
    token: &'static str,
    /// As the configuration has it.
    may: &'static str,
}

/// What goes out to many, or pays, takes two people; a claim three.
const STAFF: &[Post] = &[
    Post { name: "demo", token: "staff.token", may: "roles = [\"admin\"]" },
    Post { name: "approver", token: "approver.token", may: "roles = [\"broadcast\", \"payment\"]" },
    Post { name: "district", token: "district.token", may: "roles = [\"claim\"]\nlevels = [\"district\"]" },
    Post { name: "city", token: "city.token", may: "roles = [\"claim\"]\nlevels = [\"city\"]" },
    Post { name: "cashier", token: "cashier.token", may: "roles = [\"payment\"]" },
];

/// A demo's folder. What is in it was made at its first start and is used again at the next.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The given folder, or a fresh one among the system's temporary files. What is made is for that day and that address.
    pub fn open(given: Option<PathBuf>, today: Date, listen: SocketAddr) -> io::Result<Folder> {
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
            folder.make(today, listen)?;
        }
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn config_path(&self) -> PathBuf {
        self.path.join(CONFIG)
    }

    /// How far the clock was moved at earlier starts.
    ///
    /// Errors: it can't be read; the clock must not go back behind what is stored.
    pub fn ahead(&self) -> io::Result<Duration> {
        let path = self.path.join(AHEAD);
        let seconds = match fs::read_to_string(&path) {
            Ok(text) => text.trim().parse().map_err(|_| {
                let what = format!("{}: {:?} is no number of seconds", path.display(), text.trim());
                io::Error::new(io::ErrorKind::InvalidData, what)
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        Ok(Duration::from_secs(seconds))
    }

    pub fn keep_ahead(&self, ahead: Duration) -> io::Result<()> {
        self.replace(AHEAD, &format!("{}\n", ahead.as_secs()))
    }

    /// What staff calls are made with (`GONGHUI_TOKEN`).
    pub fn token_path(&self) -> PathBuf {
        self.path.join("staff.token")
    }

    /// What the second member of staff calls with, who approves what the first wrote.
    pub fn approver_token_path(&self) -> PathBuf {
        self.path.join("approver.token")
    }

    /// What can be tried is written into a file of that name.
    pub fn write(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.path.join(name);
        fs::write(&path, text)?;
        Ok(path)
    }

    /// The configuration's text, listening where this start is asked to.
    pub fn config(&self, listen: SocketAddr) -> io::Result<String> {
        let text = fs::read_to_string(self.config_path())?;
        let line = |line: &str| match line.split('=').next().map(str::trim) {
            Some("listen") => format!("listen = \"{listen}\""),
            Some("public_url") => format!("public_url = \"http://{listen}\""),
            Some("api_base") => format!("api_base = \"http://{listen}/simulator/api\""),
            _ => line.to_owned(),
        };
        Ok(text.lines().map(|l| line(l) + "\n").collect())
    }

    /// Writes down where it really listens, so that others can talk to it as WeChat or as staff would.
    pub fn write_config(&self, listen: SocketAddr) -> io::Result<()> {
        self.replace(CONFIG, &self.config(listen)?)
    }

    /// The old text or the new one is there, whatever comes between.
    fn replace(&self, name: &str, text: &str) -> io::Result<()> {
        let next = self.path.join(format!("{name}.next"));
        let _ = fs::remove_file(&next);
        private(&next, text)?;
        fs::rename(next, self.path.join(name))
    }

    fn make(&self, today: Date, listen: SocketAddr) -> io::Result<()> {
        let schemes = self.path.join("schemes");
        fs::create_dir_all(&schemes)?;
        for (name, text) in samples::schemes(today) {
            fs::write(schemes.join(name), text)?;
        }
        let staff =
            STAFF.iter().map(|post| hire(&self.path, post)).collect::<io::Result<Vec<_>>>()?.join("\n");
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
listen = "{listen}"
public_url = "http://{listen}"

[store]
engine = "sled"
path = "store"

[keys]
seal = "{seal}"

[wechat]
api_base = "http://{listen}/simulator/api"

[menus]
path = "menus"

[schemes]
path = "schemes"

# Whose token is in NAME.token calls with it: GONGHUI_TOKEN=$(cat staff.token)
{staff}"#
        );
        private(&self.config_path(), &text)
    }
}

/// A token of their own, and what the configuration says of who has it.
fn hire(folder: &Path, post: &Post) -> io::Result<String> {
    let token = URL_SAFE_NO_PAD.encode(random::<32>()?);
    private(&folder.join(post.token), &format!("{token}\n"))?;
    let (name, may, hash) = (post.name, post.may, hex::encode(Sha256::digest(&token)));
    Ok(format!("[[staff]]\nname = \"{name}\"\n{may}\ntoken_sha256 = \"{hash}\"\n"))
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

[reminder]
template = "activity_reminder"
fields = { thing1 = "{title}", character_string2 = "{number}", time3 = "{starts}", thing4 = "请点“我的报名”查看" }
"#;

/// Secrets are for their owner's eyes alone.
fn private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is in the way of a start leaves no file that leads elsewhere.
    #[test]
    fn the_first_configuration_names_the_address_that_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let listen = SocketAddr::from(([127, 0, 0, 1], 19080));
        let made =
            Folder::open(Some(folder.path().join("demo")), Date::constant(2026, 11, 25), listen).unwrap();
        let text = fs::read_to_string(made.config_path()).unwrap();
        assert_eq!(text, made.config(listen).unwrap());
        assert!(text.contains("\nlisten = \"127.0.0.1:19080\"\n"), "{text}");
    }

    #[test]
    fn the_clock_is_found_again_as_far_as_it_was_moved() {
        let folder = tempfile::tempdir().unwrap();
        let listen = SocketAddr::from(([127, 0, 0, 1], 19080));
        let open =
            || Folder::open(Some(folder.path().join("demo")), Date::constant(2026, 11, 25), listen).unwrap();
        assert_eq!(open().ahead().unwrap(), Duration::ZERO);
        open().keep_ahead(Duration::from_secs(86_400)).unwrap();
        open().keep_ahead(Duration::from_secs(172_800)).unwrap();
        assert_eq!(open().ahead().unwrap(), Duration::from_secs(172_800));
        let path = open().write(AHEAD, "soon\n").unwrap();
        let error = open().ahead().unwrap_err().to_string();
        assert_eq!(error, format!("{}: \"soon\" is no number of seconds", path.display()));
    }
}
