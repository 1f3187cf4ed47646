// What is seldom needed: a panel that a button opens, and the question before what cannot be undone.

import { write } from './words.js';

export class Menu {
  #button;
  #panel;

  /** Escape closes it wherever the focus is in `card`, and the focus is not lost with it. */
  constructor(button, panel, card) {
    this.#button = button;
    this.#panel = panel;
    button.addEventListener('click', () => this.#open(panel.hidden));
    card.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.isComposing) this.close();
    });
  }

  close() {
    if (this.#panel.hidden) return;
    const hadFocus = this.#panel.contains(document.activeElement);
    this.#open(false);
    if (hadFocus) this.#button.focus();
  }

  #open(isOpen) {
    this.#panel.hidden = !isOpen;
    this.#button.setAttribute('aria-expanded', isOpen);
  }
}

const QUESTIONS = {
  '#block': ['Block', 'It ends this chat, and you two will not meet again for 30 days, if both stay who they are. Unblock lifts it.'],
  '#report': ['Report', 'As Block, but Unblock does not lift it. Nobody reads reports: the hub keeps you two apart, and no more.'],
};

/** Asks before a chat is ended for good: nobody does that by a slip. */
export class Parting {
  #dialog;
  #command = '';

  /** `act(command)` does what was asked about. */
  constructor(dialog, act) {
    this.#dialog = dialog;
    const [no, yes] = dialog.querySelectorAll('button');
    yes.addEventListener('click', () => {
      dialog.close();
      act(this.#command);
    });
    no.addEventListener('click', () => dialog.close());
  }

  ask(command, partner) {
    const [verb, consequence] = QUESTIONS[command];
    this.#command = command;
    write(this.#dialog.querySelector('h2'), `${verb} ${partner}?`);
    this.#dialog.querySelector('p').textContent = consequence;
    this.#dialog.querySelector('.parts').textContent = `${verb} and leave`;
    this.#dialog.showModal();
  }

  /** The one whom it was about is gone. */
  forget() {
    this.#dialog.close();
  }
}
