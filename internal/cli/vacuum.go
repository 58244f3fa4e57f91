package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"roster/internal/config"
	"roster/internal/phrase"
	"roster/internal/server"
	"roster/internal/store"
)

type vacuumCommand struct {
	Full bool `help:"Rebuild the file. Needed once for a file that Django or an older version made. Writes wait meanwhile, and it needs as much free space as the data takes."`
}

// Run returns the free pages of the SQLite file to the file system.
func (c *vacuumCommand) Run(ctx context.Context, env *environment) error {
	ctx, release := untilSignal(ctx, server.DrainLimit, env.Err)
	defer release()
	conf, err := env.validSettings()
	if err != nil {
		return err
	}
	if conf.DBEngine != config.SQLite {
		return errors.New("vacuum is for SQLite; MySQL reuses the space of deleted rows, and OPTIMIZE TABLE returns it")
	}
	before, err := os.Stat(conf.DBName)
	if err != nil {
		return fmt.Errorf("DB_NAME: there is no file %s", conf.DBName)
	}
	freed := int64(0)
	err = store.VacuumSQLite(ctx, conf.DBName, c.Full, func(returned, _ int64) { freed = returned })
	if errors.Is(err, store.ErrNotIncremental) {
		return fmt.Errorf("%w; roster vacuum --full rebuilds it once, and writes wait meanwhile", err)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Out, "returned %s of %s\n", phrase.Size(freed), phrase.Size(before.Size()))
	return err
}
