/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not signed by somebody who knows the token.
    #[error("the signature is missing or wrong")]
    Signature,
    /// Signed too long ago or too far ahead, or signed once already for another body.
    #[error("the timestamp is outside of the window, or its signature was used for another body")]
    Replay,
    /// A plain post to an account that takes encrypted ones, or the other way round.
    #[error("the post is not encrypted as the account's mode asks")]
    Mode,
    /// Signed but not sealed with a key of ours.
    #[error("the envelope can't be opened with the account's keys")]
    Envelope,
    /// Not a message; says what is wrong with it, without its content.
    #[error("malformed: {0}")]
    Malformed(String),
    #[error("the body is too large")]
    TooLarge,
    /// For another account or another app id.
    #[error("the message is for another account")]
    Account,
}

impl Refused {
    /// A label for metrics and logs; stable.
    pub fn reason(&self) -> &'static str {
        match self {
            Refused::Signature => "signature",
            Refused::Replay => "replay",
            Refused::Mode => "mode",
            Refused::Envelope => "envelope",
            Refused::Malformed(_) => "malformed",
            Refused::TooLarge => "too_large",
            Refused::Account => "account",
        }
    }

    /// The HTTP status to answer with.
    pub fn status(&self) -> u16 {
        match self {
            Refused::Malformed(_) => 400,
            Refused::TooLarge => 413,
            Refused::Signature | Refused::Replay | Refused::Mode | Refused::Envelope | Refused::Account => {
                403
            }
        }
    }
}
