// The list follows what is typed. The server finds and draws; without this file the button does the same.
import { released } from "./pressed.js";

const form = document.querySelector("form.find");
if (form) {
  let wanted = 0;
  let waiting;
  // What is ticked for the comparison stays so while the list follows: a plan that it does not show any more stands
  // below it, with its name. Key: the plan's id; value: its label, as the list had it.
  const ticked = new Map();
  const note = () => {
    for (const box of document.querySelectorAll("#found input[name=plan]")) {
      if (box.checked) ticked.set(box.value, box.closest("label"));
      else ticked.delete(box.value);
    }
  };
  const tick = () => {
    const choice = document.querySelector("#found form.choice");
    if (!choice) return; // nothing fits: it comes back with the next list
    const kept = document.createElement("p");
    kept.className = "row kept";
    for (const [plan, label] of ticked) {
      const here = [...choice.elements].find((box) => box.name === "plan" && box.value === plan);
      if (here) here.checked = true;
      else {
        label.querySelector("span")?.classList.remove("unseen");
        kept.append(label);
      }
    }
    if (kept.childElementCount) choice.querySelector("ul").after(kept);
  };
  const show = async () => {
    const mine = ++wanted;
    const given = new URLSearchParams(new FormData(form));
    if (!given.get("q")) given.delete("q");
    const address = `${form.getAttribute("action")}?${given}`;
    try {
      const answer = await fetch(address, { cache: "no-store" });
      if (!answer.ok || mine !== wanted) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      await released();
      const found = page.getElementById("found");
      if (!found || mine !== wanted) return;
      const here = document.getElementById("found");
      note();
      // The line with the count stays the same element, or no screen reader would be told that it changed.
      here.querySelector("[role=status]").textContent = found.querySelector("[role=status]").textContent;
      found.querySelector("[role=status]").remove();
      here.replaceChildren(here.querySelector("[role=status]"), ...found.childNodes);
      tick();
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
