// The chat page: what is cited, read from the quotes, which the server has written; and what its parts find things with.

export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const word = (name) => one(`#spoken .w-${name}`)?.textContent ?? "";
export const phone = matchMedia("(max-width: 860px)");

export const made = (tag, attributes = {}, text = "") => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
};
export const language = () => one("#language input:checked")?.value ?? "zh";

export const turnOf = (element) => Number(element.id.split("-")[1]);
// Numbers begin at 1 again in every conversation of the tab; this does not.
export const exchangeOf = (answer) => [...answer.classList].find((name) => name.startsWith("of-")) ?? "";

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

export const cites = (turn) => all(`#sources article.cite[id^="cite-${turn}-"]`).map(cite).filter(Boolean);
export const citeOf = (link) => {
  const card = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  return card?.matches("article.cite") ? cite(card) : null;
};
