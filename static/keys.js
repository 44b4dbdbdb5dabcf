/* Pages by keyboard. Everything it does, links, boxes and buttons do without it.

   A letter follows the link that names it: [data-key="n"]; ? opens what the keys do. In a form [data-keys="list"] j and k
   (or the arrows, from box to box) walk the rows; in [data-keys="one"] k goes back. Digits tick a theme, Enter keeps. A box
   says that somebody wants their keys for themselves: people who speak to their computer, or whose hand is not steady. */
(() => {
  const help = document.querySelector("[data-keys-help]");
  if (!help) return;
  const form = document.querySelector("[data-keys]");
  const off = help.querySelector("[data-keys-off]");
  const show = () => document.documentElement.toggleAttribute("data-keys-on", !off.checked);
  help.hidden = false;
  try {
    off.checked = localStorage.getItem("keys") === "off";
    off.addEventListener("change", () => localStorage.setItem("keys", off.checked ? "off" : "on"));
  } catch {
    // A browser that keeps nothing: the box holds for this page.
  }
  off.addEventListener("change", show);
  show();
  const rows = form ? [...form.querySelectorAll("[name=text]")] : [];
  const themes = form ? [...form.querySelectorAll("[name=themes]")] : [];

  const walk = (by) => {
    const at = rows.indexOf(document.activeElement);
    const next = rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
    next?.focus();
    next?.closest("li").scrollIntoView({ block: "nearest" });
  };
  const tell = () => {
    help.open = !help.open;
    if (help.open) help.querySelector("summary").focus();
  };

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (off.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])")) return;
    const named = /^[a-z]$/.test(key) ? document.querySelector(`[data-key="${key}"]`) : null;
    if (key === "?") tell();
    else if (rows.length && (key === "j" || (key === "ArrowDown" && rows.includes(target)))) walk(1);
    else if (rows.length && (key === "k" || (key === "ArrowUp" && rows.includes(target)))) walk(-1);
    else if (named) named.click();
    else if (form && key === "k") history.back();
    else if (/^[1-9]$/.test(key) && themes[key - 1]) themes[key - 1].click();
    else if (form && key === "Enter" && (target === document.body || target.matches("input"))) form.requestSubmit();
    else return;
    event.preventDefault();
  });
})();
