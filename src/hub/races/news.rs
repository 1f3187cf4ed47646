//! A session is told something while one of its members goes on at another connection.

use super::*;
use crate::core::account::{Link, News, Status};
use crate::core::{ConnId, NodeId};
use crate::hub::directory::{Directory, Line};
use crate::hub::letter::{AccountNews, Broadcast};
use crate::hub::switchboard::Card;
use shuttle::thread;

const BEFORE: ConnId = ConnId { node: NodeId(1), serial: 1 };
const AFTER: ConnId = ConnId { node: NodeId(1), serial: 2 };

fn enter(directory: &Directory, conn: ConnId, mailbox: &Arc<Mailbox>, is_member: bool) {
    let text = || "team".to_owned();
    let card = Card { client_id: text(), client_name: text(), session: text(), log_name: text() };
    let line = Line { mailbox: mailbox.clone(), card: Arc::new(card), is_member, former: None };
    directory.put(conn, line);
}

#[test]
fn who_comes_back_hears_what_the_session_is_told_meanwhile_once() {
    explore(|| {
        let directory = Directory::default();
        let (inbox, own) = (mailbox(NO_LIMITS), mailbox(NO_LIMITS));
        enter(&directory, BEFORE, &inbox, true);
        enter(&directory, AFTER, &own, false);
        let told = directory.clone();
        let teller = thread::spawn(move || {
            let status = Status { link: Link::Up, ai: None, auto_reply: false, last: None, contacts: 0 };
            let news = AccountNews { session: "team".into(), clients: 1, news: News::Status(status) };
            told.tell_session("team", None, Broadcast::Account(news));
        });
        assert!(directory.go_on(BEFORE, AFTER, None).is_some());
        teller.join().unwrap();
        let heard = |letter: &Letter| matches!(letter, Letter::Shared(_));
        let unread = [inbox, own].map(|mailbox| mailbox.close(None).expect("it is open").into_letters());
        assert_eq!(unread.into_iter().flatten().filter(heard).count(), 1);
    });
}
