// For pages that change while somebody uses them: what is replaced between press and release is never clicked.

const LONGEST = 1500; // ms; whoever stays longer does not click, and some releases are never told (of a scroll bar)
let pressed = null; // settled when the pointer is up again
let release = () => {};

document.addEventListener(
  "pointerdown",
  () => {
    release();
    pressed = new Promise((done) => (release = done));
    setTimeout(release, LONGEST);
  },
  true,
);
for (const end of ["pointerup", "pointercancel"]) {
  // The click comes after the release; what waits goes on after both.
  document.addEventListener(end, () => setTimeout(release), true);
}

/** Settled when nobody is about to click: at once, or after the click and what it began. */
export async function released() {
  await pressed;
}
