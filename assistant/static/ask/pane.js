// The chat page: the plan beside the answer, with what is cited marked; on a phone a sheet over the chat.

import { all, cites, language, made, one, phone, word } from "./cites.js";
import { hideTip } from "./tip.js";

const MOST_MARKS = 200;
const KEPT = 4; // texts of plans that are not fetched again

export const shown = { turn: 0, key: "" }; // key: the address of the text
let opener = null; // what had the focus before the sheet was opened
const texts = new Map(); // address → article

function pane() {
  const right = one("#right");
  if (!right) return null;
  const there = one("#pane");
  if (there) return there;
  const built = made("div", { id: "pane" });
  const bar = made("div", { class: "bar" });
  const tabs = made("div", { role: "tablist" });
  for (const [name, panel] of [["text", "plan"], ["cites", "sources"]]) {
    tabs.append(made("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": panel }));
  }
  bar.append(tabs, made("a", { class: "whole", target: "_blank", rel: "noopener", hidden: "" }), made("button", { type: "button", class: "shut" }));
  const plan = made("div", { id: "plan", role: "tabpanel", "aria-labelledby": "tab-text" });
  plan.append(made("div", { class: "plans", role: "group" }), made("p", { class: "state", role: "status" }), made("div", { class: "page", tabindex: "0" }));
  built.append(bar, plan);
  right.prepend(built);
  const sources = one("#sources");
  sources.setAttribute("role", "tabpanel");
  sources.setAttribute("aria-labelledby", "tab-cites");
  right.classList.add("tabbed");
  choose("text");
  return built;
}

export function choose(name) {
  one("#right").dataset.tab = name;
  for (const tab of all("#pane [role=tab]")) {
    const chosen = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
}

export function worded() {
  const built = pane();
  if (!built || !word("text")) return;
  const count = shown.turn ? cites(shown.turn).length : 0;
  const said = { "#tab-text": word("text"), "#tab-cites": count ? `${word("cites")} ${count}` : word("cites"), ".shut": word("close"), ".whole": word("whole") };
  for (const [selector, text] of Object.entries(said)) {
    const element = one(selector, built);
    if (element.textContent !== text) element.textContent = text;
  }
  one("[role=tablist]", built).setAttribute("aria-label", word("pane"));
  one(".plans", built).setAttribute("aria-label", word("plans"));
  one(".page", built).setAttribute("aria-label", word("text"));
  one(".page", built).setAttribute("role", "region");
  if (!shown.turn) say(word("nothing"));
}

function say(text) {
  const state = one("#plan .state");
  if (state.textContent !== text) state.textContent = text;
  state.hidden = !text;
}

/** The one article that the server sends. Throws where it is anything else, so that nothing else gets into the page. */
function articleOf(text) {
  const { head, body } = new DOMParser().parseFromString(text, "text/html");
  const [article, ...others] = [...head.childNodes, ...body.childNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE || node.textContent.trim());
  if (others.length || !(article instanceof Element) || !article.matches("article.plan-text")) throw new Error("not the text of a plan");
  return article;
}

/** Opens the plan of a citation with all that the same answer cites of it marked, and goes to that one. */
export async function read(wanted, go) {
  const own = cites(wanted.turn);
  const parameters = new URLSearchParams();
  if (language() !== "zh") parameters.set("lang", language());
  for (const { n, range } of own.filter((c) => c.plan === wanted.plan).slice(0, MOST_MARKS)) parameters.append("mark", `${n}:${range}`);
  const address = `/plans/${encodeURIComponent(wanted.plan)}/text?${parameters}`;
  const page = one("#plan .page");
  tabsOfPlans(own, wanted.plan, wanted.turn);
  const whole = one("#pane .whole");
  whole.href = wanted.link;
  whole.hidden = false;
  if (shown.key !== address) {
    Object.assign(shown, { turn: wanted.turn, key: address });
    let text = texts.get(address);
    if (text === undefined) {
      if (!page.childElementCount) say(word("reading"));
      page.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(address, { headers: { Accept: "text/html" } });
        if (!answer.ok) throw new Error(String(answer.status));
        text = articleOf(await answer.text());
      } catch {
        if (shown.key === address) {
          shown.key = "";
          page.replaceChildren();
          say(word("unread"));
          page.removeAttribute("aria-busy");
        }
        return;
      }
      texts.set(address, text);
      if (texts.size > KEPT) texts.delete(texts.keys().next().value);
      if (shown.key !== address) return; // something else was asked for meanwhile
    }
    page.replaceChildren(text);
    page.removeAttribute("aria-busy");
    for (const link of all('a[href^="/"]', page)) {
      link.target = "_blank";
      link.rel = "noopener";
    }
    say("");
  }
  shown.turn = wanted.turn;
  activate(wanted, go);
}

/** Shows no plan, and says why. */
export function empty(why) {
  shown.key = "";
  one("#plan .page").replaceChildren();
  one("#plan .plans").hidden = true;
  one("#pane .whole").hidden = true;
  say(word(why));
}

function tabsOfPlans(own, plan, turn) {
  const first = new Map();
  for (const c of own) if (!first.has(c.plan)) first.set(c.plan, c);
  const group = one("#plan .plans");
  group.hidden = first.size < 2;
  group.replaceChildren(
    ...[...first.values()].map((c) => {
      const button = made("button", { type: "button", "aria-pressed": String(c.plan === plan), title: c.title }, c.title.replace(/（[^（）]*）$/, ""));
      button.addEventListener("click", () => read(c, true));
      return button;
    }),
  );
  group.dataset.turn = String(turn);
}

function activate(wanted, go) {
  const page = one("#plan .page");
  let first = null;
  for (const mark of all("mark.cited", page)) {
    const is = (mark.dataset.n ?? "").split(" ").includes(String(wanted.n));
    mark.classList.toggle("active", is);
    if (is && !first) first = mark;
  }
  for (const link of all("#chat sup.ref a")) {
    if (link.hash === `#cite-${wanted.turn}-${wanted.n}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  if (first && go) {
    const top = first.getBoundingClientRect().top - page.getBoundingClientRect().top + page.scrollTop;
    page.scrollTo({ top: Math.max(0, top - page.clientHeight / 4), behavior: "instant" });
  }
}

export function open(wanted, from) {
  pane();
  choose("text");
  hideTip();
  if (phone.matches) openSheet(from);
  read(wanted, true);
}

// -- the sheet of a phone -----------------------------------------------------------------------------------

const behind = () => all("#top, #left");

function openSheet(from) {
  if (document.body.classList.contains("sheet")) return;
  opener = from ?? document.activeElement;
  document.body.classList.add("sheet");
  const right = one("#right");
  right.setAttribute("role", "dialog");
  right.setAttribute("aria-modal", "true");
  right.setAttribute("aria-label", word("pane"));
  for (const element of behind()) element.inert = true;
  one("#pane .shut").focus();
}

export function closeSheet() {
  if (!document.body.classList.contains("sheet")) return false;
  document.body.classList.remove("sheet");
  for (const name of ["role", "aria-modal", "aria-label"]) one("#right").removeAttribute(name);
  for (const element of behind()) element.inert = false;
  opener?.focus();
  opener = null;
  return true;
}

phone.addEventListener("change", () => closeSheet());
