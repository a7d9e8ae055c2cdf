// Filters work while one changes them: the page that the form would lead to is fetched, and its results put in place.
// Every part of the page works without this script. Text goes in as nodes of that page, which the server has escaped.
import { released } from "./pressed.js";

const form = document.getElementById("filters");
const TYPING = 350; // ms without a further key

if (form) {
  document.getElementById("apply").hidden = true;
  for (const box of form.querySelectorAll(".find")) box.hidden = false;
  let asked = 0;
  let wanted = null; // the address that was asked for last
  let waiting = 0;

  // The address that the form says, without what is empty.
  const address = () => {
    const said = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value.trim()) said.append(name, value);
    const query = said.toString();
    return form.getAttribute("action") + (query ? `?${query}` : "");
  };

  // A list of choices is replaced, unless somebody is in it: then its numbers alone are brought up to date.
  const renew = (fresh) => {
    for (const old of document.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(old.id);
      if (!other) continue;
      if (!old.contains(document.activeElement)) {
        old.replaceWith(document.adoptNode(other));
        continue;
      }
      const numbers = new Map([...other.querySelectorAll("[data-n]")].map((one) => [one.dataset.n, one.textContent]));
      for (const one of old.querySelectorAll("[data-n]")) one.textContent = numbers.get(one.dataset.n) ?? "0";
    }
    for (const pick of form.querySelectorAll(".pick")) {
      const other = fresh.getElementById(pick.id);
      if (!other) continue;
      pick.classList.toggle("set", other.classList.contains("set"));
      pick.querySelector("[data-state]").textContent = other.querySelector("[data-state]").textContent;
    }
    for (const find of form.querySelectorAll("[data-find]")) narrow(find);
  };

  // What the address says stands in the form, after a filter was taken away or the reader went back.
  const settle = (fresh) => {
    const other = fresh.getElementById("filters");
    const now = new FormData(other);
    for (const field of form.elements) {
      if (!field.name) continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = now.getAll(field.name).includes(field.value);
      else if (field !== document.activeElement) {
        const there = other.elements[field.name];
        if (there && "value" in there) [field.value, field.disabled] = [there.value, there.disabled];
      }
    }
  };

  const show = async (to, { push = true, top = false, whole = false } = {}) => {
    const mine = ++asked;
    wanted = to;
    clearTimeout(waiting);
    const results = document.getElementById("results");
    const trouble = document.getElementById("trouble");
    results.classList.add("busy");
    try {
      const answer = await fetch(to, { cache: "no-store", headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      await released();
      if (mine !== asked) return;
      const found = fresh.getElementById("results");
      if (!found) {
        const said = [...fresh.querySelectorAll("[role=alert] p")].map((line) => line.textContent).join(" ");
        throw new Error(said);
      }
      trouble.hidden = true;
      const named = (link) => link.dataset.key ?? link.textContent;
      const inside = results.contains(document.activeElement) ? named(document.activeElement) : null;
      if (whole) settle(fresh);
      renew(fresh);
      results.replaceWith(document.adoptNode(found));
      document.getElementById("count").replaceChildren(...document.adoptNode(fresh.getElementById("count")).childNodes);
      for (const link of document.querySelectorAll(".masthead .languages a")) {
        link.href = fresh.querySelector(`.masthead .languages a[lang="${link.lang}"]`)?.getAttribute("href") ?? link.href;
      }
      if (push) history.pushState(null, "", to);
      if (inside !== null) {
        const same = [...found.querySelectorAll("a, summary")].find((link) => named(link) === inside);
        (same ?? found.querySelector("a"))?.focus({ preventScroll: true });
      }
      if (top) document.getElementById("count").scrollIntoView();
    } catch (error) {
      if (mine !== asked) return;
      wanted = null;
      results.classList.remove("busy");
      trouble.textContent = error instanceof TypeError || !error.message ? form.dataset.failed : error.message;
      trouble.hidden = false;
    }
  };

  const narrow = (find) => {
    const wanted = find.value.trim();
    const panel = find.closest(".panel");
    for (const one of panel.querySelectorAll(".choices .tick")) {
      one.hidden = Boolean(wanted) && !one.querySelector(".what").textContent.includes(wanted) && !one.control.checked;
    }
    for (const group of panel.querySelectorAll(".choices fieldset")) group.hidden = !group.querySelector(".tick:not([hidden])");
  };

  // Several events tell of one change: a box tells when it is typed into, and again when it is left.
  const follow = () => {
    if (address() !== wanted) show(address());
  };
  const followSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(follow, TYPING);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    follow();
  });
  form.addEventListener("change", (event) => {
    if (!event.target.matches("[data-find]")) follow();
  });
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-find]")) return narrow(event.target);
    if (!event.target.matches("input[type=search], input[type=text]") || event.isComposing) return;
    followSoon();
  });
  form.addEventListener("compositionend", (event) => {
    if (event.target.matches("[data-find]")) return narrow(event.target);
    followSoon();
  });
  document.addEventListener("click", (event) => {
    for (const pick of document.querySelectorAll(".pick[open]")) if (!pick.contains(event.target)) pick.open = false;
    const link = event.target.closest("a[data-go]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(link.getAttribute("href"), { top: link.dataset.go === "top", whole: true });
  });
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector(".pick[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  window.addEventListener("popstate", () => show(location.pathname + location.search, { push: false, whole: true }));
}
