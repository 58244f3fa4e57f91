package user

// What the tests of package user_test look at beneath the exported rules.
var (
	FormatFloat = formatFloat
)
