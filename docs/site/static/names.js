// The theme gives the buttons that unfold a part of the table of contents no name; who listens to a page needs one.

for (const button of document.querySelectorAll(".bd-sidenav summary")) {
  const entry = button.closest("li").querySelector("a");
  button.setAttribute("aria-label", `Contents of ${entry.textContent.trim()}`);
}
