package mysql

import "roster/internal/metrics"

var (
	mostFigure   = metrics.NewGauge("roster_mysql_pool_limit", "Maximum number of connections to a server.", "server")
	openFigure   = metrics.NewGauge("roster_mysql_pool_open", "Open connections to a server.", "server")
	inUseFigure  = metrics.NewGauge("roster_mysql_pool_in_use", "Connections to a server in use.", "server")
	waitsFigure  = metrics.NewCounter("roster_mysql_pool_waits_total", "Calls that waited for a connection to a server.", "server")
	waitedFigure = metrics.NewCounter("roster_mysql_pool_wait_seconds_total", "Total time that calls waited for a connection to a server.", "server")
)

// Figures reports the metrics of the pools.
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
