// The chat page: the plan beside the answer, with what is cited marked. Without this file [n] leads to the quotes, and
// these to the plan's own page. Nothing is kept in the browser: computers are shared.
import { all, citeOf, cites, exchangeOf, language, one, phone, turnOf } from "./ask/cites.js";
import { choose, closeSheet, empty, open, read, shown, worded } from "./ask/pane.js";
import { answers, ask, copy, dropPending, failed, pending, taken, tell } from "./ask/server.js";
import { hideTip, refOf } from "./ask/tip.js";

// -- clicks and keys ----------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  const inside = target.closest(".history");
  for (const list of all("#history details[open]")) if (list !== inside) list.open = false;
  const link = refOf(target);
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    const wanted = citeOf(link);
    if (wanted) {
      event.preventDefault();
      open(wanted, link);
    }
    return;
  }
  const jump = target.closest('#history a[href^="#answer-"]');
  if (jump) {
    event.preventDefault();
    const answer = document.getElementById(jump.hash.slice(1));
    if (inside) inside.open = false;
    toAnswer(answer);
    return;
  }
  const part = target.closest('#plan .page a[href^="#"]');
  if (part) {
    event.preventDefault();
    document.getElementById(decodeURIComponent(part.hash.slice(1)))?.scrollIntoView({ block: "nearest" });
    return;
  }
  const tab = target.closest("#pane [role=tab]");
  if (tab) choose(tab.id.slice(4));
  if (target.closest("#pane .shut")) closeSheet();
  const button = target.closest("button");
  if (!button) return;
  if (button.matches("#after .ask")) ask(button.textContent);
  else if (/^(copy|link)-\d+$/.test(button.id)) copy(button);
  else if (/^drop-\d+-[a-z]+$|^reopen-\d+$/.test(button.id)) {
    button.disabled = true;
    if (inside) inside.open = false;
    tell(button.id);
  } else if (button.matches("#question .submit-button")) pending(one("#question textarea").value);
}, true);

function toAnswer(answer) {
  if (!answer) return;
  answer.tabIndex = -1;
  answer.focus({ preventScroll: true });
  const scroller = one("#chat .bubble-wrap");
  const row = answer.closest(".message-row")?.previousElementSibling ?? answer;
  scroller.scrollTo({ top: row.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop - 8, behavior: "instant" });
  const turn = turnOf(answer);
  const first = cites(turn)[0];
  if (first && !phone.matches) read(first, true);
}

const typing = (target) => target instanceof Element && Boolean(target.closest("input, textarea, select, [contenteditable]"));

document.addEventListener("keydown", (event) => {
  const box = one("#question textarea");
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target === box) {
    pending(box.value);
    return;
  }
  if (event.key === "Escape") {
    const list = one("#history details[open]");
    if (hideTip() || closeSheet()) event.preventDefault();
    else if (list) {
      list.open = false;
      one("summary", list).focus();
    } else if (event.target === box && !box.value) toLast();
    return;
  }
  const tab = event.target instanceof Element ? event.target.closest("#pane [role=tab]") : null;
  if (tab && ["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
    event.preventDefault();
    choose(tab.id === "tab-text" ? "cites" : "text");
    one("#pane [role=tab][aria-selected=true]").focus();
    return;
  }
  if (document.body.classList.contains("sheet") && event.key === "Tab") {
    hold(event);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "/") {
    event.preventDefault();
    box?.focus();
  } else if (/^[1-9]$/.test(event.key)) {
    const last = all("#chat .answer").at(-1);
    const wanted = last && cites(turnOf(last)).find((c) => c.n === Number(event.key));
    if (wanted) {
      event.preventDefault();
      open(wanted, document.activeElement === document.body ? last : document.activeElement);
    }
  }
}, true);

/** Tab goes round inside the sheet. */
function hold(event) {
  const stops = all("button, a[href], [tabindex='0']", one("#right")).filter((e) => e.offsetParent !== null && e.tabIndex >= 0);
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement === edge || !one("#right").contains(document.activeElement)) {
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }
}

function toLast() {
  const last = all("#chat .answer").at(-1);
  if (last) {
    last.tabIndex = -1;
    last.focus({ preventScroll: true });
  }
}

// -- what changes on the page -------------------------------------------------------------------------------

let before = "";
let latest = ""; // the last answer that the pane and the questions that may follow are of
let spoken = "";

function changed() {
  if (!one("#chat") || !one("#sources")) return;
  worded();
  const box = one("#did textarea");
  if (box && box.tabIndex !== -1) {
    box.tabIndex = -1;
    box.setAttribute("aria-hidden", "true");
  }
  // Gradio names each message by its source; what it says is enough.
  for (const message of all("#chat [data-testid=bot][aria-label], #chat [data-testid=user][aria-label]")) message.removeAttribute("aria-label");
  // Gradio calls the examples a list, of which buttons are no items.
  one("#chat .examples[role=list]")?.setAttribute("role", "group");
  const reply = one("#told .told");
  if (reply) taken(reply);
  if (one(".toast-body.error") && one("#pending")) failed();
  const now = answers();
  if (now !== before) {
    before = now;
    dropPending();
  }
  const last = all("#chat .answer").at(-1);
  const known = last ? exchangeOf(last) : "";
  const key = last ? `${known} ${language()}` : "";
  if (last && !one(`#sources .turn.${known}`)) return; // the pane has still what was there before
  if (key === latest && spoken === language()) return;
  const fresh = key.split(" ")[0] !== latest.split(" ")[0];
  latest = key;
  spoken = language();
  follow(last, fresh);
}

/** A new answer: its first citation is opened, and what may follow is asked for when the page has time. */
function follow(last, fresh) {
  if (!last) {
    shown.turn = 0;
    empty("nothing");
    return;
  }
  const turn = turnOf(last);
  const [first] = cites(turn);
  shown.turn = turn;
  worded();
  if (!first) empty("uncited");
  else if (!phone.matches || document.body.classList.contains("sheet")) {
    requestAnimationFrame(() => setTimeout(() => read(first, fresh)));
  } else shown.key = "";
  setTimeout(() => {
    if (latest.startsWith(`${exchangeOf(last)} `) && !one(`#next-${turn}`)) tell(`next-${turn}`);
  }, 300);
}

let due = false;
new MutationObserver(() => {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    changed();
  });
}).observe(document.documentElement, { childList: true, subtree: true });
document.documentElement.classList.add("scripted");
