package httpkit

// Buckets returns the number of accounts and addresses that are kept.
func Buckets(t *Throttle) int { return len(t.buckets) }
