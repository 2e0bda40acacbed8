/* Runs in the head, before anything is painted, so that no page flashes in the other theme. */
(function () {
  "use strict";
  const KEY = "modeldesk-theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  function stored() {
    try {
      const value = window.localStorage.getItem(KEY);
      return value === "light" || value === "dark" ? value : null;
    } catch {
      return null; // storage is off: follow the system
    }
  }

  function wear(theme) {
    root.dataset.bsTheme = theme;
    root.dataset.agThemeMode = theme;
    document.dispatchEvent(new CustomEvent("modeldesk:theme", { detail: theme }));
  }

  function current() {
    return stored() || (system.matches ? "dark" : "light");
  }

  function set(theme) {
    try {
      window.localStorage.setItem(KEY, theme);
    } catch {
      // storage is off: the choice holds for this page
    }
    wear(theme);
  }

  system.addEventListener("change", () => wear(current()));
  window.addEventListener("storage", (event) => event.key === KEY && wear(current()));
  // Paper is white.
  window.addEventListener("beforeprint", () => wear("light"));
  window.addEventListener("afterprint", () => wear(current()));

  wear(current());
  window.modeldesk = Object.assign(window.modeldesk || {}, {
    theme: { get: () => root.dataset.bsTheme, set: set },
  });
})();
