// Formats times as the server does, "27 Nov 2026, 08:47", with their zone and
// independent of the zone and the language of the browser.

const layout = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };

// writer returns a function that formats times in a zone, or in UTC if the browser
// does not know the zone.
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
