package sqlite

import (
	"os"

	"roster/internal/metrics"
)

var (
	readersFigure = metrics.NewGauge("roster_sqlite_readers", "Read connections.")
	busyFigure    = metrics.NewGauge("roster_sqlite_readers_in_use", "Read connections in use.")
	waitingFigure = metrics.NewGauge("roster_sqlite_writes_waiting", "Writes waiting for the writer or the commit.")
	sizeFigure    = metrics.NewGauge("roster_sqlite_file_bytes", "Size of the database and its write-ahead log.", "file")
)

// Figures reports the metrics of connections and files.
func (s *Engine) Figures(show metrics.Show) {
	show(readersFigure, float64(cap(s.readers)))
	show(busyFigure, float64(cap(s.readers)-len(s.readers)))
	show(waitingFigure, float64(s.waiting.Load()))
	for label, path := range map[string]string{"database": s.path, "wal": s.path + "-wal"} {
		if info, err := os.Stat(path); err == nil {
			show(sizeFigure, float64(info.Size()), label)
		}
	}
}
