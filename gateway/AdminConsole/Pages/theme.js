// Before anything is painted; what the system wants unless somebody chose. A plain script: modules run too late for that.
(() => {
  const key = "gateway-theme";
  const read = () => { try { return localStorage.getItem(key); } catch { return null; } };
  const apply = (choice) => {
    if (choice === "light" || choice === "dark") document.documentElement.dataset.theme = choice;
    else delete document.documentElement.dataset.theme;
  };
  apply(read());
  globalThis.gatewayTheme = {
    get: () => read() ?? "system",
    set: (choice) => {
      try { choice === "system" ? localStorage.removeItem(key) : localStorage.setItem(key, choice); } catch { /* private windows may keep nothing */ }
      apply(choice);
    },
  };
})();
