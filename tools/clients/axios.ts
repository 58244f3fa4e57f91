// Creates 1,000 users with axios and an API token, and lists them page by page. The
// argument is the URL of a server.
import axios from "axios";

const api = axios.create({ baseURL: process.argv[2], headers: { Authorization: `Bearer ${process.env.ROSTER_TOKEN}` } });

function check(holds: unknown, what: string): asserts holds {
	if (!holds) throw new Error("axios: " + what);
}

const refused = await axios.get("/api/users/", { baseURL: process.argv[2], validateStatus: null });
check(refused.status === 403 && refused.data.detail, "listing users without a token");

const count = 1000;
for (let first = 0; first < count; first += 50) {
	const batch = Array.from({ length: 50 }, (_, n) => `reader-${first + n}`);
	await Promise.all(batch.map(username => api.post("/api/users/", { username, email: `${username}@example.com` })));
}
const names = new Set<string>();
for (let url: string | null = "/api/users/"; url; ) {
	const page: { next: string | null; results: { username: string }[] } = (await api.get(url)).data;
	for (const user of page.results) names.add(user.username);
	url = page.next;
}
check(names.size === count, `listing ${names.size} users`);
