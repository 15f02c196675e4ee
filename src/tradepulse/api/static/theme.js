// Before the first paint, so that the page never flashes in the other theme.
(() => {
  const THEMES = ["system", "dark", "light"];
  const stored = () => {
    // A browser may forbid storage; the theme then lasts as long as the page.
    try { return localStorage.getItem("tradepulse.theme"); } catch { return null; }
  };
  const store = (theme) => {
    try { localStorage.setItem("tradepulse.theme", theme); } catch { return false; }
    return true;
  };
  let theme = THEMES.includes(stored()) ? stored() : "system";
  const apply = () => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };
  const name = (button) => {
    button.textContent = `Theme: ${theme}`;
    button.setAttribute("aria-label", `Colour theme: ${theme === "system" ? "as the system" : theme}`);
  };
  apply();
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (!button) return;
    name(button);
    button.addEventListener("click", () => {
      theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
      store(theme);
      apply();
      name(button);
    });
  });
})();
