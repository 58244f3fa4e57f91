// Compares the users that Roster finds by 5,000 random filters with those that
// scim2-parse-filter, another implementation of RFC 7644, finds among all users, and
// which of 1,000 damaged filters both refuse. The argument is the URL of a server.
import axios from "axios";
import { filter as matcher, parse } from "scim2-parse-filter";

type User = Record<string, string | number | boolean | null>;
type Page = { count: number; next: string | null; results: User[] };

const api = axios.create({ baseURL: process.argv[2], headers: { Authorization: `Bearer ${process.env.ROSTER_TOKEN}` }, validateStatus: null });

function check(holds: unknown, what: string): asserts holds {
	if (!holds) throw new Error("filter: " + what);
}

// The same numbers in each run (mulberry32).
let seed = 42;
function below(n: number): number {
	seed = (seed + 0x6d2b79f5) | 0;
	let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = <T>(all: readonly T[]): T => all[below(all.length)]!;

const names = ["Ann", "ann", "Zoë", "O'Neil", 'say "hi"', "100%", "a_b", "[x]*", "ß", "王", "  x", "\u{1F600}", "(and)", null, ""];
for (let n = 0; n < 60; n++) {
	const made = await api.post("/api/users/", {
		username: `filter-${n}`, email: `filter-${n}@${pick(["example.com", "example.org"])}`, first_name: pick(names), last_name: pick(names), address: pick(names), is_active: n % 3 > 0,
	});
	check(made.status === 201, `creating a user: ${JSON.stringify(made.data)}`);
}
const users: User[] = [];
for (let url: string | null = "/api/users/?ordering=id"; url; ) {
	const page: Page = (await api.get(url)).data;
	users.push(...page.results);
	url = page.next;
}
const varied = users.filter(user => String(user.username).startsWith("filter-"));

function part(text: string): string {
	const letters = [...text];
	const from = below(letters.length + 1);
	return letters.slice(from, from + 1 + below(letters.length)).join("");
}

// A comparison with what some user has, or a part of it. Present differs: for RFC 7644
// an empty text is not present. Order of texts differs: JavaScript compares UTF-16.
function comparison(): string {
	const user = pick(varied);
	const field = pick(["username", "email", "first_name", "last_name", "address", "is_active", "id", "created_at"]);
	const value = user[field]!;
	switch (typeof value) {
		case "boolean":
			return `${field} ${pick(["eq", "ne"])} ${value}`;
		case "number":
			return `${field} ${pick(["eq", "ne", "gt", "ge", "lt", "le"])} ${value}`;
		case "string":
			if (field === "created_at") return `${field} ${pick(["eq", "ne", "gt", "ge", "lt", "le"])} ${JSON.stringify(value)}`;
			return below(3) ? `${field} ${pick(["co", "sw", "ew"])} ${JSON.stringify(part(value))}` : `${field} ${pick(["eq", "ne"])} ${JSON.stringify(value)}`;
	}
	return `${field} ${pick(["eq", "ne"])} null`;
}

function condition(depth: number): string {
	switch (depth ? below(6) : 5) {
		case 0: return `not (${condition(depth - 1)})`;
		case 1: return `(${condition(depth - 1)}) and ${condition(depth - 1)}`;
		case 2: return `${condition(depth - 1)} or ${condition(depth - 1)}`;
		case 3: return `${condition(depth - 1)} and (${condition(depth - 1)} or ${condition(depth - 1)})`;
	}
	return comparison();
}

const found = async (filter: string) => api.get<Page>("/api/users/", { params: { filter, ordering: "id" } });

async function compare(filter: string): Promise<void> {
	const want = users.filter(matcher(parse(filter)));
	const { status, data } = await found(filter);
	check(status === 200, `${filter}: ${status} ${JSON.stringify(data)}`);
	const ids = data.results.map(user => user.id);
	check(data.count === want.length, `${filter}: found ${data.count} users, want ${want.length}`);
	check(ids.join() === want.slice(0, ids.length).map(user => user.id).join(), `${filter}: found ${ids}`);
}

function isRefused(filter: string): boolean {
	try {
		parse(filter);
		return false;
	} catch {
		return true;
	}
}

for (let n = 0; n < 5000; n += 10) await Promise.all(Array.from({ length: 10 }, () => compare(condition(3))));

let refused = 0;
for (let n = 0; n < 1000; n++) {
	const tokens = condition(2).match(/"(?:[^"\\]|\\.)*"|[()]|[^\s()]+/g)!;
	tokens.splice(below(tokens.length), 1);
	const damaged = tokens.join(" ");
	if (damaged.includes("not") || !damaged) continue; // the other accepts "not" without parentheses
	const { status } = await found(damaged);
	check((status === 400) === isRefused(damaged), `${damaged}: ${status}`);
	if (status === 400) refused++;
}
check(refused > 100, `only ${refused} damaged filters were refused`);
