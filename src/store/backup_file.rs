//! The file of a backup: a magic, then chunks, each with a SHA-256 over itself and the one before it. The last
//! chunk's therefore covers the whole file: nothing can be missing, added or moved.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

use super::commit_row::CommitRow;
use super::engine::Rows;
use super::label::Label;

const MAGIC: &[u8; 16] = b"gonghui backup 1";
const MAGIC_SAME: usize = 15;

/// Rows are gathered up to this size before a chunk is written.
const CHUNK_BYTES: usize = 64 * 1024;

/// No chunk of ours is larger; a larger one is damage, not a reason to ask for memory.
const CHUNK_BYTES_MAX: usize = 1024 * 1024;

const DIGEST_BYTES: usize = 32;
type ChunkDigest = [u8; DIGEST_BYTES];

/// What a backup holds, at its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub label: Label,
    pub head: CommitRow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Label = 1,
    Head = 2,
    Rows = 3,
    End = 4,
}

/// Why a file can't be read as a backup.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("it is not a backup of gonghui")]
    Foreign,
    #[error("it was made by a newer gonghui")]
    Newer,
    #[error("it is damaged or cut off at byte {0}")]
    Damaged(u64),
    #[error(transparent)]
    Io(#[from] io::Error),
}

pub(crate) struct BackupWriter<W> {
    out: W,
    chunk: Vec<u8>,
    chain: ChunkDigest,
    rows: u64,
    bytes: u64,
}

impl<W: Write> BackupWriter<W> {
    pub fn start(mut out: W, header: &Header) -> io::Result<BackupWriter<W>> {
        out.write_all(MAGIC)?;
        let (chunk, bytes) = (Vec::with_capacity(2 * CHUNK_BYTES), MAGIC.len() as u64);
        let mut writer = BackupWriter { out, chunk, chain: ChunkDigest::default(), rows: 0, bytes };
        writer.write(Kind::Label, &header.label.encode())?;
        writer.write(Kind::Head, &header.head.encode())?;
        Ok(writer)
    }

    pub fn row(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        // Both are far below the limits of their lengths (KEY_BYTES_MAX, VALUE_BYTES_MAX).
        self.chunk.extend_from_slice(&(key.len() as u32).to_be_bytes());
        self.chunk.extend_from_slice(&(value.len() as u32).to_be_bytes());
        self.chunk.extend_from_slice(key);
        self.chunk.extend_from_slice(value);
        self.rows += 1;
        if self.chunk.len() < CHUNK_BYTES { Ok(()) } else { self.write_rows() }
    }

    /// Writes the end; returns what was written to, the number of rows and of bytes.
    pub fn finish(mut self) -> io::Result<(W, u64, u64)> {
        self.write_rows()?;
        let rows = self.rows.to_be_bytes();
        self.write(Kind::End, &rows)?;
        self.out.flush()?;
        Ok((self.out, self.rows, self.bytes))
    }

    fn write_rows(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::take(&mut self.chunk);
        self.write(Kind::Rows, &chunk)?;
        self.chunk = chunk;
        self.chunk.clear();
        Ok(())
    }

    fn write(&mut self, kind: Kind, payload: &[u8]) -> io::Result<()> {
        let head = chunk_head(kind as u8, payload.len() as u32);
        self.chain = digest(&self.chain, &head, payload);
        self.out.write_all(&head)?;
        self.out.write_all(payload)?;
        self.out.write_all(&self.chain)?;
        self.bytes += (head.len() + payload.len() + DIGEST_BYTES) as u64;
        Ok(())
    }
}

pub(crate) struct BackupReader<R> {
    from: R,
    chain: ChunkDigest,
    at: u64,
    rows: u64,
    pub header: Header,
}

impl<R: Read> BackupReader<R> {
    pub fn start(mut from: R) -> Result<BackupReader<R>, Unreadable> {
        let mut magic = [0; MAGIC.len()];
        from.read_exact(&mut magic).map_err(|_| Unreadable::Foreign)?;
        if magic != *MAGIC {
            let newer = magic[..MAGIC_SAME] == MAGIC[..MAGIC_SAME] && magic[MAGIC_SAME].is_ascii_digit();
            return Err(if newer { Unreadable::Newer } else { Unreadable::Foreign });
        }
        let mut chain = ChunkDigest::default();
        let mut at = MAGIC.len() as u64;
        let damaged = |at| Unreadable::Damaged(at);
        let label = expect(&mut from, &mut chain, &mut at, Kind::Label)?;
        let label = Label::decode(&label).map_err(|_| damaged(at))?;
        let head = expect(&mut from, &mut chain, &mut at, Kind::Head)?;
        let head = CommitRow::decode(&head).map_err(|_| damaged(at))?;
        Ok(BackupReader { from, chain, at, rows: 0, header: Header { label, head } })
    }

