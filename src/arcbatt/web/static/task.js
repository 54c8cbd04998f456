// Keys: next task, task before, and arrows between the samples.
import { isTyping } from "/static/page.js";

document.addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  const link = { n: "after", p: "before" }[event.key];
  if (link) {
    document.getElementById(link)?.click();
    return;
  }
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const samples = [...document.querySelectorAll(".sample")];
  const next = samples.indexOf(document.activeElement) + step;
  if (samples[next] || step > 0) {
    event.preventDefault();
    samples[Math.max(0, Math.min(samples.length - 1, next))].focus();
  }
});
