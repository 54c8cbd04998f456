// Runs before the page is drawn, so that it does not flash in other colours.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    if (localStorage.getItem("digits") === "1") root.dataset.digits = "1";
  } catch {
    // A browser may refuse to store anything.
  }
})();
