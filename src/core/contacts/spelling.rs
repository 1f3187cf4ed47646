//! How many slips of the finger are between two names.
//!
//! A slip is a letter more, less or other, or two neighbours swapped. It must never know: whose names they are.

/// Letters up to which a name allows one slip; above, it allows two.
const SHORT: usize = 7;
/// Letters up to which a name has to be typed as it is: with a slip it could be any other.
const TINY: usize = 2;
/// Letters up to which a name means nobody else, and nobody else means it, for a slip: Dad is not Dan.
pub const FEW: usize = 3;
/// Letters above which a name has to be typed as it is: nobody types so many, and they take long to compare.
const LONG: usize = 64;
/// Letters compared at once.
const STRIDE: usize = 16;

/// How many slips a name of so many letters allows.
pub fn allowed(letters: usize) -> usize {
    if letters <= TINY || letters > LONG {
        0
    } else if letters <= SHORT {
        1
    } else {
        2
    }
}

/// Which letters there are, as a set that may take several for one. One slip changes at most two of them.
pub fn letters_of(name: &str) -> u64 {
    name.chars().fold(0, |set, c| set | 1 << (u32::from(c) % 64))
}

/// The fewest slips that make one of the other, if that are at most `most`.
pub fn slips(one: &[char], other: &[char], most: usize) -> Option<usize> {
    let (one, other) = apart(one, other);
    if one.is_empty() && other.is_empty() {
        return Some(0);
    }
    if most == 0 || one.len().abs_diff(other.len()) > most {
        return None;
    }
    let rest = |a, b| slips(a, b, most - 1).map(|slips| slips + 1);
    let less = one.split_first().and_then(|(_, a)| rest(a, other));
    let more = other.split_first().and_then(|(_, b)| rest(one, b));
    let changed = match (one, other) {
        ([_, a @ ..], [_, b @ ..]) => rest(a, b),
        _ => None,
    };
    let swapped = match (one, other) {
        ([x, y, a @ ..], [z, w, b @ ..]) if x == w && y == z => rest(a, b),
        _ => None,
    };
    [less, more, changed, swapped].into_iter().flatten().min()
}

/// Both without what they begin with alike.
fn apart<'a>(mut one: &'a [char], mut other: &'a [char]) -> (&'a [char], &'a [char]) {
    while let (Some((x, a)), Some((y, b))) = (one.split_at_checked(STRIDE), other.split_at_checked(STRIDE)) {
        if x != y {
            break;
        }
        (one, other) = (a, b);
    }
    let same = one.iter().zip(other).take_while(|(x, y)| x == y).count();
    (one.get(same..).unwrap_or(&[]), other.get(same..).unwrap_or(&[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(one: &str, other: &str) -> Option<usize> {
        let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
        let slips_back = slips(&other, &one, 2);
        assert_eq!(slips(&one, &other, 2), slips_back, "as far there as back");
        slips_back
    }

    #[test]
    fn slips_are_counted() {
        for (one, other, slips) in [
            ("john", "john", Some(0)),
            ("jonh", "john", Some(1)),
            ("jhon", "john", Some(1)),
            ("jhon", "jon", Some(1)),
            ("sara", "sarah", Some(1)),
            ("mark", "marc", Some(1)),
            ("christopher", "kristofer", None),
            ("jonathan", "johnatan", Some(2)),
            ("ab", "ba", Some(1)),
            ("", "ab", Some(2)),
            ("alexandra the great of all", "alexandrx the graet of all", Some(2)),
            ("alexandra the great of all", "alexandra the great of alle", Some(1)),
        ] {
            assert_eq!(between(one, other), slips, "{one} and {other}");
        }
    }

    #[test]
    fn a_slip_changes_at_most_two_letters_of_the_set() {
        for (one, other) in [("john", "jomn"), ("john", "johny"), ("john", "jhon"), ("péter", "peter")] {
            assert!((letters_of(one) ^ letters_of(other)).count_ones() <= 2, "{one} and {other}");
        }
    }
}
