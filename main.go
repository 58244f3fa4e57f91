// Command roster is a user management system: REST API, pages and background work in one binary.
package main

import (
	"context"
	"os"

	"roster/internal/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), os.Args[1:], os.Environ(), cli.Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
