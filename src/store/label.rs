//! What is known of a store before it is opened: its format, its engine's settings and which keys seal it.
//! It is kept beside the engine's files, since opening those may already write to them.

use std::fmt::Write as _;

use super::error::OpenError;
use super::migrate::FORMAT;
use super::seal::{Fingerprint, Sealer, key_name};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    pub format: u32,
    pub settings: String,
    pub state: State,
    /// The keys that fields may be sealed with, the latest last.
    pub keys: Vec<Fingerprint>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing was ever acknowledged: an empty engine is no loss.
    Making,
    Made,
    /// A backup is being written into it.
    Restoring,
}

impl State {
    const ALL: [State; 3] = [State::Making, State::Made, State::Restoring];

    const fn word(self) -> &'static str {
        match self {
            State::Making => "making",
            State::Made => "made",
            State::Restoring => "restoring",
        }
    }
}

const FIRST_LINE: &str = "gonghui store";

impl Label {
    pub fn new(settings: &str, sealer: &Sealer) -> Label {
        let keys = sealer.current().into_iter().collect();
        Label { format: FORMAT, settings: settings.to_owned(), state: State::Making, keys }
    }

    pub fn encode(&self) -> Vec<u8> {
        let (format, settings, state) = (self.format, &self.settings, self.state.word());
        let mut text = format!("{FIRST_LINE}\nformat {format}\nengine {settings}\nstate {state}\n");
        for key in &self.keys {
            _ = writeln!(text, "key {}", hex::encode(key));
        }
        let sum = crc32fast::hash(text.as_bytes());
        _ = writeln!(text, "sum {sum:08x}");
        text.into_bytes()
    }

    pub fn decode(bytes: &[u8]) -> Result<Label, OpenError> {
        let damaged = || OpenError::Damaged("the label beside its files can't be read".to_owned());
        let text = std::str::from_utf8(bytes).ok().ok_or_else(damaged)?;
        parse(text).ok_or_else(damaged)
    }

    /// Whether this version, with these settings and keys, may open the store.
    pub fn admit(&self, settings: &'static str, sealer: &Sealer) -> Result<(), OpenError> {
        if self.format > FORMAT {
            return Err(OpenError::NewerFormat { found: self.format, known: FORMAT });
        }
        if self.settings != settings {
            return Err(OpenError::OtherSettings { found: self.settings.clone(), known: settings });
        }
        if self.state == State::Restoring {
            return Err(OpenError::HalfRestored);
        }
        // The latest first: it is the one that is missing when all of them are.
        match self.keys.iter().rev().find(|key| !sealer.has(key)) {
            Some(missing) => Err(OpenError::WrongKey(key_name(missing))),
            None => Ok(()),
        }
    }

    /// The same label with the sealer's current key as the latest.
    pub fn with_key_of(&self, sealer: &Sealer) -> Label {
        let mut label = self.clone();
        if let Some(current) = sealer.current() {
            label.keys.retain(|key| *key != current);
            label.keys.push(current);
        }
        label
    }

    /// The keys but the sealer's current one.
    pub fn earlier_keys(&self, sealer: &Sealer) -> Vec<Fingerprint> {
        self.keys.iter().copied().filter(|key| sealer.current() != Some(*key)).collect()
    }
}

fn parse(text: &str) -> Option<Label> {
    let (body, sum) = text.strip_suffix('\n')?.rsplit_once("\nsum ")?;
    let body = format!("{body}\n");
    if format!("{:08x}", crc32fast::hash(body.as_bytes())) != sum {
        return None;
    }
    let mut lines = body.lines();
    let mut line = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned);
    line(FIRST_LINE.split_once(' ')?.0).filter(|rest| rest == "store")?;
    let format = line("format")?.parse().ok().filter(|format| *format > 0)?;
    let settings = line("engine")?;
    let state = line("state")?;
    let state = State::ALL.into_iter().find(|known| known.word() == state)?;
    let key = |line: &str| hex::decode(line.strip_prefix("key ")?).ok()?.try_into().ok();
    let keys = lines.map(key).collect::<Option<_>>()?;
    Some(Label { format, settings, state, keys })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(&[byte; 32], &[])
    }

    #[test]
    fn a_label_comes_back_and_every_flipped_bit_is_found() {
        let label = Label::new("memory", &sealer(1));
        let bytes = label.encode();
        assert_eq!(Label::decode(&bytes).unwrap(), label);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(Label::decode(&flipped).is_err(), "bit {bit}");
        }
        (0..bytes.len()).for_each(|length| assert!(Label::decode(&bytes[..length]).is_err()));
    }

    #[test]
    fn a_half_restored_store_is_refused() {
        let label = Label { state: State::Restoring, ..Label::new("memory", &sealer(1)) };
        let label = Label::decode(&label.encode()).unwrap();
        let refused = label.admit("memory", &sealer(1));
        assert!(matches!(refused, Err(OpenError::HalfRestored)), "{refused:?} {label:?}");
    }

    #[test]
    fn it_refuses_other_keys_newer_formats_and_other_settings() {
        let label = Label::new("memory", &sealer(1));
        assert!(matches!(label.admit("memory", &sealer(2)), Err(OpenError::WrongKey(_))));
        assert!(matches!(label.admit("sled", &sealer(1)), Err(OpenError::OtherSettings { .. })));
        let newer = Label { format: FORMAT + 1, ..label.clone() };
        assert!(matches!(newer.admit("memory", &sealer(1)), Err(OpenError::NewerFormat { .. })));

        let both = Sealer::new(&[2; 32], &[[1; 32]]);
        label.admit("memory", &both).unwrap();
        let rotated = label.with_key_of(&both);
        rotated.admit("memory", &both).unwrap();
        let without = |keep: u8| match rotated.admit("memory", &sealer(keep)) {
            Err(OpenError::WrongKey(missing)) => missing,
            other => panic!("{other:?}"),
        };
        let id = |byte| hex::encode(&sealer(byte).current().unwrap()[..4]);
        assert_eq!(
            (without(1), without(2)),
            (id(2), id(1)),
            "rows sealed with the earlier key are still there"
        );
    }
}
