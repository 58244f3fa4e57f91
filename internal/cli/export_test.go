package cli

// ReportText writes a report of takeover --check for people.
var ReportText = reportText
