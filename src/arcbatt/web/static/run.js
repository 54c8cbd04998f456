// Starts and stops a run, and shows it as it goes.
import { load, send, tell } from "/static/page.js";

const form = document.getElementById("start");
const go = document.getElementById("go");
const stop = document.getElementById("stop");
const part = document.getElementById("part");

async function refresh() {
  if (!document.hidden) {
    const fresh = document.createElement("div");
    try {
      await load("/run/live", fresh);
      part.replaceChildren(...fresh.childNodes);
    } catch (error) {
      tell(error.message);
    }
  }
  const live = document.getElementById("live");
  const isOurs = live?.dataset.ours === "1";
  if (go) go.disabled = isOurs;
  if (stop) stop.disabled = !isOurs;
  setTimeout(refresh, live?.dataset.live === "1" ? 1000 : 4000);
}
setTimeout(refresh, 1000);

function showFields() {
  const isSolve = form.elements.command.value === "solve";
  for (const each of form.querySelectorAll(".solve")) each.hidden = !isSolve;
}

if (form) {
  form.addEventListener("change", showFields);
  showFields();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const words = Object.fromEntries(data);
    words.sources = data.getAll("sources");
    go.disabled = true;
    try {
      tell((await send("/run/start", words)).message);
      stop.disabled = false;
    } catch (error) {
      tell(error.message);
      go.disabled = false;
    }
  });
  stop.addEventListener("click", async () => {
    try {
      tell((await send("/run/stop", {})).message);
    } catch (error) {
      tell(error.message);
    }
  });
}
