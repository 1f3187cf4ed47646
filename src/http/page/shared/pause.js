// How long to wait before the next attempt to come back.

const FIRST = 500;
// The hub keeps our place for a minute: several attempts must fit into it.
const LONGEST = 15_000;

/** In milliseconds, after so many losses before this one: growing, and never the same for two pages, as a restarted hub is not
 *  to be met by all of them at once. */
export const pauseAfter = (losses) => Math.min(LONGEST, FIRST * 2 ** losses) * (0.5 + Math.random() / 2);
