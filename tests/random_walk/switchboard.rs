//! What every client's task holds after the effects: performs connects and disconnects, and nothing else.

use strowger::core::{Call, ConnId, Effect, Notice, PairId};

use crate::model::Model;

/// The calls in force, and which pair carries which of the model's chats.
#[derive(Debug, Default)]
pub struct Switchboard {
    calls: Vec<(ConnId, Call)>,
    pairs: Vec<(u64, PairId)>,
}

impl Switchboard {
    /// The call that a connection holds.
    fn call(&self, at: ConnId) -> Option<&Call> {
        self.calls.iter().find(|(conn, _)| *conn == at).map(|(_, call)| call)
    }

    /// Performs effects in the order written; says which one makes no sense.
    pub fn perform(&mut self, effects: &[Effect]) -> Result<(), String> {
        for effect in effects {
            match effect {
                Effect::Connect { to, call } => self.connect(*to, call)?,
                Effect::Disconnect { to, pair, .. } => self.disconnect(*to, *pair)?,
                Effect::Forget { client } => self.calls.retain(|(conn, _)| conn != client),
                Effect::Resume { from, to, pair, .. } => self.resume(*from, *to, *pair)?,
                Effect::Tell { to, notice } => self.agrees_with(*to, notice)?,
                Effect::Answer { .. } | Effect::Announce { .. } | Effect::Share { .. } => {}
                Effect::Acquaint { .. } | Effect::CutOff { .. } | Effect::Link { .. } => {}
                Effect::CountWait { .. } => {}
            }
        }
        Ok(())
    }

    fn resume(&mut self, from: ConnId, to: ConnId, pair: Option<PairId>) -> Result<(), String> {
        if self.call(from).map(|call| call.pair) != pair {
            return Err(format!("{from:?} is on {:?}, and goes on at {to:?} with {pair:?}", self.call(from)));
        }
        for (conn, _) in self.calls.iter_mut().filter(|(conn, _)| *conn == from) {
            *conn = to;
        }
        Ok(())
    }

    fn connect(&mut self, to: ConnId, call: &Call) -> Result<(), String> {
        if self.call(to).is_some_and(|before| before.pair != call.pair) {
            return Err(format!("{to:?} is connected over a call of another pair"));
        }
        self.calls.retain(|(conn, _)| *conn != to);
        self.calls.push((to, call.clone()));
        Ok(())
    }

    fn disconnect(&mut self, to: ConnId, pair: PairId) -> Result<(), String> {
        if self.call(to).is_none_or(|call| call.pair != pair) {
            return Err(format!("{to:?} is disconnected from {pair:?}, which it does not hold"));
        }
        self.calls.retain(|(conn, _)| *conn != to);
        Ok(())
    }

    /// Who hears of a match has the call already; who hears of an end has none any more.
    fn agrees_with(&self, to: ConnId, notice: &Notice) -> Result<(), String> {
        let holds = self.call(to).is_some();
        match notice {
            Notice::Connected(_) if !holds => Err(format!("{to:?} hears of a match before the call")),
            Notice::PartnerLeft | Notice::Expired if holds => {
                Err(format!("{to:?} hears of an end before it"))
            }
            _ => Ok(()),
        }
    }

    /// Every talking person's line holds a call to the partner's line, and nobody else holds any.
    pub fn compare(&mut self, model: &Model) -> Result<(), String> {
        let due = model.calls_due();
        for (at, partner, nickname, chat) in &due {
            let call = self.call(*at).cloned().ok_or_else(|| format!("{at:?} talks without a call"))?;
            if call.partner != *partner || call.nickname != *nickname {
                return Err(format!("{at:?} holds {call:?}, not a call to {partner:?} by the right name"));
            }
            let known = self.pairs.iter().find(|(number, pair)| number == chat || *pair == call.pair);
            match known {
                Some(known) if *known != (*chat, call.pair) => {
                    return Err(format!("{at:?}: chat {chat} is on {:?}, known is {known:?}", call.pair));
                }
                Some(_) => {}
                None if self
                    .pairs
                    .iter()
                    .any(|(_, pair)| *pair > call.pair && !self.is_new(*pair, model)) =>
                {
                    return Err(format!("{at:?}: {:?} is no newer than an earlier pair", call.pair));
                }
                None => self.pairs.push((*chat, call.pair)),
            }
        }
        match self.calls.iter().find(|(at, _)| due.iter().all(|(talking, ..)| talking != at)) {
            Some((at, _)) => Err(format!("{at:?} holds a call and does not talk")),
            None => Ok(()),
        }
    }

    /// Whether a pair was made in the same step as others: the order among those is free.
    fn is_new(&self, pair: PairId, model: &Model) -> bool {
        let chat = self.pairs.iter().find(|(_, known)| *known == pair).map(|(chat, _)| *chat);
        chat.is_some_and(|chat| model.began_in_this_step(chat))
    }
}
