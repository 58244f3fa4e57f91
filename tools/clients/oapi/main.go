// Command oapi runs the story of a user with the client that oapi-codegen
// generates. Its argument is the URL of a server.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"

	"clients/gen/oapi"
)

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "oapi-codegen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string) error {
	c, err := oapi.NewClientWithResponses(url, oapi.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+os.Getenv("ROSTER_TOKEN"))
		return nil
	}))
	if err != nil {
		return err
	}
	invalid, err := c.UsersCreateWithResponse(ctx, nil, oapi.UserInput{Username: "a", Email: "oapi@example.com"})
	if err != nil {
		return err
	}
	if invalid.JSON400 == nil {
		return fmt.Errorf("creating an invalid user: %s", invalid.Status())
	}
	if faults, err := invalid.JSON400.AsFieldErrors(); err != nil || faults.Username == nil {
		return fmt.Errorf("creating an invalid user: %+v, %v", faults, err)
	}
	created, err := c.UsersCreateWithResponse(ctx, nil, oapi.UserInput{Username: "oapi", Email: "oapi@example.com"})
	if err != nil {
		return err
	}
	if created.JSON201 == nil || created.JSON201.Username != "oapi" || created.JSON201.CreatedAt == nil {
		return fmt.Errorf("creating a user: %s %s", created.Status(), created.Body)
	}
	search := "oapi"
	listed, err := c.UsersListWithResponse(ctx, &oapi.UsersListParams{Search: &search})
	if err != nil {
		return err
	}
	if listed.JSON200 == nil || listed.JSON200.Count == nil || *listed.JSON200.Count != 1 || listed.JSON200.Results[0].Email != "oapi@example.com" {
		return fmt.Errorf("listing users: %s %s", listed.Status(), listed.Body)
	}
	if err := change(ctx, c, *created.JSON201.Id, created.HTTPResponse.Header.Get("ETag")); err != nil {
		return err
	}
	return list(ctx, c)
}

// list lists the 1,000 users page by page.
func list(ctx context.Context, c *oapi.ClientWithResponses) error {
	names := map[string]bool{}
	for n := 1; ; n++ {
		number := strconv.Itoa(n)
		page, err := c.UsersListWithResponse(ctx, &oapi.UsersListParams{Page: &number})
		if err != nil {
			return err
		}
		if page.JSON200 == nil {
			return fmt.Errorf("listing users: %s", page.Status())
		}
		for _, user := range page.JSON200.Results {
			names[user.Username] = true
		}
		if page.JSON200.Next == nil {
			break
		}
	}
	if len(names) != 1000 {
		return fmt.Errorf("listing %d users", len(names))
	}
	return nil
}

// change changes the user twice with one version, and deletes it.
func change(ctx context.Context, c *oapi.ClientWithResponses, id int64, tag string) error {
	phone := "1"
	for _, want := range []int{http.StatusOK, http.StatusPreconditionFailed} {
		changed, err := c.UsersPartialUpdateWithResponse(ctx, id, &oapi.UsersPartialUpdateParams{IfMatch: &tag}, oapi.UserPatch{Phone: &phone})
		if err != nil {
			return err
		}
		if changed.StatusCode() != want || want == http.StatusOK && *changed.JSON200.Phone != phone {
			return fmt.Errorf("changing the user: %s, want %d", changed.Status(), want)
		}
	}
	deleted, err := c.UsersDeleteWithResponse(ctx, id, nil)
	if err != nil {
		return err
	}
	if deleted.StatusCode() != http.StatusNoContent {
		return fmt.Errorf("deleting the user: %s", deleted.Status())
	}
	gone, err := c.UsersReadWithResponse(ctx, id, nil)
	if err != nil {
		return err
	}
	if gone.JSON404 == nil || gone.JSON404.Detail != "Not found." {
		return fmt.Errorf("reading the deleted user: %s", gone.Status())
	}
	tasks, err := c.TasksListWithResponse(ctx, nil)
	if err != nil {
		return err
	}
	if tasks.JSON403 == nil || tasks.JSON403.Detail == "" { // beyond the scope of the token
		return fmt.Errorf("listing tasks: %s %s", tasks.Status(), tasks.Body)
	}
	return nil
}
