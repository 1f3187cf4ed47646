// What a page leaves for the next one in its tab, so that a reload comes back: the resume token, the position, the session,
// what the switch says, and the token that the hub asked for, if it did. No text, no name. The session page has one
// of its own, under its own key: without the switch, and with the name that its client was given.
//
// The memo is in the tab's session storage only while no page of the tab lives: a page takes it out when it begins and puts it
// there when it goes. A browser that duplicates a tab copies the storage as well, but that of a living page is empty; so two
// tabs never have one memo, and never fight over a registration. What it costs: who had no time to leave one, as in a crash,
// begins anew.

const KEY = 'strowger';

/** A session of its own for each tab. The random chat is one crowd whatever the session, but all members of a session see its
 *  contacts and each other's coming and going, and strangers share neither. */
export const newSession = () => `page_${[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;

/** The memo, which is then nobody else's. */
export function takeMemo(key = KEY) {
  try {
    const memo = JSON.parse(sessionStorage.getItem(key));
    sessionStorage.removeItem(key);
    return memo;
  } catch {
    // The browser allows no storage.
    return null;
  }
}

/** The token that another page of this tab left, or null. Its memo stays. */
export function tokenLeftBy(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key))?.token ?? null;
  } catch {
    return null;
  }
}

export function leaveMemo(memo, key = KEY) {
  try {
    sessionStorage.setItem(key, JSON.stringify(memo));
  } catch {
    // Then there is no coming back.
  }
}
