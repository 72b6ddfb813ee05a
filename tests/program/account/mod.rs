//! The commands that talk to WeChat with the account's credentials, run against a stand-in over HTTP.

mod codes;
mod doctor;
mod menus;
mod platform;

use std::path::PathBuf;

use crate::site::{Ran, SEAL, Site};
use platform::Platform;

/// A deployment whose calls go to the stand-in.
struct Deployment {
    site: Site,
    platform: Platform,
}

impl Deployment {
    fn new() -> Deployment {
        let deployment = Deployment { site: Site::new(), platform: Platform::start() };
        deployment.configure("");
        deployment
    }

    /// The configuration with the account's secret and these sections after it.
    fn configure(&self, more: &str) {
        let path = self.site.configure("gonghui.toml", "store", SEAL);
        let secret = format!("[account]\napp_secret = \"{}\"", platform::SECRET);
        let text = std::fs::read_to_string(&path).unwrap().replacen("[account]", &secret, 1);
        self.site
            .write("gonghui.toml", &format!("{text}[wechat]\napi_base = \"{}\"\n{more}", self.platform.base));
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.site.run(args)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.site.path(name)
    }
}
