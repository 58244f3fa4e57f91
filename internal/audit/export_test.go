package audit

// SealWithoutKey, ProveWithoutKey and ProveCutWithoutKey do what anyone can do.
func SealWithoutKey(before string, r *Row) string { return seal(nil, before, r) }

// ProveWithoutKey is prove.
func ProveWithoutKey(h Head) string { return prove(nil, h) }

// ProveCutWithoutKey is proveCut.
func ProveCutWithoutKey(cut Head) string { return proveCut(nil, cut) }
