//! WeChat in the bench: takes template messages, and keeps for each follower how many they saw.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Mutex;

use gonghui::outbox::{Call, Platform, Taken};
use gonghui::wechat::api::{ArticleReads, Boxed, Failure, MassStatus};
use jiff::civil::Date;

/// A byte a follower in a file: the kernel keeps it when a process is killed.
pub struct Deliveries {
    file: File,
    contacts: u64,
    /// One call at a time reads and raises a count.
    raising: Mutex<()>,
}

impl Deliveries {
    pub fn open(path: &Path, contacts: u64) -> Deliveries {
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = options.expect("a file");
        file.set_len(contacts).expect("room for the file");
        Deliveries { file, contacts, raising: Mutex::new(()) }
    }

    fn all(&self) -> Vec<u8> {
        let mut counts = vec![0; self.contacts as usize];
        self.file.read_exact_at(&mut counts, 0).expect("the file is there");
        counts
    }

    pub fn total(&self) -> u64 {
        self.all().iter().map(|count| u64::from(*count)).sum()
    }

    /// Followers who saw it never, once, and more often.
    pub fn counts(&self) -> (usize, usize, usize) {
        let counts = self.all();
        let having = |fits: fn(u8) -> bool| counts.iter().filter(|count| fits(**count)).count();
        (having(|n| n == 0), having(|n| n == 1), having(|n| n > 1))
    }

    fn delivered(&self, follower: u64) {
        let _raising = self.raising.lock().expect("no panic");
        let mut count = [0];
        self.file.read_exact_at(&mut count, follower).expect("a known follower");
        self.file.write_all_at(&[count[0].saturating_add(1)], follower).expect("room");
    }

    fn has(&self, follower: u64) -> bool {
        let mut count = [0];
        self.file.read_exact_at(&mut count, follower).expect("a known follower");
        count[0] > 0
    }
}

impl Platform for Deliveries {
    fn send<'a>(&'a self, call: &'a Call) -> Boxed<'a, Result<Taken, Failure>> {
        let Call::Template(message) = call else { panic!("a template message was expected") };
        let follower: u64 = message.touser[18..].parse().expect("an openid of the bench");
        let known = message.client_msg_id.is_some() && self.has(follower);
        if !known {
            self.delivered(follower); // a repeat with its id is answered well and delivered no second time
        }
        Box::pin(std::future::ready(Ok(Taken::as_message(Some((1_000_000_000 + follower).to_string())))))
    }

    fn mass_status<'a>(&'a self, _: &'a str) -> Boxed<'a, Result<MassStatus, Failure>> {
        Box::pin(std::future::ready(Ok(MassStatus::Sending)))
    }

    fn article_reads(&self, _: Date) -> Boxed<'_, Result<Vec<ArticleReads>, Failure>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}
