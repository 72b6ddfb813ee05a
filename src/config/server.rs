//! Where the service listens, and what it grants to whoever connects.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::reader::Section;
use super::value::Size;

#[derive(Debug, Clone)]
pub struct Server {
    pub listen: SocketAddr,
    /// A listener of their own for health and metrics; without it they are on `listen`.
    pub ops_listen: Option<SocketAddr>,
    /// Where followers reach this service, as `https://gh.example.org`, with no slash at its end.
    pub public_url: Option<String>,
    /// The webhook's path.
    pub path: String,
    /// The webhook's largest body, in bytes.
    pub body_max: usize,
    /// For a request's head to arrive whole, and for how long an idle connection is kept.
    pub header_timeout: Duration,
    /// For a request's body to arrive whole.
    pub body_timeout: Duration,
    pub connections_max: usize,
    /// When WeChat gets `success` and the reply goes another way.
    pub reply_deadline: Duration,
    /// For requests in flight to finish after the service was told to stop.
    pub drain: Duration,
}

impl Server {
    pub(super) fn read(section: &mut Section<'_>) -> Server {
        let defaults = Server::default();
        let server = Server {
            listen: section.or("listen", defaults.listen),
            ops_listen: section.optional("ops_listen"),
            public_url: section.optional("public_url"),
            path: section.or("path", defaults.path),
            body_max: section.or("body_max", Size(defaults.body_max)).0,
            header_timeout: section.or("header_timeout", defaults.header_timeout),
            body_timeout: section.or("body_timeout", defaults.body_timeout),
            connections_max: section.or("connections_max", defaults.connections_max),
            reply_deadline: section.or("reply_deadline", defaults.reply_deadline),
            drain: section.or("drain", defaults.drain),
        };
        server.check(section);
        server
    }

    fn check(&self, section: &mut Section<'_>) {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
        if !self.path.starts_with('/') || !self.path.chars().all(plain) {
            section.problem("path", "must begin with / and hold letters, digits and -_.~ only");
        }
        let ours = ["/api", "/console", "/simulator", "/healthz", "/readyz", "/metrics"];
        if ours.iter().any(|prefix| self.path.starts_with(prefix)) || self.path == "/" {
            section.problem("path", "is used by the service itself; take another, like \"/wechat\"");
        }
        if let Some(url) = &self.public_url
            && !is_address(url)
        {
            section
                .problem("public_url", "must be like \"https://gh.example.org\", with no slash at its end");
        }
        if self.reply_deadline >= Duration::from_secs(5) {
            section.problem("reply_deadline", "must be under 5s, when WeChat gives up");
        }
        if self.drain > Duration::from_secs(8) {
            section.problem("drain", "must be at most 8s: after 10s the service has to be gone");
        }
        if self.ops_listen == Some(self.listen) && self.listen.port() != 0 {
            section.problem("ops_listen", "must differ from `listen`; leave it out to share that one");
        }
    }
}

/// A link in the chat is made of it.
fn is_address(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return false;
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.:[]~".contains(c);
    rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
        && rest.chars().all(plain)
        && !rest.ends_with('/')
}

impl Default for Server {
    fn default() -> Server {
        Server {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            ops_listen: None,
            public_url: None,
            path: "/wechat".to_owned(),
            body_max: 64 << 10,
            header_timeout: Duration::from_secs(20),
            body_timeout: Duration::from_secs(5),
            connections_max: 4_096,
            reply_deadline: Duration::from_millis(4_500),
            drain: Duration::from_secs(8),
        }
    }
}
