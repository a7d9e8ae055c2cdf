// Makes the pages pleasanter; every page works without it. Text goes in by textContent only.
"use strict";

// Progress of a run, an upload or a change: asks until it ends, then loads the page anew.
const progress = document.querySelector("[data-status]");
if (progress) {
  const bar = progress.querySelector("progress");
  const words = progress.querySelector("[data-words]");
  const ask = async () => {
    try {
      const answer = await fetch(progress.dataset.status, { cache: "no-store" });
      const state = await answer.json();
      if (state.state !== "running") return location.reload();
      if (bar && "done" in state) {
        bar.max = state.questions;
        bar.value = state.done;
      }
      words.textContent = state.words;
    } catch {
      // The server is restarting, or the network is away: try again.
    }
    setTimeout(ask, 700);
  };
  setTimeout(ask, 400);
}
