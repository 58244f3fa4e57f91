// Starts ReDoc in the colours that the system asks for.
"use strict";

const mount = document.getElementById("redoc");
const dark = window.matchMedia("(prefers-color-scheme: dark)");

// The colours are roster.css's, which ReDoc needs as values to compute others from.
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const theme = () => ({
  colors: {
    primary: { main: colour("--link") },
    success: { main: colour("--good") },
    warning: { main: colour("--warn") },
    error: { main: colour("--bad") },
    text: { primary: colour("--ink"), secondary: colour("--ink-soft") },
    border: { dark: colour("--line-strong"), light: colour("--line") },
  },
  typography: {
    fontFamily: colour("--font"),
    headings: { fontFamily: colour("--font") },
    code: { fontFamily: colour("--mono"), color: colour("--code-key"), backgroundColor: colour("--sunken") },
    links: { color: colour("--link"), visited: colour("--link"), hover: colour("--accent-hover") },
  },
  schema: { nestedBackground: colour("--sunken"), linesColor: colour("--line-strong") },
  sidebar: { backgroundColor: colour("--surface"), textColor: colour("--ink") },
  fab: { backgroundColor: colour("--accent-soft"), color: colour("--accent") },
  rightPanel: { backgroundColor: "#172124" },
});

const show = () =>
  Redoc.init(
    mount.dataset.spec,
    {
      disableSearch: true, // it would need a worker from a blob: URL
      hideSchemaPattern: true, // in a colour that cannot be read on dark
      nativeScrollbars: true,
      requiredPropsFirst: true,
      theme: theme(),
    },
    mount,
  );

show();
dark.addEventListener("change", show);
