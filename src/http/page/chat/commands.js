// Which of the lines that one types are commands, and about what. The hub decides what becomes of them.

export const isCommand = (text) => text.startsWith('#');
export const isHide = (text) => text.toLowerCase() === '#hide';
/** What must hit nobody but the partner at hand. */
export const isAboutPartner = (text) => /^#(block|report)\b/i.test(text);
