// What every page has: switches, messages, requests that change something.

const root = document.documentElement;

export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser may refuse to store anything.
  }
}

let timer = 0;

export function tell(text) {
  const toast = document.getElementById("toast");
  toast.textContent = text;
  toast.classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(() => toast.classList.remove("shown"), 6000);
}

// Sends JSON and returns the answer; an error of the server is thrown with its message.
export async function send(path, document_, options = {}) {
  const csrf = document.querySelector("meta[name=csrf]").content;
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-batt-csrf": csrf },
    body: JSON.stringify(document_),
    ...options,
  });
  const text = await answer.text();
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Error(text || answer.statusText);
  }
  if (!answer.ok) throw new Error(found.error ? found.error.message : answer.statusText);
  return found;
}

// Puts a part of a page, which the server has written, into the page.
export async function load(address, place) {
  const url = new URL(address, location);
  url.searchParams.set("part", "1");
  const answer = await fetch(url);
  const text = await answer.text();
  if (!answer.ok) {
    let message = text;
    try {
      message = JSON.parse(text).error.message;
    } catch {
      // The server has answered in plain text.
    }
    throw new Error(message);
  }
  place.innerHTML = text;
}

export function isTyping(event) {
  return event.target.closest("input, textarea, select") || event.altKey || event.ctrlKey || event.metaKey;
}

const THEMES = ["system", "light", "dark"];
const theme = document.getElementById("theme");

function showTheme() {
  const now = root.dataset.theme || "system";
  theme.textContent = { system: "◐", light: "☀", dark: "☾" }[now];
  theme.setAttribute("aria-label", `Colours: ${now}`);
}

theme.addEventListener("click", () => {
  const next = THEMES[(THEMES.indexOf(root.dataset.theme || "system") + 1) % THEMES.length];
  if (next === "system") delete root.dataset.theme;
  else root.dataset.theme = next;
  remember("theme", next);
  showTheme();
});
showTheme();

const digits = document.getElementById("digits");

function showDigits() {
  digits.setAttribute("aria-pressed", root.dataset.digits === "1");
  digits.setAttribute("aria-label", "Show each colour's number in its cell");
}

digits.addEventListener("click", () => {
  if (root.dataset.digits === "1") delete root.dataset.digits;
  else root.dataset.digits = "1";
  remember("digits", root.dataset.digits || "0");
  showDigits();
});
showDigits();

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !isTyping(event)) {
    event.preventDefault();
    document.querySelector(".find input").focus();
  }
});
