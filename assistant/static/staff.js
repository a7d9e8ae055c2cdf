// Makes the pages pleasanter; every page works without it. Text goes in by textContent only.
"use strict";

const LEAVING = 10_000; // ms in which a link that was followed leads on, or was a download

// Progress of a run, an upload or a change: asks until it ends, then loads the page anew, unless somebody is clicking,
// has followed a link, or is sending a file: that would come to nothing.
const progress = document.querySelector("[data-status]");
if (progress) {
  const bar = progress.querySelector("progress");
  const words = progress.querySelector("[data-words]");
  const pressing = import("./pressed.js").catch(() => null);
  let left = -LEAVING;
  addEventListener("beforeunload", () => (left = performance.now()));
  const used = () => performance.now() - left < LEAVING || document.querySelector("form[aria-busy=true]");
  const ask = async () => {
    try {
      const answer = await fetch(progress.dataset.status, { cache: "no-store" });
      const state = await answer.json();
      if (state.state !== "running") {
        await (await pressing)?.released();
        if (!used()) return location.reload();
      }
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
