// Runs the story of a user with openapi-fetch and the types that
// openapi-typescript generates. The argument is the URL of a server.
import createClient from "openapi-fetch";
import type { components, paths } from "./gen/types.js";

type User = components["schemas"]["User"];

const headers = { Authorization: `Bearer ${process.env.ROSTER_TOKEN}` };
const client = createClient<paths>({ baseUrl: process.argv[2], headers });

function check(holds: unknown, what: string): asserts holds {
	if (!holds) throw new Error("openapi-typescript: " + what);
}

const invalid = await client.POST("/api/users/", { body: { username: "a", email: "fetch@example.com" } });
check(invalid.response.status === 400 && invalid.error && "username" in invalid.error, "creating an invalid user");

const created = await client.POST("/api/users/", { body: { username: "fetch", email: "fetch@example.com" } });
const user: User | undefined = created.data; // no union with the text of a page
check(user && user.username === "fetch" && user.created_at !== null, "creating a user");

const listed = await client.GET("/api/users/", { params: { query: { search: "fetch" } } });
check(listed.data?.count === 1 && listed.data.results[0]!.id === user.id, "listing users");

const path = { id: user.id };
const tag = created.response.headers.get("ETag") ?? "";
for (const want of [200, 412]) {
	const changed = await client.PATCH("/api/users/{id}/", { params: { path, header: { "If-Match": tag } }, body: { phone: "1" } });
	check(changed.response.status === want, `changing the user: ${changed.response.status}`);
}
const deleted = await client.DELETE("/api/users/{id}/", { params: { path } });
check(deleted.response.status === 204, "deleting the user");
const gone = await client.GET("/api/users/{id}/", { params: { path } });
check(gone.error?.detail === "Not found.", "reading the deleted user");
const tasks = await client.GET("/api/tasks/");
check(tasks.response.status === 403 && tasks.error?.detail, "listing tasks, which is beyond the scope of the token");

const names = new Set<string>();
for (let page = 1; ; page++) {
	const users = await client.GET("/api/users/", { params: { query: { page: String(page) } } });
	for (const user of users.data?.results ?? []) names.add(user.username);
	if (!users.data?.next) break;
}
check(names.size === 1000, `listing ${names.size} users`);
