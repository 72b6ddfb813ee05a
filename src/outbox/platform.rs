use super::lanes::Lane;
use crate::wechat::api::{
    Boxed, Client, CustomMessage, Failure, MassContent, MassStatus, SubscriptionMessage, TemplateMessage,
};

/// One call that tells followers something.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    Custom { to: String, message: CustomMessage },
    Template(TemplateMessage),
    Subscription(SubscriptionMessage),
    Mass { to: Vec<String>, content: MassContent, client_msg_id: String },
}

impl Call {
    pub fn lane(&self) -> Lane {
        match self {
            Call::Custom { .. } => Lane::Custom,
            Call::Template(_) => Lane::Template,
            Call::Subscription(_) => Lane::Subscription,
            Call::Mass { .. } => Lane::Mass,
        }
    }

    /// The follower, if it is one.
    pub fn to(&self) -> &str {
        match self {
            Call::Custom { to, .. } => to,
            Call::Template(message) => &message.touser,
            Call::Subscription(message) => &message.touser,
            Call::Mass { .. } => "",
        }
    }
}

/// WeChat, as far as telling followers goes.
pub trait Platform: Send + Sync + 'static {
    /// Answers with WeChat's number of the message or job, if it has one.
    fn send<'a>(&'a self, call: &'a Call) -> Boxed<'a, Result<Option<String>, Failure>>;

    fn mass_status<'a>(&'a self, msg_id: &'a str) -> Boxed<'a, Result<MassStatus, Failure>>;
}

impl Platform for Client {
    fn send<'a>(&'a self, call: &'a Call) -> Boxed<'a, Result<Option<String>, Failure>> {
        Box::pin(async move {
            match call {
                Call::Custom { to, message } => self.send_custom(to, message).await.map(|()| None),
                Call::Template(message) => self.send_template(message).await.map(Some),
                Call::Subscription(message) => self.send_subscription(message).await,
                Call::Mass { to, content, client_msg_id } => {
                    self.mass_send(to, content, client_msg_id).await.map(|sent| Some(sent.msg_id))
                }
            }
        })
    }

    fn mass_status<'a>(&'a self, msg_id: &'a str) -> Boxed<'a, Result<MassStatus, Failure>> {
        Box::pin(async move { Client::mass_status(self, msg_id).await })
    }
}
