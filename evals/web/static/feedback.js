// Makes the clause picker pleasanter; the form works without it.
"use strict";

const field = document.getElementById("filter");
const list = document.getElementById("clauses");
if (field && list) {
  field.hidden = false;
  const rows = [...list.children].map((row) => [row, `${row.textContent.toLowerCase()} ${row.dataset.folded}`]);
  field.addEventListener("input", () => {
    const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const [row, text] of rows) {
      // What is picked stays in sight, so that nothing is saved that the editor does not see.
      row.hidden = !row.querySelector("input").checked && !wanted.every((word) => text.includes(word));
    }
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  const picked = list.querySelector("input:checked") ?? list.querySelector(".said");
  if (picked) list.scrollTop = picked.closest("li").offsetTop;
}

// Another plan is shown as soon as it is chosen.
const plan = document.getElementById("plan");
if (plan) plan.addEventListener("change", () => plan.form.requestSubmit(document.getElementById("show")));
