// Runs before the first paint: a page that is dark a moment too late flashes.
try {
  const { theme, density } = JSON.parse(localStorage.getItem("tp.look") || "{}");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  if (density === "compact") document.documentElement.dataset.density = density;
} catch {
  // A browser that keeps nothing for us shows the system's theme.
}