    /// The next rows; `None` after the last, when the end is there and nothing follows it.
    pub fn next_rows(&mut self) -> Result<Option<Rows>, Unreadable> {
        let (kind, payload) = read_chunk(&mut self.from, &mut self.chain, &mut self.at)?;
        let damaged = Unreadable::Damaged(self.at);
        if kind == Kind::Rows as u8 {
            let rows = parse_rows(&payload).ok_or(damaged)?;
            self.rows += rows.len() as u64;
            return Ok(Some(rows));
        }
        let ends = kind == Kind::End as u8 && payload == self.rows.to_be_bytes();
        if ends && self.from.read(&mut [0])? == 0 { Ok(None) } else { Err(damaged) }
    }
}

fn expect<R: Read>(
    from: &mut R,
    chain: &mut ChunkDigest,
    at: &mut u64,
    kind: Kind,
) -> Result<Vec<u8>, Unreadable> {
    let (found, payload) = read_chunk(from, chain, at)?;
    if found == kind as u8 { Ok(payload) } else { Err(Unreadable::Damaged(*at)) }
}

/// Reads a chunk that follows the one with the digest `chain`, at byte `at`.
fn read_chunk<R: Read>(
    from: &mut R,
    chain: &mut ChunkDigest,
    at: &mut u64,
) -> Result<(u8, Vec<u8>), Unreadable> {
    let mut head = [0; 5];
    fill(from, &mut head, *at)?;
    let [kind, length @ ..] = head;
    let length = u32::from_be_bytes(length) as usize;
    if length > CHUNK_BYTES_MAX {
        return Err(Unreadable::Damaged(*at));
    }
    let mut payload = vec![0; length];
    let mut found = ChunkDigest::default();
    fill(from, &mut payload, *at)?;
    fill(from, &mut found, *at)?;
    *chain = digest(chain, &head, &payload);
    if *chain != found {
        return Err(Unreadable::Damaged(*at));
    }
    *at += (head.len() + length + DIGEST_BYTES) as u64;
    Ok((kind, payload))
}

fn fill(from: &mut impl Read, buffer: &mut [u8], at: u64) -> Result<(), Unreadable> {
    from.read_exact(buffer).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Unreadable::Damaged(at),
        _ => Unreadable::Io(error),
    })
}

fn chunk_head(kind: u8, length: u32) -> [u8; 5] {
    let [a, b, c, d] = length.to_be_bytes();
    [kind, a, b, c, d]
}

fn digest(chain: &ChunkDigest, head: &[u8], payload: &[u8]) -> ChunkDigest {
    Sha256::new().chain_update(chain).chain_update(head).chain_update(payload).finalize().into()
}

fn parse_rows(mut payload: &[u8]) -> Option<Rows> {
    let mut rows = Rows::new();
    while !payload.is_empty() {
        let (key_bytes, rest) = payload.split_first_chunk::<4>()?;
        let (value_bytes, rest) = rest.split_first_chunk::<4>()?;
        let (key, rest) = rest.split_at_checked(u32::from_be_bytes(*key_bytes) as usize)?;
        let (value, rest) = rest.split_at_checked(u32::from_be_bytes(*value_bytes) as usize)?;
        rows.push((key.to_vec(), value.to_vec()));
        payload = rest;
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::sealer;

    fn header() -> Header {
        Header { label: Label::new("memory", &sealer()), head: CommitRow::first() }
    }

    fn rows() -> Rows {
        (0..3000u32).map(|n| (n.to_be_bytes().to_vec(), vec![n as u8; 60])).collect()
    }

    fn written() -> Vec<u8> {
        let mut writer = BackupWriter::start(Vec::new(), &header()).unwrap();
        rows().iter().for_each(|(key, value)| writer.row(key, value).unwrap());
        let (bytes, count, length) = writer.finish().unwrap();
        assert_eq!((count, length), (3000, bytes.len() as u64));
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Rows, Unreadable> {
        let mut reader = BackupReader::start(bytes)?;
        assert_eq!(reader.header, header());
        let mut all = Rows::new();
        while let Some(rows) = reader.next_rows()? {
            all.extend(rows);
        }
        Ok(all)
    }

    #[test]
    fn rows_come_back() {
        assert_eq!(read(&written()).unwrap(), rows());
    }

    #[test]
    fn every_kind_of_damage_is_found() {
        let whole = written();
        for at in (0..150).chain((150..whole.len()).step_by(1997)) {
            let mut flipped = whole.clone();
            flipped[at] ^= 0x10;
            assert!(read(&flipped).is_err(), "byte {at}");
            assert!(read(&whole[..at]).is_err(), "cut at {at}");
        }
        assert!(read(&[&whole[..], b"x"].concat()).is_err(), "something added");
        assert!(matches!(read(b"gonghui backup 2......"), Err(Unreadable::Newer)));
        assert!(matches!(read(b"PK"), Err(Unreadable::Foreign)));
    }
}
