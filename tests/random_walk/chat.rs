//! The commands, one rule after the other.

use strowger::core::{Answer, Command, ConnId, Millis, Nickname, Notice, PersonId, Reply, State, Tags};

use super::{Model, Shun, Where};

/// How long a block or report holds.
const BLOCKS_HOLD: Millis = Millis::seconds(30 * 24 * 60 * 60);

impl Model {
    pub(super) fn ask(&mut self, conn: ConnId, command: &Command) {
        let someone = self.someone_at(conn);
        let id = someone.id;
        someone.lines.retain(|line| *line != conn);
        someone.lines.push(conn);
        self.tell_whether_away(id);
        let notice = match command {
            Command::Meet(tags) => match self.place(id) {
                Where::Talking(_) => Notice::AlreadyTalking,
                Where::Idle | Where::Waiting => {
                    self.search(id, Some(tags), Notice::Connected, Notice::Searching)
                }
            },
            Command::Again => self.search(id, None, Notice::ConnectedAnew, Notice::SearchingAnew),
            Command::Bye => self.bye(id),
            Command::Hide => {
                let someone = self.someone(id);
                someone.masking = !someone.masking;
                Notice::Masking(someone.masking)
            }
            Command::Who => self.partner_name(id).map_or(Notice::NobodyToName, Notice::Partner),
            Command::Help => Notice::Help,
            Command::Block => self.shun(id, false),
            Command::Report => self.shun(id, true),
            Command::Unblock => {
                self.shuns.retain(|shun| shun.who != id || shun.is_report);
                self.match_everybody();
                Notice::BlockListEmptied
            }
        };
        let reply = Reply { verb: command.verb(), notice, state: self.state(id) };
        self.answer(conn, Answer::Command(reply));
    }

    /// Who waits keeps the place; anybody else leaves what there is and begins to wait. A refusal changes nothing.
    fn search(
        &mut self,
        id: PersonId,
        tags: Option<&Tags>,
        found: fn(Nickname) -> Notice,
        nobody: Notice,
    ) -> Notice {
        let waits = self.place(id) == Where::Waiting;
        let changes = tags.is_some_and(|tags| self.someone(id).tags != *tags);
        if (!waits || changes)
            && let Err(refusal) = self.count_search(id)
        {
            return refusal;
        }
        if let Some(tags) = tags {
            self.someone(id).tags = tags.clone();
        }
        if !waits {
            self.part(id);
            self.join_queue(id);
        }
        self.match_everybody_but_tell_not(id);
        self.partner_name(id).map_or(nobody, found)
    }

    /// So many searches at once, and as many again over each minute.
    fn count_search(&mut self, id: PersonId) -> Result<(), Notice> {
        let (now, allowed) = (self.now, u64::from(self.rules.meets_per_minute));
        let someone = self.someone(id);
        if allowed == 0 {
            return Ok(());
        }
        let made_up = now.since(someone.spent_at).0 * allowed;
        someone.spent = Millis(someone.spent.0.saturating_sub(made_up));
        someone.spent_at = now;
        let too_much = (someone.spent.0 + 60_000).saturating_sub(60_000 * allowed);
        if too_much > 0 {
            return Err(Notice::TooFast(Millis(too_much.div_ceil(allowed))));
        }
        someone.spent = Millis(someone.spent.0 + 60_000);
        Ok(())
    }

    fn bye(&mut self, id: PersonId) -> Notice {
        let notice = match self.place(id) {
            Where::Idle => Notice::NotTalking,
            Where::Waiting => Notice::SearchCancelled,
            Where::Talking(_) => Notice::Ended,
        };
        self.part(id);
        notice
    }

    /// A report is never weakened to a block, and either holds for its time from now on.
    fn shun(&mut self, who: PersonId, is_report: bool) -> Notice {
        let Where::Talking(whom) = self.place(who) else { return Notice::NotTalking };
        self.part(who);
        let reported = self.shuns.iter().any(|shun| (shun.who, shun.whom) == (who, whom) && shun.is_report);
        self.shuns.retain(|shun| (shun.who, shun.whom) != (who, whom));
        let until = self.now.plus(BLOCKS_HOLD);
        self.shuns.push(Shun { who, whom, until, is_report: is_report || reported });
        if is_report { Notice::Reported } else { Notice::Blocked }
    }

    pub(super) fn partner_name(&mut self, id: PersonId) -> Option<Nickname> {
        let Where::Talking(partner) = self.place(id) else { return None };
        Some(self.someone(partner).name.clone())
    }

    fn state(&mut self, id: PersonId) -> State {
        match self.place(id) {
            Where::Idle => State::Idle,
            Where::Waiting => {
                let before = self.queue.iter().position(|(waiting, _)| *waiting == id).expect("queued");
                // What a wait takes is compared apart, since only its bounds follow from the rules.
                State::Waiting { position: before + 1, expected_wait: None }
            }
            Where::Talking(partner) => State::Paired(self.someone(partner).name.clone()),
        }
    }
}
