package sqlite

import (
	"os"

	"roster/internal/metrics"
)

var (
	readersMetric = metrics.NewGauge("roster_sqlite_readers", "Read connections.")
	busyMetric    = metrics.NewGauge("roster_sqlite_readers_in_use", "Read connections in use.")
	waitingMetric = metrics.NewGauge("roster_sqlite_writes_waiting", "Writes waiting for the writer or the commit.")
	sizeMetric    = metrics.NewGauge("roster_sqlite_file_bytes", "Size of the database and its write-ahead log.", "file")
)

// ReportMetrics reports the metrics of connections and files.
func (s *Engine) ReportMetrics(show metrics.Show) {
	show(readersMetric, float64(cap(s.readers)))
	show(busyMetric, float64(cap(s.readers)-len(s.readers)))
	show(waitingMetric, float64(s.waiting.Load()))
	for label, path := range map[string]string{"database": s.path, "wal": s.path + "-wal"} {
		if info, err := os.Stat(path); err == nil {
			show(sizeMetric, float64(info.Size()), label)
		}
	}
}
