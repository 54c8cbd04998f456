// Filters without a new page, and arrow keys between the tasks.
import { isTyping, load, tell } from "/static/page.js";

const form = document.getElementById("filters");
const part = document.getElementById("part");
let last = 0;
let timer = 0;

async function show() {
  const number = ++last;
  const words = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) words.set(name, value);
  const address = `/?${words}`;
  const fresh = document.createElement("div");
  try {
    await load(address, fresh);
  } catch (error) {
    tell(error.message);
    return;
  }
  if (number !== last) return;
  history.replaceState(null, "", address);
  part.replaceChildren(...fresh.childNodes);
}

if (form && part) {
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 120);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
}

document.addEventListener("keydown", (event) => {
  if (!event.key.startsWith("Arrow") || isTyping(event)) return;
  const cards = [...document.querySelectorAll(".card")];
  if (!cards.length) return;
  const now = cards.indexOf(document.activeElement);
  const top = cards[0].getBoundingClientRect().top;
  const columns = Math.max(1, cards.findIndex((card) => card.getBoundingClientRect().top > top));
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
  const next = now < 0 ? 0 : Math.min(cards.length - 1, Math.max(0, now + step));
  event.preventDefault();
  cards[next].focus();
});

const compare = document.getElementById("compare");
if (compare) compare.addEventListener("change", () => compare.submit());
