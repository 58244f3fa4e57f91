package form

// What the tests of package form_test look at beneath the exported rules.
var (
	FormatFloat = formatFloat
)
