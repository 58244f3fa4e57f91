// Runs the story of a user with the client that hey-api generates. The argument is
// the URL of a server.
import { client } from "./gen/hey/client.gen.js";
import { tasksList, usersCreate, usersDelete, usersList, usersPartialUpdate, usersRead } from "./gen/hey/sdk.gen.js";
import type { User } from "./gen/hey/types.gen.js";

client.setConfig({ baseUrl: process.argv[2] as `${string}://${string}`, auth: scheme => (scheme.scheme === "bearer" ? process.env.ROSTER_TOKEN : undefined) });

function check(holds: unknown, what: string): asserts holds {
	if (!holds) throw new Error("hey-api: " + what);
}

const invalid = await usersCreate({ body: { username: "a", email: "hey@example.com" } });
check(invalid.response?.status === 400 && invalid.error && "username" in invalid.error, "creating an invalid user");

const created = await usersCreate({ body: { username: "hey", email: "hey@example.com" } });
const user: User | undefined = created.data;
check(user && user.username === "hey" && user.created_at !== null, "creating a user");

const listed = await usersList({ query: { search: "hey" } });
check(listed.data?.count === 1 && listed.data.results[0]!.email === "hey@example.com", "listing users");

const path = { id: user.id! };
const tag = created.response?.headers.get("ETag") ?? "";
for (const want of [200, 412]) {
	const changed = await usersPartialUpdate({ path, headers: { "If-Match": tag }, body: { phone: "1" } });
	check(changed.response?.status === want, `changing the user: ${changed.response?.status}`);
}
check((await usersDelete({ path })).response?.status === 204, "deleting the user");
check((await usersRead({ path })).response?.status === 404, "reading the deleted user");
check((await tasksList()).response?.status === 403, "listing tasks, which is beyond the scope of the token");

const names = new Set<string>();
for (let page = 1; ; page++) {
	const users = await usersList({ query: { page: String(page) } });
	for (const user of users.data?.results ?? []) names.add(user.username);
	if (!users.data?.next) break;
}
check(names.size === 1000, `listing ${names.size} users`);
