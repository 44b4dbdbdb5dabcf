/* Writing down at the pace of a talk: within a question a digit chooses that answer, and where one is enough goes on to
   the next question. Without it arrow keys and Tab do the same. */
const sheet = document.querySelector("form.helping");
const questions = () => [...sheet.querySelectorAll(".nabij-question")].filter((each) => each.checkVisibility());

sheet.addEventListener("keydown", (event) => {
  const typing = event.target.matches("textarea, input:not([type=radio], [type=checkbox]), select");
  if (typing || event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
  const here = event.target.closest(".nabij-question");
  const chosen = here?.querySelectorAll("input[type=radio], input[type=checkbox]")[event.key - 1];
  if (!chosen) return;
  event.preventDefault();
  chosen.click();
  chosen.focus();
  if (chosen.type !== "radio") return;
  const next = questions()[questions().indexOf(here) + 1];
  next?.querySelector("input:not([type=hidden]), textarea, select")?.focus();
});
