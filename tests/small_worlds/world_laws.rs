//! The laws that nodes, links and doors have to keep together: in every state, and once nothing is owed any more.

use crate::crowd::{Crowds, Seat};
use crate::letter::{Letter, Packet, TextId};
use crate::plan::{Broken, Law, NODES, Plan, broken};
use crate::world::{Fate, Health, Known, World};

/// What must hold in every state.
pub fn always(plan: &Plan, world: &World) -> Result<(), Broken> {
    let doors = || world.nodes.iter().flat_map(|node| &node.doors);
    if let Some(door) = doors().find(|door| door.texts() > plan.mailbox || door.early.len() > plan.mailbox) {
        return broken(Law::MailboxesAreBounded, format!("{door:?}"));
    }
    for (id, text) in (0..).zip(&world.texts) {
        let has_a_home = world.node(text.from.node).health != Health::Over;
        if text.fate == Fate::Open && has_a_home && !is_somewhere(world, id) {
            return broken(Law::NothingDropped, format!("{text:?} is nowhere"));
        }
    }
    Ok(())
}

/// Whether a text, or the news that it failed, is under way.
fn is_somewhere(world: &World, id: TextId) -> bool {
    let lies_in = |letter: &Letter| matches!(letter, Letter::Text(it) | Letter::Failed(it) if *it == id);
    let travels = |packet: &Packet| matches!(packet, Packet::Text(it) | Packet::Failed(it, _) if *it == id);
    let mut doors = world.nodes.iter().flat_map(|node| &node.doors);
    world.nodes.iter().any(|node| node.kept.contains(&id))
        || doors.any(|door| door.early.contains(&id) || door.mailbox.iter().any(lies_in))
        || world.links.iter().flatten().any(travels)
}

/// What must hold once nothing is owed any more.
pub fn once_quiet(world: &World, crowds: &Crowds) -> Result<(), Broken> {
    texts_found_their_end(world)?;
    let seats = crowds.sight(world.head).seats;
    for (number, seat) in seats.into_iter().enumerate() {
        let Some(conn) = seat.conn() else { continue };
        if world.node(conn.node).health != Health::Up {
            return broken(Law::LostNodesLeave, format!("{number} is {seat:?}, on a node that is out"));
        }
        knows_the_place(world, number, seat)?;
        let call = world.door(conn).and_then(|door| door.call);
        let due = seat.call().and_then(|(pair, partner)| Some((pair, seats[usize::from(partner)].conn()?)));
        if call != due {
            return broken(Law::MutualPairs, format!("{number} holds {call:?}, due is {due:?}"));
        }
    }
    Ok(())
}

fn texts_found_their_end(world: &World) -> Result<(), Broken> {
    for text in world.texts.iter().filter(|text| text.fate == Fate::Open) {
        // Whose node went down sees the connection end, and takes what was not confirmed for lost.
        if world.node(text.from.node).health == Health::Up {
            return broken(Law::ShownOrTold, format!("{text:?} was neither shown, nor was its sender told"));
        }
    }
    let kept =
        (0..NODES).find(|node| world.node(*node).health == Health::Up && !world.node(*node).kept.is_empty());
    kept.map_or(Ok(()), |node| broken(Law::ShownOrTold, format!("node {node} keeps a text for ever")))
}

fn knows_the_place(world: &World, number: usize, seat: Seat) -> Result<(), Broken> {
    let known = world.people[number].known;
    let fits = match (seat, known) {
        (Seat::Idle(_), known) => matches!(known, Known::Idle | Known::NotTalking),
        (Seat::Waiting(_), known) => matches!(known, Known::Waiting | Known::NotTalking),
        (Seat::Talking(_, pair, _), known) => known == Known::Talking(pair),
        (Seat::Gone, _) => true,
    };
    match known {
        _ if fits => Ok(()),
        Known::Talking(_) => broken(Law::EndToldOnce, format!("{number} is {seat:?}, and knows {known:?}")),
        _ => broken(Law::OnePlace, format!("{number} is {seat:?}, and knows {known:?}")),
    }
}
