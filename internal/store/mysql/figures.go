package mysql

import "roster/internal/metrics"

var (
	mostFigure   = metrics.NewGauge("roster_mysql_pool_limit", "Connections to a server that may be open.", "server")
	openFigure   = metrics.NewGauge("roster_mysql_pool_open", "Connections to a server that are open.", "server")
	inUseFigure  = metrics.NewGauge("roster_mysql_pool_in_use", "Connections to a server that are in use.", "server")
	waitsFigure  = metrics.NewCounter("roster_mysql_pool_waits_total", "Calls that had to wait for a connection to a server.", "server")
	waitedFigure = metrics.NewCounter("roster_mysql_pool_wait_seconds_total", "How long calls have waited for a connection to a server.", "server")
)

// Figures shows what is known of the pools.
func (e *Engine) Figures(show metrics.Show) {
	e.figures(show)
	for _, r := range e.replicas {
		r.figures(show)
	}
}

func (s *server) figures(show metrics.Show) {
	stats, address := s.db.Stats(), s.options.address()
	show(mostFigure, float64(stats.MaxOpenConnections), address)
	show(openFigure, float64(stats.OpenConnections), address)
	show(inUseFigure, float64(stats.InUse), address)
	show(waitsFigure, float64(stats.WaitCount), address)
	show(waitedFigure, stats.WaitDuration.Seconds(), address)
}
