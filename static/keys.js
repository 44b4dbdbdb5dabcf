/* Reading by keyboard. Everything it does, links, boxes and buttons do without it.

   In [data-keys="list"] j and k (or the arrows, from box to box) walk the rows; in [data-keys="one"] j follows the link
   [data-key="j"], k goes back. Digits tick a theme, Enter keeps. A box says that somebody wants their keys for
   themselves: people who speak to their computer, or whose hand is not steady. */
(() => {
  const form = document.querySelector("[data-keys]");
  const help = document.querySelector("[data-keys-help]");
  if (!form || !help) return;
  const off = help.querySelector("[data-keys-off]");
  help.hidden = false;
  try {
    off.checked = localStorage.getItem("keys") === "off";
    off.addEventListener("change", () => localStorage.setItem("keys", off.checked ? "off" : "on"));
  } catch {
    // A browser that keeps nothing: the box holds for this page.
  }
  const rows = [...form.querySelectorAll("[name=text]")];
  const themes = [...form.querySelectorAll("[name=themes]")];

  const walk = (by) => {
    const at = rows.indexOf(document.activeElement);
    const next = rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
    next?.focus();
    next?.closest("li").scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (off.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])")) return;
    const list = rows.length > 0;
    if (key === "j" || (key === "ArrowDown" && rows.includes(target))) {
      if (list) walk(1);
      else document.querySelector('[data-key="j"]')?.click();
    } else if (key === "k" || (key === "ArrowUp" && rows.includes(target))) {
      if (list) walk(-1);
      else history.back();
    } else if (/^[1-9]$/.test(key) && themes[key - 1]) {
      themes[key - 1].click();
    } else if (key === "Enter" && (target === document.body || target.matches("input"))) {
      form.requestSubmit();
    } else return;
    event.preventDefault();
  });
})();
