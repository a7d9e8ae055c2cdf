// Makes the pages of the plans pleasanter; every page works without it. Text goes in by textContent only.
import { released } from "./pressed.js";

// Files are sent with their progress shown; what the server answers is shown as it would be without this script.
for (const form of document.querySelectorAll("form.upload")) {
  const files = form.querySelector("input[type=file]");
  const button = form.querySelector("button");
  const shown = form.querySelector(".progress");
  const bar = shown.querySelector("progress");
  const words = shown.querySelector("span");
  const fault = form.querySelector("[role=alert]");
  const tell = (text) => {
    fault.textContent = text;
    fault.hidden = false;
    shown.hidden = true;
    button.disabled = false;
    form.removeAttribute("aria-busy");
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    fault.hidden = true;
    const size = [...files.files].reduce((sum, file) => sum + file.size, 0);
    const most = Number(form.dataset.most);
    const megabytes = (bytes) => Math.ceil(bytes / 1048576);
    if (size > most) {
      return tell(form.dataset.tooLarge.replace("{size}", megabytes(size)).replace("{most}", megabytes(most)));
    }
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (state) => {
      const percent = state.lengthComputable ? Math.floor((100 * state.loaded) / state.total) : 0;
      bar.value = percent;
      words.textContent = form.dataset.uploading.replace("{percent}", percent);
    });
    request.addEventListener("load", () => {
      // Led on, be it to work that has failed already: a refusal of the form itself is told in its place.
      if (request.status < 300 || request.responseURL !== form.action) return location.assign(request.responseURL);
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const said = page.querySelector("[role=alert]");
      tell(said ? [...said.querySelectorAll("p")].map((line) => line.textContent).join(" ") : form.dataset.connection);
    });
    for (const name of ["error", "abort", "timeout"]) {
      request.addEventListener(name, () => tell(form.dataset.connection));
    }
    request.open("POST", form.getAttribute("action"));
    request.setRequestHeader("Accept", "text/html");
    request.send(new FormData(form));
    button.disabled = true;
    form.setAttribute("aria-busy", "true");
    shown.hidden = false;
  });
}

// A clause is corrected in its place: the page that would follow is fetched, and its clause put where the old one was.
const taken = (page, name) => {
  const fresh = page.getElementById(name);
  const old = document.getElementById(name);
  if (fresh && old) old.replaceWith(document.adoptNode(fresh));
  return Boolean(fresh && old);
};

const swap = async (place, address, body) => {
  const id = place.id;
  try {
    const answer = await fetch(address, { method: body ? "POST" : "GET", body, cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    await released();
    // Whoever is at another clause by now stays there.
    const at = document.activeElement;
    const here = !at || at === document.body || document.getElementById(id)?.contains(at);
    if (!taken(page, id)) return false;
    taken(page, "counts");
    taken(page, "noted");
    if (!here) return true;
    const fresh = document.getElementById(id);
    (fresh.querySelector("textarea") ?? fresh.querySelector(".button.small"))?.focus({ preventScroll: true });
    // What was changed stays in sight, below the bars.
    if (fresh.getBoundingClientRect().top < 120) fresh.scrollIntoView();
    return true;
  } catch {
    return false;
  }
};

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-swap]");
  const place = link?.closest("li.clause");
  if (!place || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  for (const other of document.querySelectorAll("li.clause.open a[data-swap]")) {
    if (!place.contains(other)) await swap(other.closest("li.clause"), other.href);
  }
  if (!(await swap(place, link.href))) location.assign(link.href);
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-swap]");
  if (!form) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  if (await swap(form.closest("li.clause"), form.getAttribute("action"), body)) return;
  form.removeAttribute("data-swap");
  form.requestSubmit(event.submitter);
});

// A name that is chosen goes into the box above it.
const add = (field) => {
  const box = document.getElementById(field.dataset.add);
  const name = field.value.trim();
  if (!name) return;
  const lines = box.value.split("\n").map((line) => line.trim()).filter(Boolean);
  if (!lines.includes(name)) lines.push(name);
  box.value = lines.join("\n");
  field.value = "";
};
document.addEventListener("change", (event) => {
  if (event.target.matches("input[data-add]")) add(event.target);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("input[data-add]") || !event.target.value.trim()) return;
  event.preventDefault();
  add(event.target);
});
