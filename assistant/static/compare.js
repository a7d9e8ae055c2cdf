// Makes the comparison pleasanter; the page works without it. Text goes in by textContent only.
"use strict";

// No more plans than can be compared, and no comparison of too few.
for (const form of document.querySelectorAll("form.choose")) {
  const boxes = [...form.querySelectorAll("input[name=plan]")];
  const button = form.querySelector("button");
  const count = () => {
    const checked = boxes.filter((box) => box.checked).length;
    for (const box of boxes) box.disabled = !box.checked && checked >= Number(form.dataset.most);
    button.disabled = checked < Number(form.dataset.fewest);
  };
  form.addEventListener("change", count);
  window.addEventListener("pageshow", count);
  count();
}

// What is being moved is where the keyboard goes on.
if (location.hash === "#pick") document.getElementById("pick")?.focus();

// A task is taken with the mouse to the row that it belongs to; the correction stands in the address.
const TYPE = "application/x-task";
let held = null;
for (const task of document.querySelectorAll("[data-task]")) {
  task.draggable = true;
  task.addEventListener("dragstart", (event) => {
    held = task;
    event.dataTransfer.setData(TYPE, task.dataset.task);
    event.dataTransfer.effectAllowed = "move";
  });
  task.addEventListener("dragend", () => {
    held = null;
    for (const row of document.querySelectorAll("tr.over")) row.classList.remove("over");
  });
}
for (const row of document.querySelectorAll("[data-row]")) {
  const fits = () => held && !row.contains(held);
  row.addEventListener("dragover", (event) => {
    if (!fits()) return;
    event.preventDefault();
    row.classList.add("over");
  });
  row.addEventListener("dragleave", (event) => {
    if (!row.contains(event.relatedTarget)) row.classList.remove("over");
  });
  row.addEventListener("drop", (event) => {
    if (!fits()) return;
    event.preventDefault();
    const to = new URL(location.href);
    to.searchParams.append("fix", `m${held.dataset.task}${row.dataset.row}`);
    to.searchParams.set("seen", held.dataset.task);
    for (const name of ["pick", "done", "count"]) to.searchParams.delete(name);
    to.hash = `t-${held.dataset.task}`;
    location.assign(to);
  });
}
