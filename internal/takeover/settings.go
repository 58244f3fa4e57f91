package takeover

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"roster/internal/finding"
)

// settingRule looks at one variable of a MySQL server. It returns what is
// wrong, or "".
type settingRule struct {
	variable string
	severity finding.Severity
	wrong    func(value string, all map[string]string) (detail string)
	remedy   string
}

// minPacket is the least that one statement of Roster's may need, in bytes.
const minPacket = 1 << 20

// settingRules are the variables that would hurt, and how. See the MySQL
// Reference Manual, "Server System Variables".
func settingRules(recycle time.Duration) []settingRule {
	return []settingRule{
		{"read_only", finding.Error, isOn("The server takes no changes: it is a replica, or was made read-only."),
			"Point DB_HOST at the primary. On a replica that you look at on purpose this is expected."},
		{"innodb_flush_log_at_trx_commit", finding.Warning, isNot("1", "A user whose creation was answered may be gone after a power loss."),
			"Set it to 1, MySQL's default."},
		{"sync_binlog", finding.Warning, syncBinlog, "Set it to 1, MySQL's default."},
		{"sql_mode", finding.Warning, notStrict, "Add STRICT_TRANS_TABLES, MySQL's default."},
		{"max_allowed_packet", finding.Warning, smallPacket, "Set it to 16M or more."},
		{"wait_timeout", finding.Info, func(value string, _ map[string]string) string { return shortWait(value, recycle) },
			"Nothing, or set DB_POOL_RECYCLE below it."},
		{"time_zone", finding.Info, notUTC, ""},
		{"lower_case_table_names", finding.Info, foldedNames, ""},
		{"character_set_database", finding.Info, isNot("utf8mb4", "Tables that are made without a character set get it. Those of Roster name theirs."),
			"ALTER DATABASE … CHARACTER SET utf8mb4."},
	}
}

// JudgeServer tells which variables of a MySQL server would hurt, however the
// database came to be. recycle is DB_POOL_RECYCLE. Variables that are missing
// are not judged.
func JudgeServer(variables map[string]string, recycle time.Duration) (found finding.List) {
	for _, rule := range settingRules(recycle) {
		value, known := variables[rule.variable]
		if !known {
			continue
		}
		detail := rule.wrong(value, variables)
		if detail == "" {
			continue
		}
		found = append(found, finding.Finding{
			ID: "mysql." + rule.variable, Severity: rule.severity, Title: rule.variable + " is " + shown(value),
			Detail: detail, Remedy: rule.remedy, Count: 1,
		})
	}
	return found
}

func shown(value string) string {
	if value == "" {
		return "empty"
	}
	return value
}

func isNot(wanted, detail string) func(string, map[string]string) string {
	return func(value string, _ map[string]string) string {
		if value == wanted {
			return ""
		}
		return detail
	}
}

func isOn(detail string) func(string, map[string]string) string { return isNot("0", detail) }

func syncBinlog(value string, all map[string]string) string {
	if value == "1" || all["log_bin"] == "0" {
		return ""
	}
	return "The binary log, and with it the replicas, may lack after a power loss what was answered."
}

func notStrict(value string, _ map[string]string) string {
	if strings.Contains(value, "STRICT_") {
		return ""
	}
	return "Roster's own connections are strict. Django's, and other programs', may store texts cut off and dates that do not exist."
}

func smallPacket(value string, _ map[string]string) string {
	if n, err := strconv.ParseInt(value, 10, 64); err != nil || n >= minPacket {
		return ""
	}
	return "A user with a long address, or a batch of an import, needs up to 1 MiB at once and would be refused."
}

func shortWait(value string, recycle time.Duration) string {
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil || time.Duration(seconds)*time.Second >= recycle {
		return ""
	}
	return fmt.Sprintf("The server closes connections before DB_POOL_RECYCLE (%d s) is over. Roster sees it and replaces them earlier.", int64(recycle/time.Second))
}

func notUTC(value string, all map[string]string) string {
	if value == "+00:00" || value == "UTC" || value == "SYSTEM" && all["system_time_zone"] == "UTC" {
		return ""
	}
	return "Roster and Django store UTC whatever it is, and set it on their connections. Other programs that use NOW() store local times."
}

func foldedNames(value string, _ map[string]string) string {
	if value == "0" {
		return ""
	}
	return "The server does not tell table names apart by case. All that Roster uses are in lower case."
}
