package server

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// followHangups reads the settings again at each SIGHUP until stop is called, and
// applies LOG_LEVEL and LOG_LEVELS. Other settings take effect at a restart.
func (r *runner) followHangups() (stop func()) {
	if r.Reload == nil {
		return func() {}
	}
	hangups, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(hangups, syscall.SIGHUP)
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-hangups:
				r.reload()
			case <-done:
				return
			}
		}
	})
	return func() {
		signal.Stop(hangups)
		close(done)
		group.Wait()
	}
}

// reload applies the log levels of the settings as they are now.
func (r *runner) reload() {
	log := r.logger("server")
	conf, err := r.Reload()
	if err == nil {
		err = conf.Validate("")
	}
	if err != nil {
		log.Error("settings were not read again", "cause", err)
		return
	}
	r.logs.SetLevels(conf.LogLevel.Level(), conf.LogLevels)
	log.Info("log levels were read again", "level", conf.LogLevel.Level(), "levels", conf.LogLevels)
}
