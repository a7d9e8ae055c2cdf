// The list follows what is typed. The server finds and draws; without this file the button does the same.
"use strict";

const form = document.querySelector("form.find");
if (form) {
  let wanted = 0;
  let waiting;
  const show = async () => {
    const mine = ++wanted;
    const given = new URLSearchParams(new FormData(form));
    if (!given.get("q")) given.delete("q");
    const address = `${form.getAttribute("action")}?${given}`;
    try {
      const answer = await fetch(address, { cache: "no-store" });
      if (!answer.ok || mine !== wanted) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById("found");
      if (!found || mine !== wanted) return;
      const here = document.getElementById("found");
      // The line with the count stays the same element, or no screen reader would be told that it changed.
      here.querySelector("[role=status]").textContent = found.querySelector("[role=status]").textContent;
      found.querySelector("[role=status]").remove();
      here.replaceChildren(here.querySelector("[role=status]"), ...found.childNodes);
      history.replaceState(null, "", address);
    } catch {
      // The network is away: the button still asks.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 120);
  });
}
