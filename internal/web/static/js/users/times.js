// Writes times as the server does, "27 Nov 2026, 08:47", whatever the zone and
// the language of the browser, and says in which zone they are.

const layout = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };

// writer returns the function that writes times of a zone; one that the browser
// does not know is UTC instead, and the text says so.
export function writer(timeZone) {
  let format;
  try {
    format = new Intl.DateTimeFormat("en-US", { ...layout, timeZone });
  } catch {
    format = new Intl.DateTimeFormat("en-US", { ...layout, timeZone: "UTC" });
  }
  return (time) => {
    const part = Object.fromEntries(format.formatToParts(new Date(time)).map((p) => [p.type, p.value]));
    return `${part.day} ${part.month} ${part.year}, ${part.hour}:${part.minute} ${part.timeZoneName}`;
  };
}
