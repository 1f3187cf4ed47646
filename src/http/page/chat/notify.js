// Notifications, for who asked for them with a click. They say that something came, never what or from whom: a locked screen
// shows them to everybody.

const DENIED = 'Your browser does not let this page notify you. Its settings for this page can change that.';
const NOT_NOW = 'Your browser asked, and got no answer. Press again to be asked once more.';
const NOT_HERE = 'This browser shows notifications of installed apps only.';

export class Notifier {
  #button;
  #complaint;
  #isOn = false;
  #shown = null;
  // One notification at a time, but one for each tab.
  #tag = `strowger-${crypto.getRandomValues(new Uint32Array(1))[0]}`;

  /** The button stays hidden where browsers allow no notifications: in old ones, and on pages that came over an open line. */
  constructor(button, complaint) {
    this.#button = button;
    this.#complaint = complaint;
    button.hidden = !('Notification' in window && isSecureContext);
    button.addEventListener('click', () => this.#toggle());
    document.addEventListener('visibilitychange', () => document.hidden || this.#takeBack());
  }

  /** Shows these words, if nobody looks and they were asked for. */
  show(words) {
    if (!this.#isOn || !document.hidden) return;
    this.#takeBack();
    try {
      this.#shown = new Notification(words, { tag: this.#tag, icon: 'pages/shared/icon.svg' });
      this.#shown.onclick = () => {
        window.focus();
        this.#takeBack();
      };
    } catch {
      // Some on phones have the name, and not the thing.
      this.#turn(false, NOT_HERE);
    }
  }

  async #toggle() {
    if (this.#isOn) return this.#turn(false);
    const answer = await Notification.requestPermission();
    return this.#turn(answer === 'granted', { denied: DENIED, default: NOT_NOW }[answer]);
  }

  #turn(isOn, complaint = '') {
    this.#isOn = isOn;
    this.#button.setAttribute('aria-checked', isOn);
    this.#complaint.textContent = complaint;
    if (!isOn) this.#takeBack();
  }

  #takeBack() {
    this.#shown?.close();
    this.#shown = null;
  }
}
