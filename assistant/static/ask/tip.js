// The chat page: what [n] is, while it is pointed at or focused.

import { all, citeOf, made, one } from "./cites.js";

const LONGEST_TIP = 160; // characters of a quote
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

export function hideTip() {
  clearTimeout(leaving);
  const built = one("#tip");
  if (!built || built.hidden) return false;
  built.hidden = true;
  all("[aria-describedby=tip]").forEach((link) => link.removeAttribute("aria-describedby"));
  return true;
}

export const refOf = (target) => (target instanceof Element ? target.closest("#chat sup.ref a") : null);
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
