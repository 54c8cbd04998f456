// Arrow keys: up and down through the lines, left and right through the samples.
import { isTyping, load, tell } from "/static/page.js";

const part = document.getElementById("part");
const tabs = [...document.querySelectorAll(".tabs a")];
let line = 0;
let last = 0;

function choose(step) {
  const steps = [...part.querySelectorAll(".step")];
  if (!steps.length) return;
  line = Math.max(0, Math.min(steps.length - 1, step));
  steps[line].focus({ preventScroll: true });
  steps[line].scrollIntoView({ block: "nearest" });
}

async function show(tab, hasFocus) {
  const number = ++last;
  const fresh = document.createElement("div");
  try {
    await load(tab.href, fresh);
  } catch (error) {
    tell(error.message);
    return;
  }
  if (number !== last) return;
  part.replaceChildren(...fresh.childNodes);
  for (const each of tabs) each.removeAttribute("aria-current");
  tab.setAttribute("aria-current", "true");
  history.replaceState(null, "", tab.href);
  if (hasFocus) choose(line);
}

for (const tab of tabs) {
  tab.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(tab, false);
  });
}

part.addEventListener("focusin", (event) => {
  const step = event.target.closest(".step");
  if (step) line = [...part.querySelectorAll(".step")].indexOf(step);
});

document.addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  const inside = part.contains(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(inside ? line + (event.key === "ArrowDown" ? 1 : -1) : 0);
  } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    const now = tabs.findIndex((tab) => tab.hasAttribute("aria-current"));
    const next = tabs[now + (event.key === "ArrowRight" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      show(next, inside);
    }
  }
});
