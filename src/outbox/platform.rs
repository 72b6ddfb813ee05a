use jiff::civil::Date;

use super::lanes::Lane;
use crate::drawing::qr_png;
use crate::wechat::api::{
    ArticleReads, Boxed, Client, CustomMessage, Failure, MassContent, MassStatus, MediaKind, Pause, Reaction,
    SubscriptionMessage, TemplateMessage, Upload,
};

/// One call that tells followers something.
#[derive(Clone, PartialEq)]
pub enum Call {
    Custom {
        to: String,
        message: CustomMessage,
    },
    /// A customer-service message with this code as a QR picture.
    Picture {
        to: String,
        code: String,
    },
    Template(TemplateMessage),
    Subscription(SubscriptionMessage),
    /// A mass send of this text, shown to one follower.
    Preview {
        to: String,
        content: String,
    },
    Mass {
        to: Vec<String>,
        content: MassContent,
        client_msg_id: String,
    },
}

impl Call {
    pub fn lane(&self) -> Lane {
        match self {
            Call::Custom { .. } | Call::Picture { .. } => Lane::Custom,
            Call::Template(_) => Lane::Template,
            Call::Subscription(_) => Lane::Subscription,
            Call::Preview { .. } | Call::Mass { .. } => Lane::Mass,
        }
    }

    /// The follower, if it is one.
    pub fn to(&self) -> &str {
        match self {
            Call::Custom { to, .. } | Call::Picture { to, .. } | Call::Preview { to, .. } => to,
            Call::Template(message) => &message.touser,
            Call::Subscription(message) => &message.touser,
            Call::Mass { .. } => "",
        }
    }
}

/// What WeChat says of a call that it took.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    /// Its number of the message or job, if it has one.
    pub msg_id: Option<String>,
    /// Under which it counts how often the articles of a mass send are read.
    pub data_id: Option<String>,
}

impl Taken {
    pub fn as_message(msg_id: Option<String>) -> Taken {
        Taken { msg_id, data_id: None }
    }
}

/// WeChat, as far as telling followers goes.
pub trait Platform: Send + Sync + 'static {
    fn send<'a>(&'a self, call: &'a Call) -> Boxed<'a, Result<Taken, Failure>>;

    fn mass_status<'a>(&'a self, msg_id: &'a str) -> Boxed<'a, Result<MassStatus, Failure>>;

    /// How often the articles that were sent on that day were read.
    fn article_reads(&self, sent_on: Date) -> Boxed<'_, Result<Vec<ArticleReads>, Failure>>;
}

/// What a code is never logged with.
impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Call::Custom { message, .. } => f.debug_tuple("Custom").field(message).finish(),
            Call::Picture { .. } => f.write_str("Picture"),
            Call::Template(message) => f.debug_tuple("Template").field(message).finish(),
            Call::Subscription(message) => f.debug_tuple("Subscription").field(message).finish(),
            Call::Preview { content, .. } => f.debug_tuple("Preview").field(content).finish(),
            Call::Mass { content, .. } => f.debug_tuple("Mass").field(content).finish(),
        }
    }
}

/// The picture's media id, good for three days.
async fn uploaded(client: &Client, code: &str) -> Result<String, Failure> {
    let undrawable = || Failure {
        call: "qr",
        code: None,
        message: "the code can't be drawn".to_owned(),
        reaction: Reaction::Permanent,
    };
    let picture = Upload::from_bytes("code.png", qr_png(code).ok_or_else(undrawable)?);
    let uploaded = client.upload_media(MediaKind::Image, &picture).await;
    uploaded.map(|uploaded| uploaded.media_id).map_err(of_the_upload)
}

/// Whatever went wrong, nothing was sent to anybody yet. A day's uploads that are used up hold no message up: the
/// picture waits for its follower's next one.
fn of_the_upload(failure: Failure) -> Failure {
    let reaction = match failure.reaction {
        Reaction::Uncertain => Reaction::Retry,
        Reaction::SlowDown(Pause::NextDay) => Reaction::Permanent,
        reaction => reaction,
    };
    Failure { reaction, ..failure }
}

impl Platform for Client {
    fn send<'a>(&'a self, call: &'a Call) -> Boxed<'a, Result<Taken, Failure>> {
        Box::pin(async move {
            let untold = |()| Taken::default();
            match call {
                Call::Custom { to, message } => self.send_custom(to, message).await.map(untold),
                Call::Picture { to, code } => {
                    let media_id = uploaded(self, code).await?;
                    self.send_custom(to, &CustomMessage::Image { media_id }).await.map(untold)
                }
                Call::Template(message) => {
                    self.send_template(message).await.map(|msg_id| Taken::as_message(Some(msg_id)))
                }
                Call::Subscription(message) => self.send_subscription(message).await.map(Taken::as_message),
                Call::Preview { to, content } => {
                    let content = MassContent::Text { content: content.clone() };
                    self.mass_preview(to, &content).await.map(untold)
                }
                Call::Mass { to, content, client_msg_id } => {
                    let sent = self.mass_send(to, content, client_msg_id).await?;
                    Ok(Taken { msg_id: Some(sent.msg_id), data_id: sent.msg_data_id })
                }
            }
        })
    }

    fn mass_status<'a>(&'a self, msg_id: &'a str) -> Boxed<'a, Result<MassStatus, Failure>> {
        Box::pin(async move { Client::mass_status(self, msg_id).await })
    }

    fn article_reads(&self, sent_on: Date) -> Boxed<'_, Result<Vec<ArticleReads>, Failure>> {
        Box::pin(Client::article_reads(self, sent_on))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Time;
    use crate::outbox::lanes::{Lanes, Rates};
    use crate::outbox::settle::pace;
    use crate::wechat::api::reaction;

    #[test]
    fn a_day_s_uploads_that_are_used_up_hold_no_message_up() {
        let (lanes, now) = (Lanes::new(&Rates::default()), Time::from_unix_s(1_795_400_000));
        let picture = Call::Picture { to: "oMei".to_owned(), code: "C-1".to_owned() };
        let refused = |code| Failure {
            call: "/cgi-bin/media/upload",
            code: Some(code),
            message: String::new(),
            reaction: reaction(code),
        };
        pace(&lanes, &picture, &Err(of_the_upload(refused(45009))), now);
        assert_eq!(lanes.held(Lane::Custom, now), None);
        pace(&lanes, &picture, &Err(of_the_upload(refused(45011))), now);
        assert!(lanes.held(Lane::Custom, now).is_some(), "for the rest of the minute");
    }
}
