package mysql

import "roster/internal/metrics"

var (
	mostMetric   = metrics.NewGauge("roster_mysql_pool_limit", "Maximum number of connections to a server.", "server")
	openMetric   = metrics.NewGauge("roster_mysql_pool_open", "Open connections to a server.", "server")
	inUseMetric  = metrics.NewGauge("roster_mysql_pool_in_use", "Connections to a server in use.", "server")
	waitsMetric  = metrics.NewCounter("roster_mysql_pool_waits_total", "Calls that waited for a connection to a server.", "server")
	waitedMetric = metrics.NewCounter("roster_mysql_pool_wait_seconds_total", "Total time that calls waited for a connection to a server.", "server")
)

// ReportMetrics reports the metrics of the pools.
func (e *Engine) ReportMetrics(show metrics.Show) {
	e.reportMetrics(show)
	for _, r := range e.replicas {
		r.reportMetrics(show)
	}
}

func (s *server) reportMetrics(show metrics.Show) {
	stats, address := s.db.Stats(), s.options.address()
	show(mostMetric, float64(stats.MaxOpenConnections), address)
	show(openMetric, float64(stats.OpenConnections), address)
	show(inUseMetric, float64(stats.InUse), address)
	show(waitsMetric, float64(stats.WaitCount), address)
	show(waitedMetric, stats.WaitDuration.Seconds(), address)
}
