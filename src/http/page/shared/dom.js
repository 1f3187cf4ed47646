// What the page is made of. Whatever others wrote becomes text, and finds its own direction.

export const $ = (id) => document.getElementById(id);

export function element(tag, className = '', ...inside) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...inside);
  return made;
}

/** What somebody wrote, apart from the direction of what stands around it. */
export const foreign = (text) => element('bdi', '', String(text));

/** words`Sent to ${name}`: ours as they are, theirs each by itself. */
export const words = (ours, ...theirs) => ours.flatMap((text, at) => (at < theirs.length ? [text, foreign(theirs[at])] : [text]));

export function button(label, act, className = '') {
  const made = element('button', className, label);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

const HOUR = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

export function time(timestamp) {
  const when = new Date(timestamp);
  const isToday = when.toDateString() === new Date().toDateString();
  const made = element('time', '', isToday ? HOUR.format(when) : `${DAY.format(when)}, ${HOUR.format(when)}`);
  made.dateTime = timestamp;
  return made;
}

export const onSubmit = (form, act) => form.addEventListener('submit', (event) => {
  event.preventDefault();
  act();
});

/** Whether this key sends. Enter also ends the choice of a character in an input method, which WebKit tells by 229; that one is not
 *  ours. */
export const isSending = (event) => event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229;

/** These, in this order. What is there already is not taken out, so that it keeps the focus and is not read aloud again. */
export function arrange(parent, wanted) {
  const stays = new Set(wanted);
  for (const child of [...parent.children]) if (!stays.has(child)) child.remove();
  let at = parent.firstElementChild;
  const focused = document.activeElement;
  for (const child of wanted) {
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
  if (focused !== document.activeElement && parent.contains(focused)) focused.focus();
}
