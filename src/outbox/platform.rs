use crate::domain::outbox::record::Way;
use crate::wechat::api::{Boxed, Client, CustomMessage, Failure, SubscriptionMessage, TemplateMessage};

use super::lanes::Lane;

/// One message on its way to one follower.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    Custom { to: String, message: CustomMessage },
    Template(TemplateMessage),
    Subscription(SubscriptionMessage),
}

impl Call {
    pub fn way(&self) -> Way {
        match self {
            Call::Custom { .. } => Way::Custom,
            Call::Template(_) => Way::Template,
            Call::Subscription(_) => Way::Subscription,
        }
    }

    pub fn lane(&self) -> Lane {
        self.way().into()
    }

    pub fn to(&self) -> &str {
        match self {
            Call::Custom { to, .. } => to,
            Call::Template(message) => &message.touser,
            Call::Subscription(message) => &message.touser,
        }
    }
}

/// WeChat, as far as messages to one follower go. Answers with WeChat's number of the message, if it has one.
pub trait Platform: Send + Sync + 'static {
    fn send<'a>(&'a self, call: &'a Call) -> Boxed<'a, Result<Option<String>, Failure>>;
}

impl Platform for Client {
    fn send<'a>(&'a self, call: &'a Call) -> Boxed<'a, Result<Option<String>, Failure>> {
        Box::pin(async move {
            match call {
                Call::Custom { to, message } => self.send_custom(to, message).await.map(|()| None),
                Call::Template(message) => self.send_template(message).await.map(Some),
                Call::Subscription(message) => self.send_subscription(message).await,
            }
        })
    }
}
