package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/phrase"
	"roster/internal/server"
)

type trashCommand struct {
	List    trashListCommand    `cmd:"" help:"List deleted users, the last deleted first."`
	Restore trashRestoreCommand `cmd:"" help:"Restore deleted users, with every field."`
	Empty   trashEmptyCommand   `cmd:"" help:"Delete the users in the trash for good."`
}

type trashListCommand struct {
	Search string `help:"Only users with these words in their name or address." placeholder:"WORDS"`
	Limit  int    `default:"20" help:"Maximum number of users (${default})." placeholder:"N"`
}

// Validate rejects an invalid limit.
func (c *trashListCommand) Validate() error {
	if c.Limit < 1 {
		return fmt.Errorf("--limit: %d is not positive", c.Limit)
	}
	return nil
}

// Run prints a line for each user.
func (c *trashListCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		users, err := s.Trash.List(ctx, cliActor(), c.Search, 0, c.Limit)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(env.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tUSERNAME\tEMAIL\tDELETED\tBY\tDOOR")
		for _, u := range users {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", u.ID, u.Username, u.Email, u.At.Format(shownTime), u.Actor, u.Door)
		}
		return w.Flush()
	})
}

type trashRestoreCommand struct {
	IDs      []int64 `arg:"" name:"id" help:"Ids of the users."`
	Username string  `help:"Restore one user with this username." placeholder:"NAME"`
	Email    string  `help:"Restore one user with this e-mail address." placeholder:"ADDRESS"`
}

// Validate rejects a new name for several users.
func (c *trashRestoreCommand) Validate() error {
	if len(c.IDs) > 1 && (c.Username != "" || c.Email != "") {
		return errors.New("--username and --email: give one id")
	}
	return nil
}

// Run restores each user, and fails if one cannot be restored.
func (c *trashRestoreCommand) Run(ctx context.Context, env *environment) error {
	in := form.Input{}
	for name, value := range map[string]string{"username": c.Username, "email": c.Email} {
		if value != "" {
			in[name] = form.Value{Kind: form.String, Text: value}
		}
	}
	return env.withServices(ctx, func(s *server.Services) error {
		var failed []error
		for _, id := range c.IDs {
			u, err := s.Trash.Restore(ctx, cliActor(), id, in)
			if fault.KindOf(err) == fault.NotFound {
				err = errors.New("it is not in the trash")
			}
			if err != nil {
				failed = append(failed, fmt.Errorf("user %d: %s", id, strings.ReplaceAll(explained(err).Error(), "\n", " ")))
				continue
			}
			fmt.Fprintf(env.Out, "Restored user %d, %s.\n", u.ID, u.Username)
		}
		return errors.Join(failed...)
	})
}

type trashEmptyCommand struct {
	OlderThan string `default:"0d" help:"Only users that were deleted longer ago, in days or hours such as 30d or 12h (${default})." placeholder:"TIME"`
}

// Validate rejects an invalid age.
func (c *trashEmptyCommand) Validate() error {
	_, err := c.age()
	return err
}

func (c *trashEmptyCommand) age() (time.Duration, error) {
	if c.OlderThan == "0d" {
		return 0, nil
	}
	age, err := parseLife(c.OlderThan)
	if err != nil || age == 0 {
		return 0, fmt.Errorf("--older-than: %s is not a time such as 30d or 12h", strconv.Quote(c.OlderThan))
	}
	return age, nil
}

// Run deletes the users for good.
func (c *trashEmptyCommand) Run(ctx context.Context, env *environment) error {
	age, err := c.age()
	if err != nil {
		return err
	}
	return env.withServices(ctx, func(s *server.Services) error {
		n, err := s.Trash.Empty(ctx, cliActor(), time.Now().Add(-age))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Out, "Deleted %s for good.\n", phrase.Count(n, "user"))
		return err
	})
}
