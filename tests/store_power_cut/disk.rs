//! A model of what is on a disk and what only seems to be: contents and names are there after a power cut if
//! they were synced, a file's by `fsync` or `fdatasync` on it, a name by `fsync` on its folder.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use crate::trace::{Call, Trace};

/// What a power cut takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    AllUnsynced,
    /// Any of the writes and names that were not synced, as a disk may have written them in any order.
    SomeUnsynced {
        seed: u64,
    },
    /// All but what `fsync` synced: `fdatasync` is taken to do nothing.
    EvenDataSynced,
}

/// A number for a file or a folder.
type Node = usize;

pub struct Disk {
    root: PathBuf,
    nodes: Vec<Contents>,
    names: BTreeMap<PathBuf, Node>,
    pending_names: Vec<(usize, NameChange)>,
    seen_names: BTreeMap<PathBuf, Node>,
    open: HashMap<i64, (Node, u64)>,
}

#[derive(Default)]
struct Contents {
    is_folder: bool,
    synced: Vec<u8>,
    /// The line of the trace on which each ended.
    pending: Vec<(usize, Change)>,
}

enum Change {
    Write { at: u64, bytes: Vec<u8> },
    Size(u64),
}

#[derive(Clone)]
enum NameChange {
    Add(PathBuf, Node),
    Remove(PathBuf),
    Rename(PathBuf, PathBuf),
}

impl Disk {
    /// The disk after a power cut before line `at` of the trace.
    pub fn as_of(trace: &Trace, root: &Path, at: usize, loss: Loss) -> Disk {
        let mut disk = Disk {
            root: root.to_owned(),
            nodes: Vec::new(),
            names: BTreeMap::new(),
            pending_names: Vec::new(),
            seen_names: BTreeMap::new(),
            open: HashMap::new(),
        };
        for call in trace.calls.iter().take_while(|call| call.left <= at) {
            disk.apply(call, loss);
        }
        if let Loss::SomeUnsynced { seed } = loss {
            disk.keep_some(seed);
        }
        disk
    }

    pub fn write_to(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for (path, node) in &self.names {
            let path = folder.join(path.strip_prefix(&self.root).unwrap());
            // A name in a folder that is gone is gone with it; parents come first.
            if path.parent().is_some_and(|parent| !parent.is_dir()) {
                continue;
            }
            let contents = &self.nodes[*node];
            if contents.is_folder {
                fs::create_dir_all(path).unwrap();
            } else {
                fs::write(path, &contents.synced).unwrap();
            }
        }
    }

    fn apply(&mut self, call: &Call, loss: Loss) {
        match call.name.as_str() {
            "openat" => self.open(call),
            "close" => _ = self.open.remove(&call.number(0)),
            // What is synced beside the writer is synced by a second handle.
            "fcntl" => {
                let copied = self.open.get(&call.number(0)).filter(|_| call.word(1).contains("DUPFD"));
                if let Some(copied) = copied.copied() {
                    self.open.insert(call.result, copied);
                }
            }
            "mkdir" => {
                if let Some(path) = self.path(call, 0) {
                    self.make(path, true, call.left);
                }
            }
            "write" => {
                let Some((node, at)) = self.open.get_mut(&call.number(0)) else { return };
                let (node, start) = (*node, *at);
                *at += call.result as u64;
                self.change(node, call, start);
            }
            "pwrite64" => {
                let Some((node, _)) = self.open.get(&call.number(0)) else { return };
                self.change(*node, call, call.number(3) as u64);
            }
            "ftruncate" => {
                let Some((node, _)) = self.open.get(&call.number(0)) else { return };
                self.nodes[*node].pending.push((call.left, Change::Size(call.number(1) as u64)));
            }
            "fdatasync" if loss == Loss::EvenDataSynced => {}
            "fsync" | "fdatasync" => {
                let Some((node, _)) = self.open.get(&call.number(0)) else { return };
                self.sync(*node, call.entered);
            }
            "rename" => {
                if let (Some(from), Some(to)) = (self.path(call, 0), self.path(call, 1)) {
                    let node = self.seen_names.remove(&from).expect("the renamed file");
                    self.seen_names.insert(to.clone(), node);
                    self.pending_names.push((call.left, NameChange::Rename(from, to)));
                }
            }
            "unlink" => {
                if let Some(path) = self.path(call, 0) {
                    self.seen_names.remove(&path);
                    self.pending_names.push((call.left, NameChange::Remove(path)));
                }
            }
            other => panic!("a call that this model doesn't know: {other}"),
        }
    }

