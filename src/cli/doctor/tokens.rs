//! Whether the tokens are there, and good.

use std::path::Path;

use super::Finding;
use crate::config::{Auth, AuthMode, Kept, SHORTEST, Secret, Settings, StoreOn, TOKEN_FILE, can_be_guessed};
use crate::store::usual_directory;

pub fn examine(settings: &Settings) -> Vec<Finding> {
    let (user, admin) = (settings.auth.token.as_ref(), settings.auth.admin_token.as_ref());
    let mut findings = vec![match user {
        Some(token) => given("AUTH_TOKEN", token),
        None => made(settings),
    }];
    findings.push(match admin {
        Some(token) => given("ADMIN_TOKEN", token),
        None => Finding::note(
            "ADMIN_TOKEN is not given: a hub that is started by hand shows a token for the dashboard, any other has none",
        ),
    });
    if user.is_some() && user == admin {
        let words = "AUTH_TOKEN and ADMIN_TOKEN are the same: whoever chats could close the house";
        findings.push(Finding::wrong(words));
    }
    findings
}

/// What is given for JWTs and does nothing, and what lets in more than may be meant.
pub fn jwts(auth: &Auth) -> Vec<Finding> {
    let is_on = auth.mode == AuthMode::Jwt;
    let keys = [
        ("auth.jwt_secret", auth.jwt_secret.is_some()),
        ("auth.jwt_public_key", auth.jwt_public_key.is_some()),
    ];
    let unused = keys.into_iter().filter(|(_, is_given)| *is_given && !is_on);
    let unused = unused.map(|(name, _)| {
        Finding::note(format!(
            "{name} is given, and no JWT is asked for or taken: set auth.mode=jwt for that"
        ))
    });
    let is_for_anybody = is_on && auth.jwt_public_key.is_some() && auth.jwt_audience.is_none();
    let for_anybody = is_for_anybody.then(|| {
        Finding::note(
            "auth.jwt_audience is not given: a JWT that says for whom it is is refused, and one that does not is \
             taken, whatever it was made for",
        )
    });
    unused.chain(for_anybody).collect()
}

fn given(name: &str, token: &Secret) -> Finding {
    if can_be_guessed(token.reveal()) {
        return Finding::note(format!(
            "{name} is so short or so plain that it can be guessed: take {SHORTEST} random characters or more, \
             such as what `openssl rand -hex 32` prints"
        ));
    }
    Finding::fine(format!("{name} is given"))
}

/// The token that is made where none is given.
fn made(settings: &Settings) -> Finding {
    if settings.session.store == StoreOn::Memory {
        return Finding::note(
            "AUTH_TOKEN is not given, and with session.store=memory none is kept: another is made at each start, \
             and shown to a terminal only",
        );
    }
    let Some(folder) = settings.data.dir.clone().or_else(usual_directory) else {
        return Finding::note(
            "AUTH_TOKEN is not given, and there is no folder to keep one: another is made at each start",
        );
    };
    kept(&folder.join(TOKEN_FILE), settings.auth.admin_token.as_ref())
}

fn kept(file: &Path, admin: Option<&Secret>) -> Finding {
    let place = file.display();
    let kept = match Kept::find(file) {
        Ok(Some(kept)) => kept,
        Ok(None) => {
            return Finding::fine(
                "AUTH_TOKEN is not given: one is made at the start, and kept in the data folder",
            );
        }
        Err(error) => {
            return Finding::wrong(format!(
                "AUTH_TOKEN is not given, and {place} can't be read: {error}. Give it to the user that the hub runs \
                 as, delete it for a new token, or set AUTH_TOKEN"
            ));
        }
    };
    match kept.flaw(admin) {
        Some(flaw) => Finding::wrong(format!(
            "the token in {place} is not taken: {flaw}. Delete the file for a new token, or set AUTH_TOKEN"
        )),
        None if kept.is_open_to_others => Finding::note(format!(
            "others can read the token in {place}: the next start closes it to them. Delete it for a new token if \
             somebody may have read it"
        )),
        None => Finding::fine(format!("AUTH_TOKEN is not given: the one in {place} holds")),
    }
}
