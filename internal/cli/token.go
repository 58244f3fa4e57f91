package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"roster/internal/auth"
	"roster/internal/fault"
	"roster/internal/server"
)

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Create an API token for an account, and print it."`
	List   tokenListCommand   `cmd:"" help:"List API tokens."`
	Revoke tokenRevokeCommand `cmd:"" help:"Revoke an API token."`
}

type tokenCreateCommand struct {
	Account string       `arg:"" help:"The username of the account that the token acts as."`
	Name    string       `required:"" help:"What the token is for." placeholder:"NAME"`
	Scope   []auth.Scope `help:"Limit the token to users:read, users:write, tasks:read or tasks:write; may be repeated. Without it the token has all permissions of the account." placeholder:"SCOPE"`
	Expires string       `default:"90d" help:"Lifetime in days or hours, such as 90d or 12h, or never (${default})." placeholder:"TIME"`
}

// Validate rejects unknown scopes and an invalid lifetime.
func (c *tokenCreateCommand) Validate() error {
	for _, scope := range c.Scope {
		if scope.Label() == "" {
			return fmt.Errorf("--scope: %q is not a scope; use %s", scope, strings.ReplaceAll(auth.AllScopes().String(), " ", ", "))
		}
	}
	_, err := parseLife(c.Expires)
	return err
}

// Run prints the token alone on standard output, and what it is on standard error.
func (c *tokenCreateCommand) Run(ctx context.Context, env *environment) error {
	life, err := parseLife(c.Expires)
	if err != nil {
		return err
	}
	return env.withServices(ctx, func(s *server.Services) error {
		account, err := findAccount(ctx, s, c.Account)
		if err != nil {
			return err
		}
		t, text, err := s.Tokens.Create(ctx, cliActor(), account.ID, auth.NewAPIToken{Name: c.Name, Scopes: c.Scope, Life: life})
		if err != nil {
			return err
		}
		fmt.Fprintf(env.Err, "Created token %d of %s, which expires %s. It is not shown again.\n", t.ID, account.Username, expiry(t))
		_, err = fmt.Fprintln(env.Out, text.Reveal())
		return err
	})
}

// findAccount returns the account of that username.
func findAccount(ctx context.Context, s *server.Services, username string) (auth.Account, error) {
	account, err := s.Accounts.FindNamed(ctx, cliActor(), username)
	if fault.KindOf(err) == fault.NotFound {
		err = fmt.Errorf("user %q does not exist", username)
	}
	return account, err
}

// parseLife parses a lifetime; 0 stands for never.
func parseLife(text string) (time.Duration, error) {
	if text == "never" {
		return 0, nil
	}
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			if n, err := strconv.ParseUint(number, 10, 16); err == nil && n > 0 {
				return time.Duration(n) * length, nil
			}
		}
	}
	return 0, fmt.Errorf("--expires: %q is not a lifetime such as 90d, 12h or never", text)
}

func expiry(t auth.APIToken) string {
	if t.ExpiresAt.IsZero() {
		return "never"
	}
	return t.ExpiresAt.Format(shownTime)
}

type tokenListCommand struct {
	Account string `arg:"" optional:"" help:"The username of an account; without it, the tokens of all accounts are listed."`
}

// Run prints a line for each token.
func (c *tokenListCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		var account auth.Account
		if c.Account != "" {
			var err error
			if account, err = findAccount(ctx, s, c.Account); err != nil {
				return err
			}
		}
		tokens, err := s.Tokens.List(ctx, cliActor(), account.ID)
		if err != nil {
			return err
		}
		owners, err := ownersOf(ctx, s, tokens)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tACCOUNT\tNAME\tTOKEN\tSCOPES\tEXPIRES (UTC)\tLAST USED (UTC)\tFROM")
		for _, t := range tokens {
			fmt.Fprintf(table, "%d\t%s\t%s\t%s…\t%s\t%s\t%s\t%s\n", t.ID, owners[t.Account], t.Name, t.Hint, scopeList(t), expiry(t), lastUse(t), t.UsedFrom)
		}
		return table.Flush()
	})
}

// ownersOf returns the usernames of the accounts of tokens, by id.
func ownersOf(ctx context.Context, s *server.Services, tokens []auth.APIToken) (map[int64]string, error) {
	owners := map[int64]string{}
	for _, t := range tokens {
		if _, known := owners[t.Account]; known {
			continue
		}
		account, _, err := s.Accounts.Find(ctx, cliActor(), t.Account)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return nil, err
		}
		owners[t.Account] = account.Username
	}
	return owners, nil
}

func scopeList(t auth.APIToken) string {
	if len(t.Scopes) == 0 {
		return "all"
	}
	return strings.ReplaceAll(t.Scopes.String(), " ", ",")
}

func lastUse(t auth.APIToken) string {
	if t.UsedAt.IsZero() {
		return "never"
	}
	return t.UsedAt.Format(shownTime)
}

type tokenRevokeCommand struct {
	ID int64 `arg:"" help:"The ID of the token, as in the list."`
}

// Run revokes a token.
func (c *tokenRevokeCommand) Run(ctx context.Context, env *environment) error {
	return env.withServices(ctx, func(s *server.Services) error {
		err := s.Tokens.Revoke(ctx, cliActor(), c.ID)
		if fault.KindOf(err) == fault.NotFound {
			return errors.New("there is no token " + strconv.FormatInt(c.ID, 10))
		}
		if err == nil {
			_, err = fmt.Fprintf(env.Out, "Revoked token %d\n", c.ID)
		}
		return err
	})
}
