// Text to the clipboard, for every page that offers it; they load this file when it is first asked for.

/**
 * Whether a text came onto the clipboard. An intranet without TLS has no clipboard but the old one, which takes what is
 * selected: a box that nobody sees, within `place`, where the focus may be.
 */
export async function copied(text, place = document.body) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = document.createElement("textarea");
    box.className = "unseen";
    box.setAttribute("aria-hidden", "true");
    box.value = text;
    place.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    return done;
  }
}
