/* Keeps a bar going that the page shows already: fetches the page again and takes its words over. */
(() => {
  const look = async () => {
    try {
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-progress]");
      if (!fresh) return location.reload();
      document.querySelector("[data-progress]").replaceChildren(...fresh.childNodes);
    } catch {
      /* No connection: the next look is soon. */
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
})();
