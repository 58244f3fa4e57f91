package mysql

// What the tests look into.
var (
	FaultOf      = faultOf
	IsRepeatable = isRepeatable
	IsAway       = isAway
	Lifetime     = lifetime
	CheckVersion = checkVersion
	CheckSession = checkSession
)

// RefusalAt is Refusal of a database that was not opened.
func RefusalAt(o Options, err error) error { return (&Engine{options: o.withDefaults()}).Refusal(err) }

// UnknownOutcome wraps the error of a COMMIT.
func UnknownOutcome(err error) error { return outcomeError{err} }
