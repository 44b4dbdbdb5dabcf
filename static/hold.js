/* Counts down what the page says in words already: how long a follow-up can still be stopped. */
(() => {
  const place = document.querySelector("[data-until]");
  if (!place) return;
  const until = new Date(place.dataset.until);
  const tick = () => {
    const left = Math.max(0, Math.round((until - Date.now()) / 1000));
    place.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left) setTimeout(tick, 1000);
    else setTimeout(() => location.reload(), 3000);
  };
  tick();
})();
