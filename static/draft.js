/* A form that is filled in where the connection may be gone: what was typed stays on this device for a day, and
   leaves it when it is sent. It is sealed with a key that pages of this colleague bring and the device never keeps:
   who signs in here next finds nothing, and can open nothing. Without JavaScript the form is an ordinary one. */
const form = document.querySelector("form[data-draft]");
const shelf = `draft:${form.dataset.draftOwner}:`;
const name = shelf + form.dataset.draft;
const DAY = 24 * 60 * 60 * 1000;
const told = (what) => form.querySelector(`[data-draft-${what}]`);
const kept = [...form.elements].filter((field) => field.name && field.name !== "csrfmiddlewaretoken");

const BITS = { name: "AES-GCM", length: 256 };
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
// Where the browser has no sealing (a page that came over http) nothing is kept.
const key = globalThis.crypto?.subtle?.importKey("raw", bytes(form.dataset.draftKey), BITS, false, ["encrypt", "decrypt"]);
form.removeAttribute("data-draft-key");

const held = (name) => {
  try {
    const draft = JSON.parse(localStorage.getItem(name));
    if (draft?.sealed && Date.now() - draft.at < DAY) return draft;
  } catch {
    // not ours, or no storage: then there is no draft
  }
  localStorage.removeItem(name);
  return null;
};

// The day of every draft ends, also of a form that nobody opens again; and what lies here unsealed goes at once.
for (const name of Object.keys(localStorage)) if (name.startsWith("draft:")) held(name);

const seal = async () => {
  if (!key) return;
  const values = kept.map((field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const said = new TextEncoder().encode(JSON.stringify(values));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key, said);
  localStorage.setItem(name, JSON.stringify({ at: Date.now(), iv: hex(iv), sealed: hex(sealed) }));
};

const unseal = async ({ iv, sealed }) => {
  const said = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(iv) }, await key, bytes(sealed));
  return JSON.parse(new TextDecoder().decode(said));
};

// One after the other, so that what is forgotten is not written down again by an earlier keystroke.
let last = Promise.resolve();
const next = (what) => (last = last.then(what).catch(() => {})); // a full or closed storage: there is no draft
const keep = () => next(seal);
const forget = () => next(() => localStorage.removeItem(name));

const fill = (values) => {
  kept.forEach((field, number) => {
    if (field.type === "checkbox" || field.type === "radio") field.checked = values[number];
    else field.value = values[number] ?? field.value;
  });
};

const show = (what) => {
  for (const each of ["offline", "signed-out", "restored"]) told(each).hidden = each !== what;
  if (what) told(what).scrollIntoView({ block: "nearest" });
};

next(async () => {
  const draft = form.querySelector("[aria-invalid], .nabij-error-summary") ? null : held(name); // else the page has them
  if (!draft) return;
  try {
    const values = await unseal(draft);
    if (values.length !== kept.length) return;
    fill(values);
    show("restored");
  } catch {
    localStorage.removeItem(name); // sealed with a key that is no more
  }
});

let wait;
form.querySelector("[data-draft-forget]").addEventListener("click", () => {
  clearTimeout(wait);
  forget();
  form.reset();
  show("");
});
form.addEventListener("input", () => {
  clearTimeout(wait);
  wait = setTimeout(keep, 300);
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearTimeout(wait);
  await keep();
  let answer;
  try {
    answer = await fetch(form.getAttribute("action") || location.href, { method: "POST", body: new FormData(form), credentials: "same-origin" });
  } catch {
    show("offline");
    return;
  }
  if (answer.redirected && new URL(answer.url).pathname.startsWith(form.dataset.draftDone)) {
    await forget();
    location.replace(answer.url); // "back" must not show what somebody said
  } else if (answer.redirected || answer.status === 403) {
    show("signed-out");
  } else if (answer.status < 500) {
    form.submit(); // something is wrong: the page that comes back says what
  } else {
    show("offline");
  }
});
