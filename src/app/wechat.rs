//! The client of WeChat's API with the configured credentials, and a token that survives a restart.

use std::sync::Arc;

use crate::config::Config;
use crate::domain::access::{self, AccessToken};
use crate::moment::Clock;
use crate::store::{Sealed, Store};
use crate::wechat::api::{Boxed, Client, NoClient, StoredToken, Tokens};
use secrecy::{ExposeSecret, SecretString};

/// `None` if the configuration holds no `account.app_secret`: then nothing is called.
pub fn client(config: &Config, store: &Store, clock: &Arc<dyn Clock>) -> Result<Option<Client>, NoClient> {
    let Some(settings) = config.wechat.api(&config.account) else { return Ok(None) };
    let tokens =
        StoreTokens { store: store.clone(), clock: Arc::clone(clock), app_id: settings.app_id.clone() };
    Client::new(settings, Arc::new(tokens), Arc::clone(clock)).map(Some)
}

/// The access token in a sealed row.
struct StoreTokens {
    store: Store,
    clock: Arc<dyn Clock>,
    app_id: String,
}

impl Tokens for StoreTokens {
    fn load(&self) -> Boxed<'_, Option<StoredToken>> {
        Box::pin(async move {
            let app_id = self.app_id.clone();
            let kept = self.store.read(self.clock.moment(), move |tx| access::token(tx, &app_id)).await;
            let kept =
                kept.inspect_err(|error| tracing::warn!(%error, "the access token can't be read")).ok()??;
            Some(StoredToken { token: SecretString::from(kept.token.into_revealed()), expires: kept.expires })
        })
    }

    fn save<'a>(&'a self, token: &'a StoredToken) -> Boxed<'a, ()> {
        Box::pin(async move {
            let app_id = self.app_id.clone();
            let kept = AccessToken {
                token: Sealed::new(token.token.expose_secret().to_owned()),
                expires: token.expires,
            };
            let saved =
                self.store.submit(self.clock.moment(), move |tx| access::keep(tx, &app_id, &kept)).await;
            if let Err(error) = saved {
                tracing::warn!(%error, "the access token can't be kept; a restart will fetch another");
            }
        })
    }
}
