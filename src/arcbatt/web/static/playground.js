// The editor: runs the program as it is typed, marks faults at their lines, completes names.
import { send, tell } from "/static/page.js";

const play = document.getElementById("play");
const text = document.getElementById("text");
const gutter = document.getElementById("gutter");
const faults = document.getElementById("faults");
const results = document.getElementById("results");
const verdict = document.getElementById("verdict");
const save = document.getElementById("save");
const list = document.getElementById("completions");
const task = document.getElementById("task");
const KEY = `program-${play.dataset.task}`;
let last = 0;
let timer = 0;
let running = null;

function drawGutter(found = []) {
  const kinds = new Map();
  for (const each of found) if (each.line && kinds.get(each.line) !== "error") kinds.set(each.line, each.kind);
  const lines = text.value.split("\n").length;
  gutter.replaceChildren(
    ...Array.from({ length: lines }, (_, index) => {
      const span = document.createElement("span");
      span.textContent = index + 1;
      if (kinds.has(index + 1)) span.className = kinds.get(index + 1);
      return span;
    }),
  );
  gutter.scrollTop = text.scrollTop;
  gutter.style.height = `${text.offsetHeight}px`;
}

function goTo(line) {
  const start = text.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start);
}

function drawFaults(found) {
  faults.replaceChildren(
    ...found.map((each) => {
      const item = document.createElement("li");
      item.className = each.kind;
      if (each.line) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = `line ${each.line}`;
        button.addEventListener("click", () => goTo(each.line));
        item.append(button, `: ${each.text}`);
      } else {
        item.append(each.text);
      }
      return item;
    }),
  );
}

async function run() {
  const number = ++last;
  running?.abort();
  running = new AbortController();
  results.setAttribute("aria-busy", "true");
  try {
    const words = { text: text.value, task: play.dataset.task, answers: play.dataset.answers === "1" };
    const found = await send("/playground/run", words, { signal: running.signal });
    if (number !== last) return;
    drawGutter(found.faults);
    drawFaults(found.faults);
    const isReadable = Boolean(found.md5);
    if (save) save.disabled = !isReadable;
    verdict.textContent = isReadable ? `${found.right} of ${found.demos} demos right, ${found.ms} ms` : "not a program yet";
    verdict.className = found.right === found.demos ? "right" : "";
    if (isReadable) results.innerHTML = found.html;
    results.classList.toggle("stale", !isReadable);
    results.removeAttribute("aria-busy");
  } catch (error) {
    if (error.name === "AbortError") return;
    verdict.textContent = error.message;
    verdict.className = "wrong";
    results.removeAttribute("aria-busy");
  }
}

// Names of the language, by and by as they are typed.
let names = [];
let matches = [];
let chosen = 0;
fetch("/playground/language.json").then(async (answer) => {
  if (answer.ok) names = await answer.json();
});

function wordBefore() {
  const found = /[A-Za-z_][A-Za-z0-9_]*$/.exec(text.value.slice(0, text.selectionStart));
  return found ? found[0] : "";
}

function hide() {
  list.hidden = true;
  text.removeAttribute("aria-activedescendant");
}

function complete() {
  const word = wordBefore();
  if (!word || /^x\d*$/.test(word)) return hide();
  const lower = word.toLowerCase();
  const begins = names.filter((each) => each.name.toLowerCase().startsWith(lower));
  const holds = names.filter((each) => each.name.toLowerCase().indexOf(lower) > 0);
  matches = [...begins, ...holds].slice(0, 8);
  if (!matches.length || (matches.length === 1 && matches[0].name === word)) return hide();
  chosen = 0;
  drawMatches();
  const lines = text.value.slice(0, text.selectionStart).split("\n");
  const style = getComputedStyle(text);
  const height = parseFloat(style.lineHeight);
  const canvas = (complete.canvas ??= document.createElement("canvas")).getContext("2d");
  canvas.font = style.font;
  const left = canvas.measureText(lines.at(-1).slice(0, -word.length)).width;
  const wide = play.clientWidth - 260;
  list.style.top = `${lines.length * height + 16 - text.scrollTop}px`;
  list.style.left = `${Math.max(0, Math.min(left + text.offsetLeft - text.scrollLeft, wide))}px`;
  list.hidden = false;
}

function drawMatches() {
  list.replaceChildren(
    ...matches.map((each, index) => {
      const item = document.createElement("li");
      item.id = `completion-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", index === chosen);
      item.title = each.summary;
      const small = document.createElement("small");
      small.textContent = each.summary;
      item.append(each.signature, small);
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(index);
      });
      return item;
    }),
  );
  text.setAttribute("aria-activedescendant", `completion-${chosen}`);
}

function take(index) {
  const word = wordBefore();
  const end = text.selectionStart;
  text.setRangeText(matches[index].name, end - word.length, end, "end");
  hide();
  changed();
}

function changed() {
  drawGutter();
  clearTimeout(timer);
  timer = setTimeout(run, 150);
  try {
    sessionStorage.setItem(KEY, text.value);
  } catch {
    // A browser may refuse to store anything.
  }
}

text.addEventListener("input", () => {
  changed();
  complete();
});
text.addEventListener("scroll", () => {
  gutter.scrollTop = text.scrollTop;
});
text.addEventListener("blur", hide);
text.addEventListener("keydown", (event) => {
  if (!list.hidden) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : matches.length - 1)) % matches.length;
      drawMatches();
      event.preventDefault();
    } else if (event.key === "Tab" || event.key === "Enter") {
      take(chosen);
      event.preventDefault();
    } else if (event.key === "Escape") {
      hide();
      event.preventDefault();
    }
    return;
  }
  if (event.key === "Enter") {
    const line = text.value.slice(0, text.selectionStart).split("\n").at(-1);
    const indent = /^\s*/.exec(line)[0] + (line.trimEnd().endsWith(":") ? "    " : "");
    if (indent) {
      event.preventDefault();
      text.setRangeText(`\n${indent}`, text.selectionStart, text.selectionEnd, "end");
      changed();
    }
  }
});
new ResizeObserver(() => drawGutter()).observe(text);

document.getElementById("choose").addEventListener("submit", (event) => {
  event.preventDefault();
  move();
});
task.addEventListener("change", move);

function move() {
  const id = task.value.trim();
  if (!id || id === play.dataset.task) return;
  try {
    sessionStorage.setItem(`program-${id}`, text.value);
  } catch {
    // The program is not taken along then.
  }
  location.href = `/playground?task=${encodeURIComponent(id)}`;
}

save?.addEventListener("click", async () => {
  try {
    tell((await send("/playground/save", { text: text.value, task: play.dataset.task })).message);
  } catch (error) {
    tell(error.message);
  }
});

document.getElementById("download").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text.value], { type: "text/plain" }));
  link.download = `${play.dataset.task}.py`;
  link.click();
  URL.revokeObjectURL(link.href);
});

// What was written before is back after a reload, unless a program was asked for.
try {
  const kept = sessionStorage.getItem(KEY);
  if (kept && !new URLSearchParams(location.search).get("program")) text.value = kept;
} catch {
  // A browser may refuse to store anything.
}
drawGutter();
run();
