// The chat page: what the server is told and asked by boxes of Gradio's, the wait for it, and what is copied.

import { all, made, one, turnOf, word } from "./cites.js";

const APART = 6; // turns of the page between two things that the server is told: where it is busy, Gradio reads later
const TURN = 10; // milliseconds at least
const LATE = 20_000; // milliseconds without an answer after which the page says so

let told = 0;
const waiting = new Map(); // number of a reply → what takes it

function write(box, text) {
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, text);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

const untold = []; // one after the other: the box holds one at a time, and Gradio reads it a moment later
let telling = false;

export function tell(what, take) {
  told += 1;
  if (take) waiting.set(told, take);
  untold.push(`${what} ${told}`);
  if (!telling) tellNext();
}

/** What the server has replied goes to whoever waits for it. */
export function taken(reply) {
  const number = turnOf(reply);
  const take = waiting.get(number);
  waiting.delete(number);
  take?.(all("span", reply).map((line) => line.textContent));
}

async function tellNext() {
  const box = one("#did textarea");
  const what = untold.shift();
  telling = Boolean(box && what);
  if (!telling) return;
  write(box, what);
  await turns(1);
  box.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true }));
  await turns(APART);
  tellNext();
}

/** Settled when the page has had so many turns, each asked for in the one before it. */
async function turns(count) {
  for (; count; count -= 1) await new Promise((then) => setTimeout(then, TURN));
}

export function ask(question) {
  const box = one("#question textarea");
  write(box, question);
  setTimeout(() => {
    pending(question);
    one("#question .submit-button")?.click();
    box.focus({ preventScroll: true });
  });
}

let late = 0;

/** The question at once, and a quiet sign that it is being answered. */
export function pending(question) {
  dropPending();
  const list = one("#chat .message-wrap") ?? one("#chat .bubble-wrap");
  if (!question.trim() || !list) return;
  const built = made("div", { id: "pending" });
  built.append(made("p", { class: "now" }, question), made("p", { class: "work", role: "status" }, word("working")));
  list.append(built);
  one("#chat").classList.add("asking");
  const scroller = one("#chat .bubble-wrap");
  scroller.scrollTop = scroller.scrollHeight;
  const before = answers();
  late = setTimeout(() => {
    if (answers() === before) failed();
  }, LATE);
}

export function failed() {
  const work = one("#pending .work");
  if (!work) return;
  work.textContent = word("slow");
  work.classList.add("failed");
}

export function dropPending() {
  clearTimeout(late);
  one("#pending")?.remove();
  one("#chat")?.classList.remove("asking");
}

export const answers = () => all("#chat .answer, #chat .notice").map((answer) => answer.id).join();

// -- copying ------------------------------------------------------------------------------------------------

/** Whether a text was copied; not either where the file that does it does not come. */
const copied = (text) => import("../copying.js").then((file) => file.copied(text)).catch(() => false);

function notice(text, offered = "") {
  one("#notice")?.remove();
  const built = made("div", { id: "notice", role: "status" });
  (one(".gradio-container") ?? document.body).append(built);
  built.append(made("p", {}, text));
  if (offered) {
    const box = made("textarea", { readonly: "", rows: "4" });
    box.value = offered;
    const shut = made("button", { type: "button" }, word("close"));
    shut.addEventListener("click", () => built.remove());
    built.append(box, shut);
    box.select();
  } else setTimeout(() => built.remove(), 2500);
}

export function copy(button) {
  const isLink = button.id.startsWith("link-");
  tell(button.id, async (lines) => {
    if (!lines.length) {
      notice(word("untold"));
      return;
    }
    const text = (isLink ? location.origin : "") + lines.join("\n");
    const done = await copied(text);
    button.focus({ preventScroll: true });
    notice(done ? word(isLink ? "linked" : "copied") : word("uncopied"), done ? "" : text);
  });
}
