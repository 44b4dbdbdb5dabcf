/* A form that is filled in where the connection may be gone: what was typed stays on this phone for a day, and
   leaves it when it is sent. Without JavaScript the form is an ordinary one. */
const form = document.querySelector("form[data-draft]");
const key = `draft:${form.dataset.draft}`;
const DAY = 24 * 60 * 60 * 1000;
const told = (what) => form.querySelector(`[data-draft-${what}]`);
const kept = [...form.elements].filter((field) => field.name && field.name !== "csrfmiddlewaretoken");

const held = (name) => {
  try {
    const draft = JSON.parse(localStorage.getItem(name));
    if (draft && Date.now() - draft.at < DAY) return draft;
  } catch {
    // not ours, or no storage: then there is no draft
  }
  localStorage.removeItem(name);
  return null;
};

// The day of every draft ends, also of a form that nobody opens again: another way in, another version.
for (const name of Object.keys(localStorage)) if (name.startsWith("draft:")) held(name);

const keep = () => {
  const values = kept.map((field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value));
  localStorage.setItem(key, JSON.stringify({ at: Date.now(), values }));
};

const forget = () => localStorage.removeItem(key);

const fill = (draft) => {
  kept.forEach((field, number) => {
    if (field.type === "checkbox" || field.type === "radio") field.checked = draft.values[number];
    else field.value = draft.values[number] ?? field.value;
  });
};

const show = (what) => {
  for (const each of ["offline", "signed-out", "restored"]) told(each).hidden = each !== what;
  if (what) told(what).scrollIntoView({ block: "nearest" });
};

const draft = form.querySelector("[aria-invalid], .nabij-error-summary") ? null : held(key); // else the page has them
if (draft && draft.values.length === kept.length) {
  fill(draft);
  show("restored");
}
form.querySelector("[data-draft-forget]").addEventListener("click", () => {
  forget();
  form.reset();
  show("");
});

let wait;
form.addEventListener("input", () => {
  clearTimeout(wait);
  wait = setTimeout(keep, 300);
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearTimeout(wait);
  keep();
  let answer;
  try {
    answer = await fetch(form.action || location.href, { method: "POST", body: new FormData(form), credentials: "same-origin" });
  } catch {
    show("offline");
    return;
  }
  if (answer.redirected && new URL(answer.url).pathname.startsWith(form.dataset.draftDone)) {
    forget();
    location.replace(answer.url); // "back" must not show what somebody said
  } else if (answer.redirected || answer.status === 403) {
    show("signed-out");
  } else if (answer.status < 500) {
    form.submit(); // something is wrong: the page that comes back says what
  } else {
    show("offline");
  }
});
