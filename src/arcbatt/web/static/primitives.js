// Search in the language as it is typed.
const search = document.getElementById("search");
const number = document.getElementById("number");
const all = [...document.querySelectorAll(".prim")];

function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const each of all) {
    const has = words.every((word) => each.dataset.text.includes(word));
    each.hidden = !has;
    shown += has;
  }
  number.textContent = `${shown} primitive${shown === 1 ? "" : "s"}`;
}

search.addEventListener("input", show);
search.form.addEventListener("submit", (event) => event.preventDefault());
