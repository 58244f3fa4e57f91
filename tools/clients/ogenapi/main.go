// Command ogenapi runs the story of a user with the client that ogen generates.
// Its argument is the URL of a server.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/ogen-go/ogen/ogenerrors"

	"clients/gen/ogenapi"
)

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "ogen:", err)
		os.Exit(1)
	}
}

// token signs in with an API token.
type token string

func (t token) APIToken(context.Context, ogenapi.OperationName) (ogenapi.APIToken, error) {
	return ogenapi.APIToken{Token: string(t)}, nil
}

func (token) Basic(context.Context, ogenapi.OperationName) (ogenapi.Basic, error) {
	return ogenapi.Basic{}, ogenerrors.ErrSkipClientSecurity
}

func (token) Jwt(context.Context, ogenapi.OperationName) (ogenapi.Jwt, error) {
	return ogenapi.Jwt{}, ogenerrors.ErrSkipClientSecurity
}

func (token) Session(context.Context, ogenapi.OperationName) (ogenapi.Session, error) {
	return ogenapi.Session{}, ogenerrors.ErrSkipClientSecurity
}

func run(ctx context.Context, url string) error {
	c, err := ogenapi.NewClient(url, token(os.Getenv("ROSTER_TOKEN")))
	if err != nil {
		return err
	}
	invalid, err := c.UsersCreate(ctx, &ogenapi.UsersCreateApplicationJSON{Username: "abc", Email: "nonsense"}, ogenapi.UsersCreateParams{})
	if err != nil {
		return err
	}
	if refused, ok := invalid.(*ogenapi.BadRequest); !ok || !refused.IsFieldErrors() || len(refused.FieldErrors.Email) != 1 {
		return fmt.Errorf("creating an invalid user: %T %+v", invalid, invalid)
	}
	answer, err := c.UsersCreate(ctx, &ogenapi.UsersCreateApplicationJSON{Username: "ogen", Email: "ogen@example.com"}, ogenapi.UsersCreateParams{})
	if err != nil {
		return err
	}
	created, ok := answer.(*ogenapi.User)
	if !ok || created.Username != "ogen" || created.CreatedAt.Null {
		return fmt.Errorf("creating a user: %T %+v", answer, answer)
	}
	again, err := c.UsersCreate(ctx, &ogenapi.UsersCreateApplicationJSON{Username: "ogen", Email: "ogen@example.com"}, ogenapi.UsersCreateParams{})
	if err != nil {
		return err
	}
	if refused, ok := again.(*ogenapi.BadRequest); !ok || !refused.IsFieldErrors() || len(refused.FieldErrors.Username) != 1 {
		return fmt.Errorf("creating it again: %T %+v", again, again)
	}
	listed, err := c.UsersList(ctx, ogenapi.UsersListParams{Search: ogenapi.NewOptString("ogen")})
	if err != nil {
		return err
	}
	if page, ok := listed.(*ogenapi.UserPage); !ok || page.Count.Value != 1 || page.Results[0].Email != "ogen@example.com" {
		return fmt.Errorf("listing users: %T %+v", listed, listed)
	}
	if err := change(ctx, c, created.ID); err != nil {
		return err
	}
	return list(ctx, c)
}

// list lists the 1,000 users page by page.
func list(ctx context.Context, c *ogenapi.Client) error {
	names := map[string]bool{}
	for n := 1; ; n++ {
		answer, err := c.UsersList(ctx, ogenapi.UsersListParams{Page: ogenapi.NewOptString(strconv.Itoa(n))})
		if err != nil {
			return err
		}
		page, ok := answer.(*ogenapi.UserPage)
		if !ok {
			return fmt.Errorf("listing users: %T %+v", answer, answer)
		}
		for _, user := range page.Results {
			names[user.Username] = true
		}
		if page.Next.Null {
			break
		}
	}
	if len(names) != 1000 {
		return fmt.Errorf("listing %d users", len(names))
	}
	return nil
}

// change changes the user twice with one version, and deletes it.
func change(ctx context.Context, c *ogenapi.Client, id int64) error {
	answer, err := c.UsersRead(ctx, ogenapi.UsersReadParams{ID: id})
	if err != nil {
		return err
	}
	read, ok := answer.(*ogenapi.UserHeaders)
	if !ok || read.ETag.Value == "" {
		return fmt.Errorf("reading the user: %T %+v", answer, answer)
	}
	patch := &ogenapi.UsersPartialUpdateApplicationJSON{Phone: ogenapi.NewOptNilString("1")}
	params := ogenapi.UsersPartialUpdateParams{ID: id, IfMatch: read.ETag}
	first, err := c.UsersPartialUpdate(ctx, patch, params)
	if err != nil {
		return err
	}
	if changed, ok := first.(*ogenapi.UserHeaders); !ok || changed.Response.Phone.Value != "1" {
		return fmt.Errorf("changing the user: %T %+v", first, first)
	}
	second, err := c.UsersPartialUpdate(ctx, patch, params)
	if err != nil {
		return err
	}
	if _, ok := second.(*ogenapi.UsersPartialUpdatePreconditionFailed); !ok {
		return fmt.Errorf("changing the user with an old version: %T %+v", second, second)
	}
	deleted, err := c.UsersDelete(ctx, ogenapi.UsersDeleteParams{ID: id})
	if err != nil {
		return err
	}
	if _, ok := deleted.(*ogenapi.UsersDeleteNoContent); !ok {
		return fmt.Errorf("deleting the user: %T %+v", deleted, deleted)
	}
	tasks, err := c.TasksList(ctx, ogenapi.TasksListParams{})
	if err != nil {
		return err
	}
	if refused, ok := tasks.(*ogenapi.TasksListForbidden); !ok || refused.Detail == "" { // beyond the scope of the token
		return fmt.Errorf("listing tasks: %T %+v", tasks, tasks)
	}
	return nil
}
