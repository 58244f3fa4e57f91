package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"text/tabwriter"
)

// compareCredentials adds a line for each kind of credential: how often a user is
// read with it, against how often without one.
func compareCredentials(ctx context.Context, binary, dir string, table *tabwriter.Writer, contests []contest) error {
	headers := map[engine]map[string]string{}
	for _, c := range contests {
		environ := environment(c.engine, dir)
		if err := addAccount(ctx, binary, environ, "caller"); err != nil {
			return err
		}
		token, err := command(ctx, binary, environ, "token", "create", "caller", "--name", "bench")
		if err != nil {
			return err
		}
		headers[c.engine] = map[string]string{
			"an API token": "Authorization: Bearer " + token + "\r\n",
			"HTTP Basic":   "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("caller:"+adminPassword)) + "\r\n",
		}
	}
	for _, kind := range []string{"an API token", "HTTP Basic"} {
		name := fmt.Sprintf("one user with %s, against none", kind)
		err := printLine(table, name, contests, func(c contest) (result, error) {
			r := read{what: oneUser, draw: func() int { return 1 + rand.IntN(c.o.users) }}
			anonymous := rosterReads(ctx, c.server.address, r, c.o)
			r.authorization = headers[c.engine][kind]
			return measure(c.o.rounds, rosterReads(ctx, c.server.address, r, c.o), anonymous)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
