const digits = document.getElementById("digits");
digits.addEventListener("click", () => {
  const root = document.documentElement;
  const isOn = root.dataset.digits !== "1";
  if (isOn) root.dataset.digits = "1";
  else delete root.dataset.digits;
  digits.setAttribute("aria-pressed", isOn);
});
