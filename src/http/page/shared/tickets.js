// The hub's token, changed for tickets. A ticket opens one socket, within half a minute.
//
// A browser can't send a header along with a socket, and an address is written down in too many places for a token. The first
// frame could hold it (`register.token`), but there the hub only hangs up on a wrong one. Here it says for how long to wait
// when many came, and whoever mistypes knows before there is a socket.

// What tokens are made of. Anything else is none, and not all of it could be sent in a header.
const TOKEN = /^[\x21-\x7e]+$/;

/**
 * Asks for one. Says `{ ticket }`, or `{ isWrong: true, isOver, wait }` of a token that is none of the hub's, or is no more, or
 * `{ wait }` if something else is in the way; `wait` is in milliseconds.
 */
export async function changeForTicket(token, signal) {
  if (!TOKEN.test(token)) return { isWrong: true, wait: 0 };
  try {
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch('api/v1/tickets', { method: 'POST', headers, signal, cache: 'no-store', redirect: 'error' });
    if (answer.ok) return { ticket: (await answer.json()).ticket };
    const { code, isOver, wait } = await readRefusal(answer);
    // Only a wrong token is ever told that too many wrong ones came.
    return { isWrong: ['unauthorized', 'rate_limited'].includes(code), isOver, wait };
  } catch {
    // No connection, or it took too long.
    return { wait: 0 };
  }
}

/** What an answer that says no says of a token: the hub's code, whether its time is over, and for how many milliseconds to wait. A
 *  proxy may say 401, 403 or 429 of itself, in other words, and then there is no code. */
export async function readRefusal(answer) {
  const { code } = await answer.json().catch(() => ({}));
  const isOver = /error_description="The token expired"/.test(answer.headers.get('WWW-Authenticate'));
  return { code, isOver, wait: Number(answer.headers.get('Retry-After')) * 1000 || 0 };
}
