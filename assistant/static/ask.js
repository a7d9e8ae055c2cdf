// The chat page: the plan beside the answer, with what is cited marked. Without this file [n] leads to the quotes, and
// these to the plan's own page. Nothing is kept in the browser: computers are shared.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const word = (name) => one(`#spoken .w-${name}`)?.textContent ?? "";
  const phone = matchMedia("(max-width: 860px)");
  const MOST_MARKS = 200;
  const KEPT = 4; // texts of plans that are not fetched again
  const LONGEST_TIP = 160; // characters of a quote
  const APART = 60; // milliseconds between two things that the server is told
  const LATE = 20_000; // milliseconds without an answer after which the page says so

  const made = (tag, attributes = {}, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text) element.textContent = text;
    return element;
  };
  const language = () => one("#language input:checked")?.value ?? "zh";

  // -- what is cited: read from the quotes, which the server has written ------------------------------------

  const turnOf = (element) => Number(element.id.split("-")[1]);
  // Numbers begin at 1 again in every conversation of the tab; this does not.
  const exchangeOf = (answer) => [...answer.classList].find((name) => name.startsWith("of-")) ?? "";

  function cite(card) {
    const link = one(".open a", card);
    if (!link) return null;
    const address = new URL(link.href);
    const [turn, n] = card.id.split("-").slice(1).map(Number);
    return {
      turn,
      n,
      plan: decodeURIComponent(address.pathname.split("/")[2]),
      range: `${address.searchParams.get("start")}-${address.searchParams.get("end")}`,
      title: one(".plan", card)?.textContent ?? "",
      path: all(".path", card).at(-1)?.textContent ?? "",
      quote: one("blockquote", card)?.textContent ?? "",
      link: link.href,
    };
  }

  const cites = (turn) => all(`#sources article.cite[id^="cite-${turn}-"]`).map(cite).filter(Boolean);
  const citeOf = (link) => {
    const card = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    return card?.matches("article.cite") ? cite(card) : null;
  };

  // -- the pane -----------------------------------------------------------------------------------------------

  let shown = { turn: 0, plan: "", key: "" };
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

  function choose(name) {
    one("#right").dataset.tab = name;
    for (const tab of all("#pane [role=tab]")) {
      const chosen = tab.id === `tab-${name}`;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
  }

  function worded() {
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
  async function read(wanted, go) {
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
      shown = { turn: wanted.turn, plan: wanted.plan, key: address };
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

  function open(wanted, from) {
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

  function closeSheet() {
    if (!document.body.classList.contains("sheet")) return false;
    document.body.classList.remove("sheet");
    for (const name of ["role", "aria-modal", "aria-label"]) one("#right").removeAttribute(name);
    for (const element of behind()) element.inert = false;
    opener?.focus();
    opener = null;
    return true;
  }

  phone.addEventListener("change", () => closeSheet());

  // -- what [n] is, while it is pointed at or focused ---------------------------------------------------------

  let leaving = 0;

  function tip() {
    const there = one("#tip");
    if (there) return there;
    const built = made("div", { id: "tip", role: "tooltip", hidden: "" });
    built.append(made("p", { class: "path" }), made("p", { class: "quote" }));
    built.addEventListener("mouseenter", () => clearTimeout(leaving));
    built.addEventListener("mouseleave", hideTip);
    (one(".gradio-container") ?? document.body).append(built);
    return built;
  }

  function showTip(link) {
    const said = citeOf(link);
    if (!said) return;
    clearTimeout(leaving);
    const built = tip();
    const quote = said.quote.length > LONGEST_TIP ? `${said.quote.slice(0, LONGEST_TIP)}…` : said.quote;
    one(".path", built).textContent = `${said.title} ${said.path}`;
    one(".quote", built).textContent = quote;
    built.hidden = false;
    const at = link.getBoundingClientRect();
    const own = built.getBoundingClientRect();
    built.style.left = `${Math.max(8, Math.min(at.left, innerWidth - own.width - 8))}px`;
    const above = at.top - own.height - 6;
    built.style.top = `${above > 8 ? above : at.bottom + 6}px`;
    all("[aria-describedby=tip]").forEach((other) => other.removeAttribute("aria-describedby"));
    link.setAttribute("aria-describedby", "tip");
  }

  function hideTip() {
    clearTimeout(leaving);
    const built = one("#tip");
    if (!built || built.hidden) return false;
    built.hidden = true;
    all("[aria-describedby=tip]").forEach((link) => link.removeAttribute("aria-describedby"));
    return true;
  }

  const refOf = (target) => (target instanceof Element ? target.closest("#chat sup.ref a") : null);
  document.addEventListener("mouseover", (event) => {
    const link = refOf(event.target);
    if (link) showTip(link);
  });
  document.addEventListener("mouseout", (event) => {
    if (refOf(event.target)) leaving = setTimeout(hideTip, 120);
  });
  document.addEventListener("focusin", (event) => {
    const link = refOf(event.target);
    if (link?.matches(":focus-visible")) showTip(link);
  });
  document.addEventListener("focusout", (event) => {
    if (refOf(event.target)) hideTip();
  });
  document.addEventListener("scroll", (event) => { // of what the mark stands in: the plan beside it moves by itself
    const link = one("[aria-describedby=tip]");
    if (link && event.target.contains(link)) hideTip();
  }, true);

  // -- telling the server, and asking -------------------------------------------------------------------------

  let told = 0;
  const waiting = new Map(); // number of a reply → what takes it

  function write(box, text) {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, text);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  const untold = []; // one after the other: the box holds one at a time, and Gradio reads it a moment later
  let telling = false;

  function tell(what, take) {
    told += 1;
    if (take) waiting.set(told, take);
    untold.push(`${what} ${told}`);
    if (!telling) tellNext();
  }

  function tellNext() {
    const box = one("#did textarea");
    const what = untold.shift();
    telling = Boolean(box && what);
    if (!telling) return;
    write(box, what);
    setTimeout(() => box.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true })));
    setTimeout(tellNext, APART);
  }

  function ask(question) {
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
  function pending(question) {
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

  function failed() {
    const work = one("#pending .work");
    if (!work) return;
    work.textContent = word("slow");
    work.classList.add("failed");
  }

  function dropPending() {
    clearTimeout(late);
    one("#pending")?.remove();
    one("#chat")?.classList.remove("asking");
  }

  const answers = () => all("#chat .answer, #chat .notice").map((answer) => answer.id).join();

  // -- copying ------------------------------------------------------------------------------------------------

  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // No clipboard outside of https and loopback: the old way.
      const box = made("textarea", { class: "unseen", "aria-hidden": "true" });
      box.value = text;
      document.body.append(box);
      box.select();
      const done = document.execCommand("copy");
      box.remove();
      return done;
    }
  }

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

  function copy(button) {
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
    if (reply) {
      const number = turnOf(reply);
      const take = waiting.get(number);
      waiting.delete(number);
      take?.(all("span", reply).map((line) => line.textContent));
    }
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
      shown = { turn: 0, plan: "", key: "" };
      one("#plan .page").replaceChildren();
      one("#plan .plans").hidden = true;
      one("#pane .whole").hidden = true;
      say(word("nothing"));
      return;
    }
    const turn = turnOf(last);
    const [first] = cites(turn);
    shown.turn = turn;
    worded();
    if (!first) {
      shown.key = "";
      one("#plan .page").replaceChildren();
      one("#plan .plans").hidden = true;
      one("#pane .whole").hidden = true;
      say(word("uncited"));
    } else if (!phone.matches || document.body.classList.contains("sheet")) {
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
})();
