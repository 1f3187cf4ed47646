//! The laws that the machine has to keep by itself, recounted from what can be seen of it from outside.

use crate::crowd::{Crowd, Seat, What, input};
use crate::letter::Conn;
use crate::plan::{Broken, Law, NODES, PEOPLE, Plan, broken};
use strowger::core::{Answer, Command, Effect, Input, Matchmaker, Millis, NodeId, Notice, Reply};

/// What must hold between two neighbouring states.
pub fn after_a_step(plan: &Plan, before: &Crowd, what: What, after: &Crowd) -> Result<(), Broken> {
    let (old, new) = (before.seats(), after.seats());
    if matches!(what, What::WentAway(_) | What::Lost(_)) && old != new {
        return broken(Law::AbsenceChangesNothing, format!("{old:?} became {new:?}"));
    }
    for one in 0..PEOPLE {
        if let Some((pair, other)) = new[usize::from(one)].call()
            && old[usize::from(one)].call().is_none_or(|(before, _)| before != pair)
        {
            was_their_turn(plan, before, after, one, other)?;
        }
    }
    Ok(())
}

/// Somebody was matched: both were there, and nobody who waits longer was passed over.
fn was_their_turn(plan: &Plan, before: &Crowd, after: &Crowd, one: u8, other: u8) -> Result<(), Broken> {
    if after.away[usize::from(one)] {
        return broken(Law::AbsenceChangesNothing, format!("{one} is away, and got {other}"));
    }
    // Who was not in the queue before came last.
    let turn = |person: u8| before.queue.iter().position(|waiting| *waiting == person).unwrap_or(usize::MAX);
    let passed_over = |third: &u8| plan.agree(one, *third) && turn(*third) < turn(other);
    match present(after).find(passed_over) {
        None => Ok(()),
        Some(third) => {
            broken(Law::FirstComeFirstServed, format!("{one} got {other}, and {third} waits longer"))
        }
    }
}

/// Who waits and is there.
fn present(crowd: &Crowd) -> impl Iterator<Item = u8> {
    crowd.queue.iter().copied().filter(|person| !crowd.away[usize::from(*person)])
}

/// What must hold in every state.
pub fn of_a_state(plan: &Plan, at: Millis, crowd: &Crowd) -> Result<(), Broken> {
    if let Some(what) = crowd.machine.broken_invariant() {
        return broken(Law::OnePlace, format!("the machine says: {what}"));
    }
    pairs_are_mutual(crowd)?;
    the_figures_are_right(crowd)?;
    nobody_waits_in_vain(plan, crowd)?;
    repeats_change_nothing(plan, at, crowd)?;
    names_are_the_partners(at, crowd)
}

fn pairs_are_mutual(crowd: &Crowd) -> Result<(), Broken> {
    let seats = crowd.seats();
    for person in 0..PEOPLE {
        if let Some((pair, partner)) = seats[usize::from(person)].call() {
            let back = seats.get(usize::from(partner)).and_then(|seat| seat.call());
            if partner == person || back != Some((pair, person)) {
                return broken(Law::MutualPairs, format!("{person} has {partner}, who has {back:?}"));
            }
        }
    }
    Ok(())
}

fn the_figures_are_right(crowd: &Crowd) -> Result<(), Broken> {
    let (counts, seats) = (crowd.machine.counts(), crowd.seats());
    let count = |is: fn(&Seat) -> bool| seats.iter().filter(|seat| is(seat)).count();
    let registered = count(|seat| *seat != Seat::Gone);
    let due = [
        (counts.clients, registered),
        (counts.sessions, registered),
        (counts.waiting, crowd.queue.len()),
        (counts.pairs * 2, count(|seat| seat.call().is_some())),
        (counts.away, crowd.away.iter().filter(|away| **away).count()),
    ];
    match due.into_iter().find(|(is, due)| is != due) {
        None => Ok(()),
        Some((is, due)) => broken(Law::Counters, format!("{is} is not {due} in {counts:?}")),
    }
}

fn nobody_waits_in_vain(plan: &Plan, crowd: &Crowd) -> Result<(), Broken> {
    for one in present(crowd) {
        if let Some(other) = present(crowd).find(|other| *other != one && plan.agree(one, *other)) {
            return broken(Law::NobodyWaitsInVain, format!("{one} and {other} both wait"));
        }
    }
    Ok(())
}

/// `#meet` of who waits or talks, `#bye` of who does neither, a second tick, a second loss of a node, and whatever
/// a lost node still says.
fn repeats_change_nothing(plan: &Plan, at: Millis, crowd: &Crowd) -> Result<(), Broken> {
    let once = after(&crowd.machine, at, Input::Tick).0;
    let mut repeats = vec![(once.clone(), Input::Tick, 0)];
    for (person, seat) in (0u8..).zip(crowd.seats()) {
        let (Some(conn), false) = (seat.conn(), crowd.away[usize::from(person)]) else { continue };
        let ask =
            if matches!(seat, Seat::Idle(_)) { crate::crowd::Ask::Bye } else { crate::crowd::Ask::Meet };
        repeats.push((once.clone(), input(plan, What::Asked(conn, ask)), 1));
    }
    for node in 0..NODES {
        let lost = after(&once, at, Input::NodeLost { node: NodeId(node.into()) }).0;
        repeats.push((lost.clone(), Input::NodeLost { node: NodeId(node.into()) }, 0));
        for serial in 0..PEOPLE {
            repeats.push((lost.clone(), input(plan, What::HungUp(Conn { node, serial })), 0));
        }
    }
    for (machine, input, answers) in repeats {
        let (again, effects) = after(&machine, at, input.clone());
        if again != machine || effects.len() != answers {
            return broken(Law::RepeatsChangeNothing, format!("{input:?} had {effects:?}"));
        }
    }
    Ok(())
}

fn names_are_the_partners(at: Millis, crowd: &Crowd) -> Result<(), Broken> {
    for (seat, away) in crowd.seats().into_iter().zip(crowd.away) {
        let (Some(conn), false) = (seat.conn(), away) else { continue };
        let (_, effects) =
            after(&crowd.machine, at, Input::Asked { conn: conn.into(), command: Command::Who });
        let due = seat.call().map_or(Notice::NobodyToName, |(_, partner)| {
            Notice::Partner(crate::crowd::nickname(partner.into()))
        });
        let named = effects.iter().any(|effect| {
            matches!(effect, Effect::Answer { answer: Answer::Command(Reply { notice, .. }), .. } if *notice == due)
        });
        if !named {
            return broken(Law::WhoNamesThePartner, format!("{seat:?} hears {effects:?}"));
        }
    }
    Ok(())
}

fn after(machine: &Matchmaker, at: Millis, input: Input) -> (Matchmaker, Vec<Effect>) {
    let (mut machine, mut effects) = (machine.clone(), Vec::new());
    machine.handle(at, input, &mut effects);
    (machine, effects)
}