    fn open(&mut self, call: &Call) {
        self.open.remove(&call.result);
        let Some(path) = self.path(call, 1) else { return };
        let flags = call.word(2);
        let node = match self.seen_names.get(&path) {
            Some(node) => *node,
            None if flags.contains("O_CREAT") => self.make(path, false, call.left),
            None => return,
        };
        if flags.contains("O_TRUNC") {
            self.nodes[node].pending.push((call.left, Change::Size(0)));
        }
        self.open.insert(call.result, (node, 0));
    }

    /// The path that a call names, if it is in the store; copies that are opened on trial don't matter.
    fn path(&self, call: &Call, index: usize) -> Option<PathBuf> {
        let path = PathBuf::from(std::str::from_utf8(call.bytes(index)).unwrap());
        let inside = path.strip_prefix(&self.root).ok()?;
        (!inside.starts_with("rehearsal")).then_some(path)
    }

    fn make(&mut self, path: PathBuf, is_folder: bool, at: usize) -> Node {
        let node = self.nodes.len();
        self.nodes.push(Contents { is_folder, ..Contents::default() });
        self.seen_names.insert(path.clone(), node);
        if path == self.root {
            // The folder above is not recorded, so its sync can't be seen.
            self.names.insert(path, node);
        } else {
            self.pending_names.push((at, NameChange::Add(path, node)));
        }
        node
    }

    fn change(&mut self, node: Node, call: &Call, at: u64) {
        let bytes = call.bytes(1)[..call.result as usize].to_vec();
        self.nodes[node].pending.push((call.left, Change::Write { at, bytes }));
    }

    /// Makes durable what was done before line `entered`.
    fn sync(&mut self, node: Node, entered: usize) {
        if self.nodes[node].is_folder {
            let folder =
                self.seen_names.iter().find(|(_, seen)| **seen == node).map(|(path, _)| path.clone());
            self.sync_names(&folder.expect("the synced folder"), entered);
        }
        let contents = &mut self.nodes[node];
        let covered = contents.pending.iter().take_while(|(left, _)| *left < entered).count();
        contents.pending.drain(..covered).for_each(|(_, change)| change.apply(&mut contents.synced));
    }

    fn sync_names(&mut self, folder: &Path, entered: usize) {
        let (synced, pending) = std::mem::take(&mut self.pending_names)
            .into_iter()
            .partition(|(left, change)| *left < entered && change.path().parent() == Some(folder));
        self.pending_names = pending;
        let synced: Vec<(usize, NameChange)> = synced;
        synced.into_iter().for_each(|(_, change)| change.apply(&mut self.names));
    }

    /// Applies a choice of the changes to contents and names that were not synced.
    fn keep_some(&mut self, mut seed: u64) {
        let mut is_kept = move || {
            // xorshift64*, seeded by the cut.
            seed = (seed ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0x2545_F491_4F6C_DD1D);
            seed ^= seed >> 29;
            seed & 1 == 0
        };
        for contents in &mut self.nodes {
            for (_, change) in contents.pending.drain(..) {
                if is_kept() {
                    change.apply(&mut contents.synced);
                }
            }
        }
        for (_, change) in std::mem::take(&mut self.pending_names) {
            if is_kept() {
                change.apply(&mut self.names);
            }
        }
    }
}

impl NameChange {
    fn path(&self) -> &Path {
        match self {
            NameChange::Add(path, _) | NameChange::Remove(path) | NameChange::Rename(_, path) => path,
        }
    }

    fn apply(self, names: &mut BTreeMap<PathBuf, Node>) {
        match self {
            NameChange::Add(path, node) => _ = names.insert(path, node),
            NameChange::Remove(path) => _ = names.remove(&path),
            NameChange::Rename(from, to) => {
                if let Some(node) = names.remove(&from) {
                    names.insert(to, node);
                }
            }
        }
    }
}

impl Change {
    fn apply(self, contents: &mut Vec<u8>) {
        match self {
            Change::Size(size) => contents.resize(size as usize, 0),
            Change::Write { at, bytes } => {
                let (start, end) = (at as usize, at as usize + bytes.len());
                contents.resize(contents.len().max(end), 0);
                contents[start..end].copy_from_slice(&bytes);
            }
        }
    }
}
