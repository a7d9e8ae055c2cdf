// Makes the pages of the matrix pleasanter: chapters fold, arrow keys move, the column under the pointer is lit, and a
// unit of the network shows whom it works with. Without it everything is still there, as links.
"use strict";

const table = document.querySelector("table.matrix");
if (table) {
  const columns = [...table.querySelectorAll("col")];
  const heads = [...table.tHead.rows[0].cells];
  let lit = -1;
  const light = (index) => {
    if (index === lit) return;
    for (const one of [columns[lit], heads[lit]]) one?.classList.remove("lit");
    lit = index;
    if (lit > 0) for (const one of [columns[lit], heads[lit]]) one?.classList.add("lit");
  };
  table.addEventListener("pointerover", (event) => light(event.target.closest("td, thead th")?.cellIndex ?? -1));
  table.addEventListener("pointerleave", () => light(-1));
  table.addEventListener("focusin", (event) => light(event.target.closest("td, thead th")?.cellIndex ?? -1));

  // A grid (WAI-ARIA): one stop for Tab, arrow keys among all cells.
  table.setAttribute("role", "grid");
  const stop = (cell) => cell.querySelector("a, button") || cell;
  const rows = () => [...table.rows].filter((row) => row.offsetParent !== null);
  for (const row of table.rows) for (const cell of row.cells) stop(cell).tabIndex = -1;
  let current = stop(table.rows[0].cells[Math.min(1, table.rows[0].cells.length - 1)]);
  current.tabIndex = 0;
  const go = (cell) => {
    current.tabIndex = -1;
    current = stop(cell);
    current.tabIndex = 0;
    current.focus();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  table.addEventListener("focusin", (event) => {
    const cell = event.target.closest("td, th");
    if (!cell || stop(cell) === current) return;
    current.tabIndex = -1;
    current = stop(cell);
    current.tabIndex = 0;
  });
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td, th");
    if (!cell || event.altKey || event.metaKey) return;
    const shown = rows();
    const row = shown.indexOf(cell.parentElement);
    const last = cell.parentElement.cells.length - 1;
    const at = (number, index) => shown[Math.max(0, Math.min(shown.length - 1, number))].cells[index];
    const moves = {
      ArrowRight: () => at(row, Math.min(last, cell.cellIndex + 1)),
      ArrowLeft: () => at(row, Math.max(0, cell.cellIndex - 1)),
      ArrowDown: () => at(row + 1, cell.cellIndex),
      ArrowUp: () => at(row - 1, cell.cellIndex),
      Home: () => (event.ctrlKey ? at(0, 0) : at(row, 0)),
      End: () => (event.ctrlKey ? at(shown.length - 1, last) : at(row, last)),
      PageDown: () => at(row + 10, cell.cellIndex),
      PageUp: () => at(row - 10, cell.cellIndex),
    };
    const move = moves[event.key];
    if (!move || (event.ctrlKey && !["Home", "End"].includes(event.key))) return;
    event.preventDefault();
    go(move());
  });

  const bodies = [...table.tBodies];
  const fold = (body, folded) => {
    body.classList.toggle("folded", folded);
    const button = body.querySelector(".fold");
    button.setAttribute("aria-expanded", String(!folded));
    button.setAttribute("aria-label", folded ? table.dataset.unfold : table.dataset.fold);
  };
  for (const body of bodies) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fold";
    button.tabIndex = -1;
    button.addEventListener("click", () => fold(body, !body.classList.contains("folded")));
    body.querySelector(".fold-place").append(button);
    fold(body, false);
  }
  const all = document.getElementById("fold-all");
  if (all) {
    all.hidden = false;
    all.addEventListener("click", () => {
      const folded = bodies.some((body) => !body.classList.contains("folded"));
      for (const body of bodies) fold(body, folded);
    });
  }
}

// The network: whoever is pointed at or focused, with his lines and partners; the others step back.
const picture = document.querySelector("#network-title")?.closest("svg");
if (picture) {
  const nodes = [...picture.querySelectorAll(".node")];
  const edges = [...picture.querySelectorAll(".edge")].filter((one) => one.matches("g"));
  const show = (unit) => {
    picture.classList.toggle("searching", Boolean(unit));
    const near = new Set([unit]);
    for (const edge of edges) {
      const own = Boolean(unit) && [edge.dataset.one, edge.dataset.other].includes(unit);
      edge.classList.toggle("near", own);
      if (own) near.add(edge.dataset.one).add(edge.dataset.other);
    }
    for (const node of nodes) node.classList.toggle("near", Boolean(unit) && near.has(node.dataset.unit));
  };
  const unit = (event) => event.target.closest(".node, a")?.closest("a")?.querySelector(".node")?.dataset.unit ?? "";
  picture.addEventListener("pointerover", (event) => show(unit(event)));
  picture.addEventListener("pointerleave", () => show(""));
  picture.addEventListener("focusin", (event) => show(unit(event)));
  picture.addEventListener("focusout", () => show(""));
}
